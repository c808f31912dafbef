"""The one gate, registered before Dash: who is it, may they come here, and did our own page send this?

Exemptions are made by endpoint name (the policy `ANYONE`), never by path.
"""
from __future__ import annotations

from functools import partial

import dash
from flask import Flask, Response, abort, g, redirect, request
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import HTTPException
from wtforms.validators import ValidationError

from dashapp.core.actor import ANONYMOUS, Role
from dashapp.core.errors import AppError, Forbidden, NotSignedIn
from dashapp.services import tokens
from dashapp.web.dispatching import check_body
from dashapp.web.here import DESK, current_moment, current_settings
from dashapp.web.kind import is_page_request, is_under
from dashapp.web.login import FORMS, LEAVING, PASSWORD_PAGE
from dashapp.web.origin import SAFE, refusal_of
from dashapp.web.people import seat_of_browser
from dashapp.web.policy import ANYONE, DISPATCH, policy_of

KILOBYTE, MEGABYTE = 1024, 1024 * 1024
BODY = 2 * MEGABYTE
# Bodies by endpoint. The upload route counts its own stream.
BODIES = {"login": 16 * KILOBYTE, "logout": 16 * KILOBYTE, "password": 16 * KILOBYTE, "csp_report": 64 * KILOBYTE}
ROWS = 16 * MEGABYTE


def register(app: Flask) -> None:
    """Put the gate in front of everything that is registered later."""
    app.before_request(partial(_gate, app))


def _gate(app: Flask) -> Response | None:
    g.actor = ANONYMOUS
    current_moment()
    _refuse_foreign_host()
    _limit_body(app)
    policy = policy_of(app, request.endpoint) if request.endpoint else Role.EXECUTIVE
    if policy == ANYONE:
        _check_sender(signed_in=False)
        return None
    if not _is_known():
        return _ask_to_sign_in()
    _check_sender(signed_in=g.actor.token_scopes is None)
    if g.seat is not None and g.seat.must_change_password and request.endpoint not in LEAVING:
        return _ask_for_password()
    if isinstance(request.routing_exception, HTTPException):
        raise request.routing_exception
    _check_role(policy)
    if request.endpoint == DISPATCH:
        check_body(_dash(app), request, g.actor)
    return None


def _refuse_foreign_host() -> None:
    error = request.routing_exception
    if isinstance(error, HTTPException) and error.code == 400:
        raise error


def _limit_body(app: Flask) -> None:
    request.max_content_length = BODIES.get(request.endpoint or "", BODY)
    if request.endpoint == "upload":
        request.max_content_length = None
    if is_under("api"):
        file = app.extensions[DESK].max_upload + BODY
        ends = {"/uploads": file, "/rows": ROWS}
        request.max_content_length = next((n for end, n in ends.items() if request.path.endswith(end)), BODY)
    length = request.content_length
    if length is not None and request.max_content_length is not None and length > request.max_content_length:
        abort(413)


def _is_known() -> bool:
    """Set `g.actor` from a bearer token (API only) or the session's cookie."""
    g.seat = None
    header = request.headers.get("Authorization", "")
    if is_under("api") and header:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedIn("This is not a bearer token.")
        g.actor = tokens.token_actor(secret.strip(), ip=request.remote_addr, now=current_moment())
        return True
    g.seat = seat_of_browser()
    if g.seat is not None:
        g.actor = g.seat.actor
    return g.seat is not None


def _check_sender(*, signed_in: bool) -> None:
    """Fetch metadata, then the double-submit token. Bearer tokens are sent by nobody's browser on its own."""
    if request.method in SAFE or g.actor.token_scopes is not None or request.endpoint in ("csp_report", None):
        return
    reason = refusal_of(request, current_settings().public_url, signed_in=signed_in)
    if reason:
        raise Forbidden(reason)
    if request.endpoint in FORMS:
        return  # their forms carry the token in a field; the views check it and can say so on the page
    try:
        validate_csrf(request.headers.get("X-CSRFToken"))
    except ValidationError:
        raise AppError("The page is out of date. Please reload it.") from None


def _check_role(policy: Role | str | None) -> None:
    if not isinstance(policy, Role) or not g.actor.may(policy):
        raise Forbidden(f"This needs the role {policy}." if policy else "Nobody may come here.")


def _ask_to_sign_in() -> Response:
    if not is_page_request():
        raise NotSignedIn("Please sign in.")
    target = request.full_path.rstrip("?")
    return redirect("/login" if target == "/" else f"/login?next={_quoted(target)}")  # type: ignore[return-value]


def _ask_for_password() -> Response:
    if not is_page_request():
        raise Forbidden("Please choose your own password first.")
    return redirect(PASSWORD_PAGE)  # type: ignore[return-value]


def _quoted(target: str) -> str:
    from urllib.parse import quote

    return quote(target, safe="/")


def _dash(app: Flask) -> dash.Dash:
    return app.extensions["ledgerline.dash"]
