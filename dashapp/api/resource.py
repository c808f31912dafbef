"""What every resource file starts from: its blueprint, the policy of a call, and who calls with which desk and when."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from flask import current_app, g
from flask_openapi3 import APIBlueprint, Tag

from dashapp.core.actor import Actor, Role
from dashapp.services import organising
from dashapp.services.desk import Desk

PREFIX = "/api/v1"
View = TypeVar("View", bound=Callable[..., Any])
PROBLEM = "application/problem+json"
_REFUSALS = {401: "No valid token or session", 403: "The role, the token's scope or the sender does not allow it",
             404: "Not there, or outside of the data scope", 409: "Somebody was faster, or it is there already",
             413: "Too large", 415: "Another media type is needed", 422: "Cannot be used; `issues` says where and why",
             429: "Too many calls; `Retry-After` says when to come again", 503: "Not available now",
             507: "No space left"}


@dataclass(frozen=True)
class Call:
    """Who calls, with which desk, at which moment."""

    actor: Actor
    desk: Desk
    now: datetime


def call() -> Call:
    """The call under way. The gate has set actor and moment."""
    desk: Desk = current_app.extensions["ledgerline"]
    return Call(g.actor, replace(desk, organisation=organising.current(desk.organisation)[0]), g.now)


def resource(name: str, about: str) -> APIBlueprint:
    """A blueprint under /api/v1 whose calls take a bearer token (one that reads, unless `security` says `token(...)`)
    and answer errors with a problem."""
    return APIBlueprint(
        f"api_{name}", __name__, url_prefix=PREFIX, abp_tags=[Tag(name=name, description=about)],
        abp_responses={str(s): problem_response(t) for s, t in _REFUSALS.items()},
        operation_id_callback=lambda *, name, path, method: name,
    )


def token(right: str) -> list[dict[str, list[Any]]]:
    """The security of an operation: a token with this right (`read ingest export`), which the service asks for."""
    return [{"token": [right]}]


def problem_response(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def needs(role: Role) -> Callable[[View], View]:
    """Mark a view with the role the gate asks for; the service asks again."""
    def mark(view: View) -> View:
        view.policy = role  # type: ignore[attr-defined]
        return view
    return mark
