"""Counting sign-in attempts in the database, over all workers: guessing gets slow, nobody is locked out for good.

Per account, attempts from unknown devices wait twice as long after each failure beyond the fifth (at most 15 guesses
in 15 minutes). A device that signed in before has its own count, so that an attack does not keep its owner out.
"""
from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.errors import TooMany
from dashapp.services.turns import take_turn
from dashapp.services.unit import writing
from models import SignInAttempt, public_id

WINDOW = timedelta(minutes=15)
FREE = 5
PER_ADDRESS = 100
KEPT = timedelta(days=180)


def reserve(email: str, *, ip: str, device: str | None, now: datetime) -> str:
    """Count one attempt as failed before its password is looked at; its id. Raises TooMany with `retry_after`.

    Counting first makes the limit hold however many attempts arrive at once.
    """
    subject, known = _hashed(email), _hashed(device) if device else None
    with writing() as session:
        take_turn(session, f"sign-in {subject}")
        _wait(session, subject, known if _is_known(session, subject, known) else None, now)
        _wait_for_address(session, ip, now)
        attempt = SignInAttempt(id=public_id(), subject=subject, ip=ip[:64], device=known, at=now, succeeded=False)
        session.add(attempt)
        return attempt.id


def succeeded(attempt: str, device: str, *, now: datetime) -> None:
    """The attempt was right: it no longer counts, and its device is known from now on. Old lines are swept."""
    with writing() as session:
        row = session.get(SignInAttempt, attempt)
        if row is not None:
            row.succeeded, row.device = True, _hashed(device)
        old = (SignInAttempt.at < now - KEPT) | (
            (SignInAttempt.at < now - timedelta(days=1)) & SignInAttempt.succeeded.is_(False))
        session.execute(delete(SignInAttempt).where(old))


def _is_known(session: scoped_session[OrmSession], subject: str, device: str | None) -> bool:
    if device is None:
        return False
    query = select(SignInAttempt.id).where(SignInAttempt.subject == subject, SignInAttempt.device == device,
                                           SignInAttempt.succeeded.is_(True))
    return session.scalar(query.limit(1)) is not None


def _wait(session: scoped_session[OrmSession], subject: str, device: str | None, now: datetime) -> None:
    """device: the known device, or None for all others together."""
    trusted = select(SignInAttempt.device).where(
        SignInAttempt.subject == subject, SignInAttempt.succeeded.is_(True), SignInAttempt.device.is_not(None))
    others = SignInAttempt.device.is_(None) | SignInAttempt.device.not_in(trusted)
    failures, last = _failures(session, SignInAttempt.subject == subject,
                               SignInAttempt.device == device if device else others, now=now)
    if last is not None and failures >= FREE:
        _refuse_until(last + timedelta(seconds=2 ** (failures - FREE)), now)


def _wait_for_address(session: scoped_session[OrmSession], ip: str, now: datetime) -> None:
    failures, last = _failures(session, SignInAttempt.ip == ip[:64], now=now)
    if last is not None and failures >= PER_ADDRESS:
        _refuse_until(last + timedelta(minutes=1), now)


def _failures(session: scoped_session[OrmSession], *conditions: ColumnElement[bool],
              now: datetime) -> tuple[int, datetime | None]:
    query = select(func.count(SignInAttempt.id), func.max(SignInAttempt.at)).where(
        *conditions, SignInAttempt.succeeded.is_(False), SignInAttempt.at > now - WINDOW)
    count, last = session.execute(query).one()
    return count, last


def _refuse_until(moment: datetime, now: datetime) -> None:
    if now < moment:
        seconds = max(1, int((moment - now).total_seconds()) + 1)
        raise TooMany(f"Too many attempts. Please try again in {seconds} seconds.", retry_after=seconds)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
