"""Calls that may be repeated: an idempotency key gives one effect and one answer, however often it is sent.

After "The Idempotency-Key HTTP Header Field" (IETF draft): the same key with another body is refused (422), one that
is still under way is a conflict (409). Keys are kept for a day; an attempt that died is free again after ten minutes.
What it had done by then is the answer of the next one.
"""
from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update

from dashapp.core.actor import Actor
from dashapp.core.errors import Conflict, Invalid, NotSignedIn
from dashapp.services.turns import take_turn
from dashapp.services.unit import writing
from models import KeptCall, public_id

KEPT = timedelta(days=1)
LEASE = timedelta(minutes=10)
MAX_KEY = 255
Answer = tuple[int, dict[str, Any]]


def once(actor: Actor, call: str, key: str, body: bytes, act: Callable[[], Answer], *, now: datetime,
         done: Callable[[datetime], Answer | None] | None = None) -> Answer:
    """The answer of `act`, done at most once per person, call and key. An error of `act` frees the key.

    done: asked before `act` where a former attempt died, with the moment it started: the answer it did not live to
    give, None where it had done nothing.

    Raises Invalid (unusable key, or the key came with another body), Conflict (the first attempt is under way).
    """
    if actor.id is None:
        raise NotSignedIn("Please sign in.")
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        raise Invalid(f"An Idempotency-Key has 1 to {MAX_KEY} printable characters.")
    name = hashlib.sha256("\n".join((actor.id, call, key)).encode()).hexdigest()
    attempt = public_id()
    kept, died = _claim(name, hashlib.sha256(body).hexdigest(), attempt, now)
    if kept is not None:
        return kept
    try:
        status, answer = (done(died) if done and died else None) or act()
    except BaseException:
        _free(name, attempt)
        raise
    with writing() as session:
        session.execute(update(KeptCall).where(KeptCall.id_hash == name, KeptCall.attempt == attempt)
                        .values(status=status, answer=answer))
    return status, answer


def _claim(name: str, body: str, attempt: str, now: datetime) -> tuple[Answer | None, datetime | None]:
    """The answer that is kept under the key, or the key is taken for this attempt; since when a former one, which
    died, has had it."""
    with writing() as session:
        take_turn(session, f"call {name}")
        session.execute(delete(KeptCall).where(KeptCall.started_at < now - KEPT))
        found = session.get(KeptCall, name, populate_existing=True)
        if found is None:
            session.add(KeptCall(id_hash=name, body_sha256=body, attempt=attempt, started_at=now))
            return None, None
        if found.body_sha256 != body:
            raise Invalid("This Idempotency-Key came with another body before. Use a new key for new rows.")
        if found.status is not None:
            return (found.status, dict(found.answer or {})), None
        if found.started_at > now - LEASE:
            raise Conflict("The first call with this Idempotency-Key is still under way.", retry_after=1)
        died = found.started_at
        found.attempt, found.started_at = attempt, now
        return None, died


def _free(name: str, attempt: str) -> None:
    with writing() as session:
        session.execute(delete(KeptCall).where(KeptCall.id_hash == name, KeptCall.attempt == attempt))
