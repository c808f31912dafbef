"""Paths under /api that are nothing: a plain 404, or a 405 that names the methods. Dash would answer with its page."""
from __future__ import annotations

from typing import NoReturn

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from dashapp.api.resource import needs
from dashapp.core.actor import Role

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def register(app: Flask) -> None:
    """Answer every path under /api that no resource has."""
    for endpoint, rule in (("api_nothing", "/api/<path:rest>"), ("api_root", "/api")):
        app.add_url_rule(rule, endpoint, nothing, methods=list(METHODS))


@needs(Role.EXECUTIVE)
def nothing(rest: str = "") -> NoReturn:
    """No such call."""
    allowed = [method for method in METHODS if _answers(method)]
    if allowed:
        raise MethodNotAllowed(valid_methods=allowed)
    raise NotFound


def _answers(method: str) -> bool:
    """Would a resource answer this path with another method? Only resources have their blueprint's name and a dot."""
    adapter = current_app.create_url_adapter(request)
    try:
        found = adapter.match(request.path, method=method)[0] if adapter else ""
    except HTTPException:
        return False
    return found.startswith("api_") and "." in found
