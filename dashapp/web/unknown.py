"""Dash answers every unknown path with its shell; under `/api` an unknown path is a plain 404."""
from __future__ import annotations

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from dashapp.core.actor import Role
from dashapp.web.policy import policy

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CATCHING = ("api_unknown", "/<path:path>")


def register(app: Flask) -> None:
    for number, rule in enumerate(("/api", "/api/<path:rest>")):
        app.add_url_rule(rule, _CATCHING[0] if number else "api_root", _unknown, methods=list(METHODS))


@policy(Role.EXECUTIVE)
def _unknown(rest: str = "") -> Response:
    allowed = [method for method in METHODS if _answers(method)]
    if allowed:
        raise MethodNotAllowed(valid_methods=allowed)
    raise NotFound


def _answers(method: str) -> bool:
    """Would some operation of the API answer this path with another method?"""
    adapter = current_app.create_url_adapter(request)
    try:
        return adapter is not None and adapter.match(request.path, method=method)[0] not in (*_CATCHING, "api_root")
    except HTTPException:
        return False
