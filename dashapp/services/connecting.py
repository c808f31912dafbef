"""Connections to warehouses: added, tried, given a new secret and removed by admins. The URL is never shown again.

It is kept sealed, travels to the engine's driver only, and stands in no view, trail line, log or message.
"""
from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.connection import ConnectionView
from dashapp.core.errors import Conflict, Invalid, NotFound
from dashapp.services import auditing
from dashapp.services.desk import Desk
from dashapp.services.sealing import seal, unseal
from dashapp.services.unit import reading, writing
from models import ConnectionRow, DatasetRow, FeedRow, PlaceRow, public_id

if TYPE_CHECKING:
    from dashapp.facts.engines._pool import Line

_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
TEST_TIMEOUT = 8.0
REFRESH = (1, 24 * 60)  # minutes between two looks at the rows


def listing(actor: Actor) -> tuple[ConnectionView, ...]:
    """All connections by key, without their URLs. Admins, and analysts, who make datasets of their tables."""
    actor.require(Role.ANALYST)
    with reading() as session:
        rows = session.scalars(select(ConnectionRow).order_by(ConnectionRow.key)).all()
        return tuple(_view(session, row) for row in rows)


def add(actor: Actor, desk: Desk, key: str, url: str, *, now: datetime, name: str = "",
        refresh_minutes: int = 15) -> ConnectionView:
    """A connection is known from now on; nothing is asked over there yet. Admin.

    Raises Invalid for a key that is no word, a URL of an unknown kind and parameters that are not allowed; Conflict
    when the key is taken.
    """
    actor.require(Role.ADMIN, token="account")  # no token bears this scope: a secret is typed by a person
    if not _KEY.fullmatch(key or ""):
        raise Invalid("The name of a connection is a word of small letters, digits and underscores.")
    if not REFRESH[0] <= int(refresh_minutes) <= REFRESH[1]:
        raise Invalid(f"Rows are looked at anew every {REFRESH[0]} to {REFRESH[1]} minutes.")
    engine = _engine_of(url)
    with writing() as session:
        if session.scalar(select(ConnectionRow.id).where(ConnectionRow.key == key)):
            raise Conflict(f"There is a connection {key!r} already.")
        row = ConnectionRow(key=key, name=(name.strip() or key)[:200], engine=engine, stamp=public_id(), created_at=now,
                            sealed=seal(desk.secret, f"connection {key}", url.strip()), created_by=actor.email,
                            refresh_minutes=int(refresh_minutes))
        session.add(row)
        session.flush()
        auditing.record(actor, "connection.add", key, after={"engine": engine, "name": row.name}, now=now)
        return _view(session, row)


def rotate(actor: Actor, desk: Desk, key: str, url: str, *, now: datetime) -> ConnectionView:
    """The connection has another URL of the same engine: a new password, another host. Admin. Raises as `add`."""
    actor.require(Role.ADMIN, token="account")
    engine = _engine_of(url)
    with writing() as session:
        row = _row(session, key)
        if engine != row.engine:
            raise Invalid(f"{key} is a connection to {_label(row.engine)}; its datasets could not be read elsewhere.")
        row.sealed, row.stamp = seal(desk.secret, f"connection {key}", url.strip()), public_id()
        row.rotated_at, row.tested_at, row.trouble = now, None, ""
        auditing.record(actor, "connection.rotate", key, now=now)
        return _view(session, row)


def remove(actor: Actor, desk: Desk, key: str, *, now: datetime) -> None:
    """The connection and its secret are gone. Admin. Raises Conflict while datasets or feeds are read through it."""
    actor.require(Role.ADMIN, token="account")
    with writing() as session:
        row = _row(session, key)
        if used := _datasets(session, row):
            raise Conflict(f"{', '.join(used)} {'is' if len(used) == 1 else 'are'} read through {key}. "
                           "Delete what is read first.")
        reading_it = select(FeedRow.key).where(FeedRow.connection_id == row.id).order_by(FeedRow.key)
        if feeds := session.scalars(reading_it).all():
            raise Conflict(f"The {'feed' if len(feeds) == 1 else 'feeds'} {', '.join(feeds)} read through {key}. "
                           "Remove what reads first.")
        session.delete(row)
        auditing.record(actor, "connection.remove", key, before={"engine": row.engine}, now=now)
    desk.ledger.warehouses.forget(key)


def test(actor: Actor, desk: Desk, key: str, *, now: datetime) -> ConnectionView:
    """Ask the warehouse for its tables and keep what came of it. Admin."""
    from dashapp.facts.engines import Refused, Unreachable

    actor.require(Role.ADMIN, token="account")
    trouble = ""
    try:
        line(desk, key).warehouse.tables(timeout=TEST_TIMEOUT)  # past the breaker: somebody wants to know it now
    except (Refused, Unreachable, Conflict) as error:
        trouble = error.message
    with writing() as session:
        row = _row(session, key)
        row.tested_at, row.trouble = now, trouble
        return _view(session, row)


def line(desk: Desk, key: str) -> Line:
    """The open line to a connection's warehouse. For verbs that have asked permission. Raises NotFound, Conflict."""
    with reading() as session:
        row = _row(session, key)
        engine, stamp, sealed = row.engine, row.stamp, row.sealed
    return desk.ledger.warehouses.line(key, engine, stamp, lambda: unseal(desk.secret, f"connection {key}", sealed))


def _engine_of(url: str) -> str:
    """The engine of a URL that may be used. Only known kinds: no file, no address of a web page."""
    from dashapp.facts.engines import ENGINES, engine_of

    found = engine_of((url or "").strip())
    if found is None:
        raise Invalid("The URL of a warehouse begins with " + " or ".join(f"{e.schemes[0]}://" for e in ENGINES) + ".")
    try:
        found.check(url.strip())
    except ValueError:  # what urllib says of it repeats the URL
        raise Invalid("The URL cannot be read.") from None
    return found.name


def _row(session: Any, key: str) -> ConnectionRow:
    row = session.scalar(select(ConnectionRow).where(ConnectionRow.key == key))
    if row is None:
        raise NotFound(f"There is no connection {str(key)[:80]!r}.")
    return row


def _datasets(session: Any, row: ConnectionRow) -> tuple[str, ...]:
    found = select(DatasetRow.key).join(PlaceRow).where(PlaceRow.connection_id == row.id).order_by(DatasetRow.key)
    return tuple(session.scalars(found))


def _label(engine: str) -> str:
    from dashapp.facts.engines import ENGINES

    return ENGINES[engine].label if engine in ENGINES else engine


def _view(session: Any, row: ConnectionRow) -> ConnectionView:
    return ConnectionView(row.key, row.name, row.engine, _label(row.engine), row.refresh_minutes,
                          _datasets(session, row), row.created_at, row.created_by, row.rotated_at, row.tested_at,
                          row.trouble)
