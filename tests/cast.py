"""The people of every test: one of each role, one with a data scope, and a stranger who must be refused."""
from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache

from dashapp.core.actor import Actor, Role
from dashapp.core.where import parse_wheres

PASSWORD = "correct horse battery staple"
_SCOPES = {"scoped": ["region=EMEA"], "stranger": ["region=Nowhere"]}
_ROLES = {"scoped": Role.EXECUTIVE, "stranger": Role.EXECUTIVE}


@dataclass(frozen=True)
class Cast:
    """Actors as a signed-in browser would be. `scoped` may see EMEA only; `stranger` owns nothing and sees nothing."""

    admin: Actor
    analyst: Actor
    finance: Actor
    executive: Actor
    scoped: Actor
    stranger: Actor


NAMES = tuple(f.name for f in fields(Cast))


def role_of(name: str) -> Role:
    return _ROLES.get(name) or Role(name)


def email_of(name: str) -> str:
    return f"{name}@example.org"


def seat(now: datetime) -> Cast:
    """Add the cast to the database of the current app and return them; every password is PASSWORD."""
    from models import User, db

    actors = {}
    for name in NAMES:
        user = User(email=email_of(name), name=name.title(), role=role_of(name).value, scope=_SCOPES.get(name, []),
                    password_hash=_hash(), created_at=now)
        db.session.add(user)
        db.session.flush()
        actors[name] = Actor(user.id, user.email, user.name, role_of(name), parse_wheres(user.scope))
    db.session.commit()
    return Cast(**actors)


@cache
def _hash() -> str:
    from argon2 import PasswordHasher

    return PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1).hash(PASSWORD)
