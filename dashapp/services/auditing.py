"""The audit trail: one line per change, written in the change's own transaction, chained by hashes."""
from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from dashapp.core.actor import Actor, Role
from dashapp.core.people import TrailLine, Verdict
from dashapp.services.turns import take_turn
from dashapp.services.unit import reading, writing
from models import AuditLine

GENESIS = "0" * 64
MAX_PAGE = 500


def record(actor: Actor, action: str, subject: str, *, now: datetime, before: dict[str, Any] | None = None,
           after: dict[str, Any] | None = None) -> int:
    """Append one line to the trail inside the caller's transaction; its number. Verbs only."""
    with writing() as session:
        take_turn(session, "audit chain")
        newest = select(AuditLine.number, AuditLine.hash).order_by(AuditLine.number.desc()).limit(1)
        last = session.execute(newest).first()
        number, previous = (last.number + 1, last.hash) if last else (1, GENESIS)
        line = AuditLine(
            number=number, at=now.astimezone(UTC), user_id=actor.id, user_email=actor.email, via=actor.via, ip=actor.ip,
            session=actor.session, action=action, subject=subject, before=_plain(before), after=_plain(after),
            previous_hash=previous, hash="",
        )
        line.hash = _digest(line)
        session.add(line)
        session.flush()
        return number


def listing(actor: Actor, *, before: int | None = None, limit: int = 50, action: str = "", who: str = "",
            about: str = "") -> tuple[TrailLine, ...]:
    """Newest lines first, older than number `before`. Admins see all, others their own lines.

    action: prefix of the action's name; who: part of the e-mail; about: part of the subject.
    """
    actor.require(Role.EXECUTIVE)
    conditions: list[ColumnElement[bool]] = [] if actor.may(Role.ADMIN) else [AuditLine.user_id == (actor.id or "-")]
    if before is not None:
        conditions.append(AuditLine.number < before)
    for column, part in ((AuditLine.action, action), (AuditLine.user_email, who), (AuditLine.subject, about)):
        if part:
            conditions.append(func.lower(column).contains(part.lower(), autoescape=True))
    query = select(AuditLine).where(*conditions).order_by(AuditLine.number.desc())
    with reading() as session:
        rows = session.scalars(query.limit(max(1, min(limit, MAX_PAGE)))).all()
        return tuple(_line(row) for row in rows)


def verify_chain(actor: Actor) -> Verdict:
    """Recompute every hash in order; the verdict names the first line that was changed, removed or put in. Admin."""
    actor.require(Role.ADMIN)
    previous, expected = GENESIS, 1
    with reading() as session:
        for line in session.scalars(select(AuditLine).order_by(AuditLine.number).execution_options(yield_per=500)):
            if line.number != expected:
                return Verdict(expected - 1, expected, f"line {expected} is missing")
            if line.previous_hash != previous:
                return Verdict(expected, line.number, f"line {line.number} does not follow the line before it")
            if line.hash != _digest(line):
                return Verdict(expected, line.number, f"line {line.number} was changed after it was written")
            previous, expected = line.hash, expected + 1
    return Verdict(expected - 1)


def _digest(line: AuditLine) -> str:
    """SHA-256 over the line before and every member of this one, in a fixed order and notation."""
    members = [line.previous_hash, line.number, line.at.astimezone(UTC).isoformat(), line.user_id, line.user_email,
               line.via, line.ip, line.session, line.action, line.subject, line.before, line.after]
    return hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """The value as the database will give it back, so that the hash written is the hash checked."""
    return None if value is None else json.loads(json.dumps(value, default=str, sort_keys=True))


def _line(row: AuditLine) -> TrailLine:
    return TrailLine(row.number, row.at, row.user_email, row.via, row.ip, row.session, row.action, row.subject,
                     row.before, row.after)
