"""People, their browsers and tokens, and lines of the audit trail, as screens and programs see them."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashapp.core.actor import Role


@dataclass(frozen=True, slots=True)
class Person:
    """A user as admins see them. scope: conditions in the filter grammar, all of which hold for every row they see."""

    id: str
    email: str
    name: str
    role: Role
    scope: tuple[str, ...]
    is_active: bool
    must_change_password: bool
    created_at: datetime
    last_seen_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class SessionView:
    """A signed-in browser. `id` names it, but does not sign anybody in."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    ip: str
    user_agent: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class TokenView:
    """An API token as its owner sees it, without the secret."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    is_live: bool


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line of the audit trail. before/after: JSON-able values, or None."""

    number: int
    at: datetime
    email: str
    via: str
    ip: str | None
    session: str | None
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the trail found. number: the first line that is not what was written, None when all are."""

    lines: int
    number: int | None = None
    reason: str | None = None

    @property
    def is_whole(self) -> bool:
        return self.number is None
