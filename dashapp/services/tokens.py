"""API tokens: shown once, kept as a hash, acting as their owner with fewer rights, never more."""
from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from dashapp.core.actor import TOKEN_SCOPES, Actor, Role
from dashapp.core.errors import Invalid, NotFound, NotSignedIn
from dashapp.core.people import TokenView
from dashapp.core.where import parse_wheres
from dashapp.services import auditing
from dashapp.services.unit import reading, writing
from models import Token, User

DEFAULT_DAYS = 90
MAX_DAYS = 366
MAX_TOKENS = 50
_SHAPE = re.compile(r"ll_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")
_TOUCH_EVERY = timedelta(minutes=1)
_REFUSED = "This token is not valid."


def add_token(actor: Actor, name: str, scopes: Iterable[str] = ("read",), *, now: datetime, days: int = DEFAULT_DAYS,
              email: str | None = None) -> tuple[str, str]:
    """A new token of the actor (or, for admins, of `email`): (id, secret). The secret is never shown again.

    Raises Invalid for unknown scopes, a life outside 1 to 366 days or an unreadable name.
    """
    actor.require(Role.ADMIN if email and email != actor.email else Role.EXECUTIVE, token="account")
    wanted = sorted(set(scopes))
    _check(name, wanted, days)
    prefix = f"ll_{secrets.token_hex(6)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    with writing() as session:
        owner = session.scalar(select(User).where(User.email == (email or actor.email)))
        if owner is None or not owner.is_active:
            raise NotFound("There is no such user.")
        live = select(Token.id).where(Token.user_id == owner.id, Token.revoked_at.is_(None))
        if len(session.scalars(live).all()) >= MAX_TOKENS:
            raise Invalid(f"A person has at most {MAX_TOKENS} tokens. Revoke one first.")
        row = Token(prefix=prefix, secret_hash=_hashed(secret), user_id=owner.id, name=name.strip(), scopes=wanted,
                    created_at=now, expires_at=now + timedelta(days=days))
        session.add(row)
        session.flush()
        auditing.record(actor, "token.add", owner.email, now=now,
                        after={"token": row.id, "name": row.name, "scopes": wanted, "days": days})
        return row.id, secret


def token_actor(secret: str, *, ip: str | None, now: datetime) -> Actor:
    """The actor a token stands for: its owner's role and data scope of today. Raises NotSignedIn, always the same."""
    if not _SHAPE.fullmatch(secret):
        raise NotSignedIn(_REFUSED)
    with reading() as session:
        row = session.scalar(select(Token).where(Token.prefix == secret[:15]))
        if row is None or not hmac.compare_digest(row.secret_hash, _hashed(secret)) or not _is_live(row, now):
            raise NotSignedIn(_REFUSED)
        user, key, used = row.user, row.id, row.last_used_at
        actor = Actor(user.id, user.email, user.name, Role(user.role), parse_wheres(user.scope),
                      frozenset(row.scopes), ip, f"token {row.id}", "api")
    if used is None or now - used >= _TOUCH_EVERY:
        with writing() as session:
            session.execute(update(Token).where(Token.id == key).values(last_used_at=now))
    return actor


def list_tokens(actor: Actor, *, now: datetime) -> tuple[TokenView, ...]:
    """The actor's own tokens that were not revoked, newest first."""
    actor.require(Role.EXECUTIVE, token="account")
    with reading() as session:
        rows = session.scalars(select(Token).where(Token.user_id == actor.id, Token.revoked_at.is_(None))
                               .order_by(Token.created_at.desc())).all()
        return tuple(TokenView(r.id, r.name, r.prefix, tuple(r.scopes), r.created_at, r.expires_at, r.last_used_at,
                               _is_live(r, now)) for r in rows)


def revoke_token(actor: Actor, token_id: str, *, now: datetime) -> None:
    """The token opens nothing any more. Its owner, or an admin. Raises NotFound for anybody else's."""
    actor.require(Role.EXECUTIVE, token="account")
    with writing() as session:
        row = session.get(Token, token_id)
        if row is None or row.revoked_at is not None or (row.user_id != actor.id and not actor.may(Role.ADMIN)):
            raise NotFound("There is no such token.")
        row.revoked_at = now
        auditing.record(actor, "token.revoke", row.user.email, now=now, before={"token": row.id, "name": row.name})


def _check(name: str, scopes: list[str], days: int) -> None:
    if not 1 <= len(name.strip()) <= 100 or not name.isprintable():
        raise Invalid("A token has a name of 1 to 100 characters.")
    if not scopes or any(s not in TOKEN_SCOPES for s in scopes):
        raise Invalid(f"The rights of a token are {', '.join(TOKEN_SCOPES)}; choose at least one.")
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(f"A token lives 1 to {MAX_DAYS} days.")


def _is_live(row: Token, now: datetime) -> bool:
    return row.revoked_at is None and row.user.is_active and (row.expires_at is None or now < row.expires_at)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
