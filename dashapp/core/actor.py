"""Who acts: identity, role, token rights and data scope, frozen for one request or job."""
from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from dashapp.core.errors import Forbidden, NotSignedIn
from dashapp.core.where import Where

TOKEN_SCOPES = ("read", "ingest", "export")


class Role(StrEnum):
    """Cumulative roles: executive < finance < analyst < admin."""

    EXECUTIVE = "executive"
    FINANCE = "finance"
    ANALYST = "analyst"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return _ORDER.index(self)

    def includes(self, other: Role) -> bool:
        """True when this role may do everything `other` may do."""
        return self.rank >= other.rank


_ORDER = [Role.EXECUTIVE, Role.FINANCE, Role.ANALYST, Role.ADMIN]


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, an API token acting as one, or the system itself.

    scope: row-level conditions (all must hold) applied to every figure, drill-down and export; empty = everything.
    token_scopes: None for a browser session; else the rights of the token (`read ingest export`).
    `ip` and `session` travel into the audit trail only.
    """

    id: str | None
    email: str
    name: str = ""
    role: Role | None = None
    scope: tuple[Where, ...] = ()
    token_scopes: frozenset[str] | None = None
    ip: str | None = None
    session: str | None = None
    via: str = field(default="web", compare=False)

    @property
    def is_signed_in(self) -> bool:
        return self.role is not None

    def may(self, role: Role) -> bool:
        """Does the actor's role include `role`?"""
        return self.role is not None and self.role.includes(role)

    def require(self, role: Role, token: str = "read") -> None:
        """Raise unless the actor holds `role` and, acting by token, the token scope `token`."""
        if not self.is_signed_in:
            raise NotSignedIn("Please sign in.")
        if not self.may(role):
            raise Forbidden(f"This needs the role {role.value}.")
        if self.token_scopes is not None and token not in self.token_scopes:
            raise Forbidden(_refusal(token))


def _refusal(token: str) -> str:
    """Why a token may not: it lacks one of the rights tokens have, or what was asked for is nothing for programs."""
    if token in TOKEN_SCOPES:
        return f"This token lacks the right {token!r}, which this call needs. Rights are chosen when a token is made."
    return "No token may do this: it is done by people, signed in with their account."


ANONYMOUS = Actor(id=None, email="", name="nobody")
SYSTEM = Actor(id=None, email="system", name="Ledgerline", role=Role.ADMIN, via="system")
