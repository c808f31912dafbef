"""Metering calls of programs in the database, so that a limit holds over all workers.

A sliding window of two counters: the calls of this minute, and those of the last one by the share of it that still
lies within sixty seconds. Calls over the limit are not counted: a program that backs off gets through again.
"""
from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor
from dashapp.core.errors import TooMany
from dashapp.services.turns import take_turn
from dashapp.services.unit import reading, writing
from models import CallCount

SECONDS = 60
CALLS = 600


def meter(actor: Actor, *, now: datetime, limit: int = CALLS) -> int:
    """Count one call of the actor's token (or person); the calls that remain. Raises TooMany with `retry_after`."""
    caller = hashlib.sha256((actor.session or actor.id or actor.ip or "nobody").encode()).hexdigest()
    window, elapsed = divmod(now.timestamp(), SECONDS)
    with reading() as session:
        _within_limit(session, caller, int(window), elapsed, limit)
    with writing() as session:
        take_turn(session, f"calls {caller}")
        used = _within_limit(session, caller, int(window), elapsed, limit)
        if _count(session, caller, int(window)) == 1:
            session.execute(delete(CallCount).where(CallCount.window < int(window) - 1))
    return max(0, int(limit - used - 1))


def _within_limit(session: scoped_session[OrmSession], caller: str, window: int, elapsed: float, limit: int) -> float:
    query = select(CallCount.window, CallCount.calls).where(CallCount.caller == caller, CallCount.window >= window - 1)
    counts = {row.window: row.calls for row in session.execute(query)}
    before, during = counts.get(window - 1, 0), counts.get(window, 0)
    used = before * (1 - elapsed / SECONDS) + during
    if used + 1 > limit:
        wait = _wait(before, during, elapsed, limit)
        raise TooMany(f"More than {limit} calls a minute. Please try again in {wait} seconds.", retry_after=wait)
    return used


def _wait(before: int, during: int, elapsed: float, limit: int) -> int:
    """Whole seconds until one more call fits, when nothing is called meanwhile."""
    room = limit - 1
    later = during > room  # then it takes until the next window, in which this one fades
    moment = SECONDS * (2 - room / during) if later else SECONDS * (1 - (room - during) / before)
    return max(1, int(moment - elapsed) + 1)


def _count(session: scoped_session[OrmSession], caller: str, window: int) -> int:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(CallCount).values(caller=caller, window=window, calls=1)
    statement = statement.on_conflict_do_update(
        index_elements=[CallCount.caller, CallCount.window], set_={"calls": CallCount.calls + 1})
    return session.execute(statement.returning(CallCount.calls)).scalar_one()
