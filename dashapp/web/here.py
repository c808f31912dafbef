"""What a page needs to ask a service: who acts, with which desk, at which moment. Fixed for one request."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from flask import current_app, g

from dashapp.core.actor import ANONYMOUS, Actor
from dashapp.core.filters import Filters, filters_from_query, not_after
from dashapp.services import organising
from dashapp.services.desk import Desk
from dashapp.services.preferences import Preferences, read
from dashapp.services.sessions import Seat
from dashapp.settings import Settings

DESK, CLOCK, SETTINGS = "ledgerline", "ledgerline.clock", "ledgerline.settings"


@dataclass(frozen=True)
class Here:
    actor: Actor
    desk: Desk
    now: datetime

    @property
    def today(self) -> date:
        """The organisation's business date."""
        return self.desk.organisation.today(self.now)

    def filters(self, query: Mapping[str, Any] | None) -> Filters:
        """The filter bar's state; moments are meant in the organisation's zone, and one to come is now."""
        organisation = self.desk.organisation
        return not_after(filters_from_query(query, organisation.timezone), self.now, organisation.words)


def here() -> Here:
    """The actor, the desk and the moment of this request."""
    return Here(current_actor(), current_desk(), current_moment())


def current_actor() -> Actor:
    """Who acts; nobody where no guard has looked yet."""
    return g.get("actor", ANONYMOUS)


def current_moment() -> datetime:
    """Aware UTC, the same throughout a request."""
    if "now" not in g:
        g.now = current_app.extensions[CLOCK]()
    return g.now


def current_desk() -> Desk:
    """The desk with the organisation's settings in force now."""
    if "desk" not in g:
        desk: Desk = current_app.extensions[DESK]
        g.desk = replace(desk, organisation=organising.current(desk.organisation)[0])
    return g.desk


def current_settings() -> Settings:
    return current_app.extensions[SETTINGS]


def current_preferences() -> Preferences:
    """How the person who is here likes it; the defaults for nobody."""
    seat: Seat | None = g.get("seat")
    return read(seat.preferences if seat else {})


def wall_clock() -> datetime:
    return datetime.now(UTC)


Clock = Callable[[], datetime]
