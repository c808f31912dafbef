"""Signed-in browsers: rows in the database, so that signing out, a new role or a new password ends them at once."""
from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import NotFound
from dashapp.core.people import SessionView
from dashapp.core.where import parse_wheres
from dashapp.services import auditing
from dashapp.services.unit import reading, writing
from models import Session, User, public_id

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=7)  # ended sessions stay this long, so that a list can be compared with the trail


@dataclass(frozen=True)
class Seat:
    """Who sits at a browser, and how they like it there."""

    actor: Actor
    must_change_password: bool = False
    preferences: dict[str, Any] = field(default_factory=dict)


def start(user_id: str, *, ip: str, user_agent: str, now: datetime) -> str:
    """A new session; returns its secret, which only the browser keeps."""
    secret = secrets.token_urlsafe(32)
    with writing() as session:
        user = session.get(User, user_id)
        if user is None or not user.is_active:
            raise NotFound("There is no such user.")
        row = Session(id_hash=_hashed(secret), public_id=public_id(), user_id=user_id, created_at=now, last_seen_at=now,
                      ip=ip[:64], user_agent=user_agent[:300])
        session.add(row)
        user.last_seen_at = now
        session.execute(delete(Session).where(Session.created_at < now - KEPT))
        auditing.record(_actor(user, row, ip), "session.start", user.email, now=now)
    return secret


def session_seat(secret: str, *, ip: str, now: datetime, touch: bool = True) -> Seat | None:
    """The seat of a session, or None when it ended: revoked, 30 minutes idle, 12 hours old, or its user disabled.

    touch: this request shows that somebody is there (background refreshes do not).
    """
    key = _hashed(secret)
    with reading() as session:
        row = session.get(Session, key, populate_existing=True)
        if row is None or not _is_open(row, now) or not row.user.is_active:
            return None
        seat = Seat(_actor(row.user, row, ip), row.user.must_change_password, dict(row.user.preferences))
        stale = now - row.last_seen_at >= TOUCH_EVERY
    if touch and stale:
        with writing() as session:
            session.execute(update(Session).where(Session.id_hash == key).values(last_seen_at=now))
    return seat


def end(actor: Actor, secret: str, *, now: datetime) -> None:
    """The session is over, also for whoever copied its cookie."""
    with writing() as session:
        row = session.get(Session, _hashed(secret))
        if row is not None and row.revoked_at is None:
            row.revoked_at = now
            auditing.record(actor, "session.end", actor.email, now=now)


def listing(actor: Actor, *, now: datetime) -> tuple[SessionView, ...]:
    """The actor's own open sessions, newest first."""
    actor.require(Role.EXECUTIVE, token="account")
    query = select(Session).where(Session.user_id == actor.id, Session.revoked_at.is_(None))
    with reading() as session:
        rows = session.scalars(query.order_by(Session.last_seen_at.desc())).all()
        return tuple(SessionView(r.public_id, r.created_at, r.last_seen_at, r.ip, r.user_agent,
                                 r.public_id == actor.session) for r in rows if _is_open(r, now))


def revoke(actor: Actor, session_id: str, *, now: datetime) -> None:
    """One of the actor's own sessions is over. Raises NotFound for anybody else's."""
    actor.require(Role.EXECUTIVE, token="account")
    with writing() as session:
        row = session.scalar(select(Session).where(Session.public_id == session_id, Session.user_id == actor.id))
        if row is None or row.revoked_at is not None:
            raise NotFound("This session is over already.")
        row.revoked_at = now
        auditing.record(actor, "session.revoke", session_id, now=now)


def revoke_all(session: scoped_session[OrmSession], user_id: str, *, now: datetime, keep: str | None = None) -> None:
    """Inside a verb's transaction: every session of the user ends, except the one with public id `keep`."""
    session.execute(update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None),
                                          Session.public_id != (keep or "")).values(revoked_at=now))


def _is_open(row: Session, now: datetime) -> bool:
    return row.revoked_at is None and now - row.last_seen_at <= IDLE and now - row.created_at <= ABSOLUTE


def _actor(user: User, row: Session, ip: str) -> Actor:
    return Actor(user.id, user.email, user.name, Role(user.role), parse_wheres(user.scope), ip=ip,
                 session=row.public_id)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
