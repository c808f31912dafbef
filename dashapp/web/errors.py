"""One of the three translators: errors become a toast, problem+json or a page, each with the right status."""
from __future__ import annotations

from typing import Any

import dash
from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from dashapp.core.errors import AppError, OutOfSpace
from dashapp.core.space import FULL_DISK, is_full_disk
from dashapp.ui.toast import HOST, toast
from dashapp.web.kind import is_under, wants_page
from dashapp.web.logs import LOG, error_id

_GENERIC = "Something went wrong on our side."
_SENTENCES = {
    400: ("Bad request", "This request could not be understood."), 404: ("Not found", "There is nothing here."),
    405: ("Method not allowed", "This address does not do that."), 413: ("Too large", "This is too large."),
    415: ("Unsupported media type", "Please send JSON."),
}


def register(app: Flask) -> None:
    """Translate everything that reaches Flask."""
    app.register_error_handler(AppError, _told)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def on_callback_error(error: Exception) -> None:
    """What a callback raised, as a toast; outputs stay as they are."""
    error = OutOfSpace(FULL_DISK) if is_full_disk(error) else error
    if isinstance(error, AppError):
        tone = "warning" if error.status < 500 else "critical"
        said = toast(_sentence(error), tone)
    else:
        said = toast(_GENERIC, "critical", error_id=_log(error))
    dash.set_props(HOST, {"children": [said]})


def problem(status: int, title: str, detail: str, **members: Any) -> Response:
    """`application/problem+json` (RFC 9457)."""
    response = jsonify({"type": "about:blank", "title": title, "status": status, "detail": detail, **members})
    response.status_code, response.mimetype = status, "application/problem+json"
    return response


def _told(error: AppError) -> Response:
    members = {**error.extra, **({"issues": [i.to_json() for i in error.issues]} if error.issues else {})}
    response = _answer(error.status, error.title, error.message, **members)
    if "retry_after" in error.extra:
        response.headers["Retry-After"] = str(error.extra["retry_after"])
    if error.status == 401 and is_under("api"):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # redirects of the router
        return error.get_response()  # type: ignore[return-value]
    title, detail = _SENTENCES.get(error.code, (error.name, "This did not work."))
    response = _answer(error.code, title, detail)
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    return response


def _unexpected(error: Exception) -> Response:
    if is_full_disk(error):
        return _told(OutOfSpace(FULL_DISK))
    return _answer(500, "Unexpected error", _GENERIC, error_id=_log(error))


def _answer(status: int, title: str, detail: str, **members: Any) -> Response:
    if not wants_page():
        return problem(status, title, detail, **members)
    page = render_template("error.html", status=status, title=title, detail=detail, error_id=members.get("error_id"))
    return Response(page, status, mimetype="text/html")


def _sentence(error: AppError) -> str:
    more = [i.message for i in error.issues[:3] if i.message != error.message]
    return " ".join([error.message, *more])


def _log(error: Exception) -> str:
    identity = error_id()
    LOG.error("unexpected", exc_info=(type(error), error, error.__traceback__),
              extra={"about": {"error_id": identity, "path": request.path}})
    return identity
