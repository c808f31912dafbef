"""The body of a callback request, checked before Dash sees it: a wrong one is 400 or 404, never an accident."""
from __future__ import annotations

import json
from typing import Any

import dash
from dash._utils import split_callback_id, stringify_id
from flask import Request
from werkzeug.exceptions import BadRequest

from dashapp.core.actor import Actor
from dashapp.core.errors import AppError, Forbidden, NotFound
from dashapp.web.callback import callback_policies

_WRONG = "This is not a request of this page."


def check_body(app: dash.Dash, request: Request, actor: Actor) -> str:
    """The id of the callback that is asked. Raises AppError (400), NotFound, Forbidden."""
    body = _json(request)
    output = body.get("output")
    bound = app.callback_map.get(output) if isinstance(output, str) else None
    if bound is None or "callback" not in bound:
        raise NotFound("There is no such callback.")
    role = callback_policies(app).get(str(output))
    if role is None or not actor.may(role):
        raise Forbidden(f"This needs the role {role.value if role else 'of nobody'}.")
    _check_arguments(body.get("inputs"), bound["inputs"])
    _check_arguments(body.setdefault("state", []), bound.get("state", []))
    if not bound.get("no_output"):
        _check_outputs(body, str(output))
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(c, str) for c in changed):
        raise AppError(_WRONG)
    return str(output)


def _json(request: Request) -> dict[str, Any]:
    try:
        body = request.get_json()
        # A lone half of a surrogate pair is valid JSON and breaks whoever stores or answers it.
        if b"\\ud" in request.get_data().lower():
            json.dumps(body, ensure_ascii=False).encode()
    except (RecursionError, UnicodeError, ValueError) as error:
        raise AppError(_WRONG) from error
    except BadRequest as error:
        raise AppError(_WRONG) from error
    if not isinstance(body, dict):
        raise AppError(_WRONG)
    return body


def _check_arguments(given: Any, declared: list[dict[str, Any]]) -> None:
    if not isinstance(given, list) or len(given) != len(declared):
        raise AppError(_WRONG)
    for entry, wanted in zip(given, declared, strict=True):
        entries = entry if isinstance(entry, list) else [entry]
        if isinstance(entry, list) and not _is_wild(wanted["id"]):
            raise AppError(_WRONG)
        if not all(_fits(e, wanted) for e in entries):
            raise AppError(_WRONG)


def _fits(entry: Any, wanted: dict[str, Any]) -> bool:
    if not isinstance(entry, dict) or entry.get("property") != wanted["property"]:
        return False
    return _fits_id(entry.get("id"), wanted["id"])


def _fits_id(given: Any, wanted: str) -> bool:
    if not _is_wild(wanted):
        return given == wanted if isinstance(given, str) else isinstance(given, dict) and stringify_id(given) == wanted
    return isinstance(given, dict) and set(given) == set(json.loads(wanted)) and all(
        isinstance(v, str | int | float | bool) for v in given.values())


def _check_outputs(body: dict[str, Any], output: str) -> None:
    """Outputs must be those of the callback; where they are missing, Dash derives them from its id."""
    given = body.get("outputs")
    wanted = split_callback_id(output)
    if not given:
        if any(_is_wild(w["id"]) for w in (wanted if isinstance(wanted, list) else [wanted])):
            raise AppError(_WRONG)
        body["outputs"] = wanted
        return
    if isinstance(wanted, list) != (output.startswith("..") and isinstance(given, list)):
        raise AppError(_WRONG)
    pairs = zip(given, wanted, strict=False) if isinstance(wanted, list) else [(given, wanted)]
    if isinstance(wanted, list) and len(given) != len(wanted):
        raise AppError(_WRONG)
    for entry, want in pairs:
        if isinstance(entry, list) and not _is_wild(want["id"]):
            raise AppError(_WRONG)
        entries = entry if isinstance(entry, list) else [entry]
        clean = {"id": want["id"], "property": want["property"].partition("@")[0]}
        if not all(_fits({**e, "property": str(e.get("property", "")).partition("@")[0]}, clean)
                   if isinstance(e, dict) else False for e in entries):
            raise AppError(_WRONG)


def _is_wild(identity: str) -> bool:
    """Is this the id of a pattern (`{"index":["ALL"],"type":"card"}`)?"""
    return identity.startswith("{") and any(f'["{word}"]' in identity for word in ("ALL", "MATCH", "ALLSMALLER"))
