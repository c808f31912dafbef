"""How a person likes their screens: theme, density and the page they land on."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import Invalid, NotFound
from dashapp.services import auditing
from dashapp.services.unit import reading, writing
from models import User

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
_LANDING = re.compile(r"/(?:[a-z][a-z0-9-]*(?:/[a-z0-9_-]+)*)?")


@dataclass(frozen=True)
class Preferences:
    """theme: system light dark; density: comfortable compact; landing: path of the first page after signing in."""

    theme: Literal["system", "light", "dark"] = "system"
    density: Literal["comfortable", "compact"] = "comfortable"
    landing: str = "/"


def read(saved: Mapping[str, Any]) -> Preferences:
    """Preferences from what was saved; whatever is missing or no longer known takes its default."""
    known = {k: saved[k] for k, fits in _FITS.items() if k in saved and fits(saved[k])}
    return Preferences(**known)


def load(actor: Actor) -> Preferences:
    """The actor's preferences."""
    actor.require(Role.EXECUTIVE)
    with reading() as session:
        user = session.get(User, actor.id or "", populate_existing=True)
        return read(user.preferences) if user else Preferences()


def landing_of(user_id: str) -> str:
    """The path a person lands on, before they are anybody's actor: asked while they sign in."""
    with reading() as session:
        user = session.get(User, user_id, populate_existing=True)
        return read(user.preferences).landing if user else "/"


def save(actor: Actor, preferences: Preferences, *, now: datetime) -> None:
    """The preferences are kept with the person. Raises Invalid for anything that is not a preference."""
    actor.require(Role.EXECUTIVE, token="account")
    wanted = asdict(preferences)
    if not all(fits(wanted[name]) for name, fits in _FITS.items()):
        raise Invalid("This is not a theme, density or page.")
    with writing() as session:
        user = session.get(User, actor.id or "")
        if user is None:
            raise NotFound("There is no such user.")
        before = dict(user.preferences)
        if before == wanted:
            return
        user.preferences = wanted
        auditing.record(actor, "preferences.save", user.email, before=before, after=wanted, now=now)


def _fits_landing(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 100 and _LANDING.fullmatch(value) is not None


_FITS = {
    "theme": lambda value: value in THEMES,
    "density": lambda value: value in DENSITIES,
    "landing": _fits_landing,
}
