"""Who may reach a route: every view carries a role, or says that it is open to anyone."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

from dashapp.core.actor import Role

ANYONE = "anyone"
Policy = Role | str
View = TypeVar("View", bound=Callable[..., Any])

# Dash's own routes, by endpoint name. Everything Dash serves needs a session; what it answers is decided further in.
DASH_ROUTES: dict[str, Policy] = {
    "/": Role.EXECUTIVE, "/<path:path>": Role.EXECUTIVE, "/_dash-layout": Role.EXECUTIVE,
    "/_dash-dependencies": Role.EXECUTIVE, "/_dash-update-component": Role.EXECUTIVE,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Role.EXECUTIVE,
    "/_reload-hash": Role.EXECUTIVE, "/_favicon.ico": Role.EXECUTIVE, "_dash_assets.static": Role.EXECUTIVE,
}
DISPATCH = "/_dash-update-component"


def policy(needed: Policy) -> Callable[[View], View]:
    """Mark a view with the role it needs, or `ANYONE`."""
    def mark(view: View) -> View:
        view.policy = needed  # type: ignore[attr-defined]
        return view
    return mark


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The policy of an endpoint; None for one that nobody decided about, which the guard refuses."""
    if endpoint in DASH_ROUTES:
        return DASH_ROUTES[endpoint]
    if endpoint.partition(".")[0] == "openapi":  # the specification and its page
        return Role.EXECUTIVE
    return getattr(app.view_functions.get(endpoint), "policy", None)


def undecided(app: Flask) -> list[str]:
    """Endpoints without a policy. The app refuses to start when there are any."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None})
