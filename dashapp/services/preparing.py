"""The overview computed before anybody asks: for the whole company and for every data scope somebody has."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import SYSTEM
from dashapp.core.filters import Filters
from dashapp.core.where import Where, parse_wheres
from dashapp.services import working
from dashapp.services.checking import Progress
from dashapp.services.desk import Desk
from dashapp.services.unit import reading
from models import User

WARM_JOB = "overview.warm"
MOST = 200  # scopes; people beyond wait for their first overview as they would without this


def queue(session: scoped_session[OrmSession], *, now: datetime) -> str:
    """It is queued in the current transaction, once for all causes that wait; returns the job's id."""
    return working.enqueue(session, WARM_JOB, {}, now=now, coalesce=WARM_JOB)


def warm(desk: Desk, *, now: datetime, progress: Progress | None = None) -> dict[str, Any]:
    """The overview as it opens is kept for every scope in use. What is kept already costs nothing.

    Returns how many scopes there are and how many were left to their first visitor. Raises Unavailable when a question
    takes too long, so that the job is tried again.
    """
    from dashapp.services import overviewing

    scopes = scopes_in_use()
    for done, scope in enumerate(scopes[:MOST]):
        if progress is not None:
            progress(done / len(scopes), f"overview {done + 1} of {min(len(scopes), MOST)}")
        overviewing.overview(replace(SYSTEM, scope=scope), desk, Filters(), now=now)
    return {"scopes": len(scopes), "left": len(scopes[MOST:])}


def scopes_in_use() -> tuple[tuple[Where, ...], ...]:
    """The whole company first, then every data scope of somebody who may sign in."""
    with reading() as session:
        found = {parse_wheres(scope) for scope in session.scalars(select(User.scope).where(User.is_active))}
    return ((), *sorted(found - {()}))
