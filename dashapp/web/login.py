"""Signing in and out and replacing a one-time password: plain server pages, because Dash needs a session first."""
from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, send_file
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect
from wtforms.validators import ValidationError

from dashapp.core.actor import Role
from dashapp.core.errors import AppError
from dashapp.services import accounts, preferences
from dashapp.web.here import current_moment, current_preferences
from dashapp.web.people import DEVICE_COOKIE, DEVICE_DAYS, seat_of_browser, sign_in, sign_out
from dashapp.web.policy import ANYONE, policy

FORMS = ("login", "logout", "password")
LEAVING = ("password", "logout", "sign_in_look")  # what somebody with a one-time password may still reach
PASSWORD_PAGE = "/password"
OUT_OF_DATE = "This page was out of date. Please try again."
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_ROOT = Path(__file__).resolve().parents[2] / "assets"


def register(app: Flask) -> None:
    """`/login`, `/logout`, `/password`, and the style sheets they need."""
    app.add_url_rule("/login", "login", _login, methods=["GET", "POST"])
    app.add_url_rule("/logout", "logout", _logout, methods=["POST"])
    app.add_url_rule(PASSWORD_PAGE, "password", _password, methods=["GET", "POST"])
    app.add_url_rule("/login/look/<name>", "sign_in_look", _look)
    app.jinja_env.globals["sheets"] = lambda: list(_sheets())


@policy(ANYONE)
def _login() -> Any:
    is_read = request.method in ("GET", "HEAD")
    target = local_target(request.values.get("next") if is_read else request.form.get("next"))
    if is_read:
        if seat_of_browser() is not None:
            return redirect(target or current_preferences().landing, 303)
        return _form("login.html", next=target)
    if not _has_token():
        return _form("login.html", status=400, message=OUT_OF_DATE, next=target, email=_email())
    device = request.cookies.get(DEVICE_COOKIE)
    fresh = device if device and len(device) == 43 else secrets.token_urlsafe(32)
    try:
        person = accounts.authenticate(
            request.form.get("email", ""), request.form.get("password", ""), ip=request.remote_addr or "",
            device=device, fresh_device=fresh, now=current_moment())
    except AppError as error:
        return _form("login.html", status=error.status, message=error.message, next=target,
                     retry=error.extra.get("retry_after"), email=_email())
    sign_in(person.id)
    response = redirect(target or _landing(person.id), 303)
    response.set_cookie(DEVICE_COOKIE, fresh, max_age=DEVICE_DAYS * 86_400, httponly=True, samesite="Lax",
                        path="/login", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


@policy(ANYONE)
def _logout() -> Any:
    seat = seat_of_browser()
    if seat is not None:
        if not _has_token(header=True):
            abort(400)
        g.actor = seat.actor
        sign_out()
    return redirect("/login", 303)


@policy(Role.EXECUTIVE)
def _password() -> Any:
    form, once = request.form, g.seat.must_change_password
    if request.method in ("GET", "HEAD"):
        return _form("password.html", once=once)
    if not _has_token():
        return _form("password.html", status=400, message=OUT_OF_DATE, once=once)
    if form.get("new") != form.get("again"):
        return _form("password.html", status=422, message="The two new passwords differ.", once=once)
    try:
        accounts.change_password(g.actor, form.get("old", ""), form.get("new", ""), now=current_moment())
    except AppError as error:
        return _form("password.html", status=error.status, message=error.message, once=once)
    return redirect(current_preferences().landing, 303)


@policy(ANYONE)
def _look(name: str) -> Response:
    """A style sheet of the assets, for people who are not signed in yet. Nothing else of the assets."""
    path = _sheets().get(name)
    if path is None:
        abort(404)
    return send_file(path, mimetype="text/css", max_age=3600)


def local_target(wanted: str | None) -> str:
    """`wanted` when it is a path that a page of this server answers, else the empty text."""
    text = wanted or ""
    if not text.startswith("/") or text.startswith("//") or _UNSAFE.search(text) or len(text) > 2000:
        return ""
    path = text.partition("?")[0].partition("#")[0]
    if "//" in path or "%" in path or ".." in path:
        return ""
    first = path.split("/")[1]
    if first in ("login", "logout", "password", "api", "upload", "download", "assets") or first.startswith("_"):
        return ""
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except (RequestRedirect, MethodNotAllowed, HTTPException):
        return ""
    return text


def _landing(user_id: str) -> str:
    return preferences.landing_of(user_id)


def _email() -> str:
    """The address that was typed, so that a wrong password alone is typed again."""
    return request.form.get("email", "")[:254]


def _has_token(header: bool = False) -> bool:
    token = request.form.get("csrf_token") or (request.headers.get("X-CSRFToken") if header else None)
    try:
        validate_csrf(token)
    except ValidationError:
        return False
    return True


def _form(template: str, status: int = 200, message: str = "", retry: int | None = None, **values: Any) -> Response:
    response = Response(render_template(template, message=message, **values), status, mimetype="text/html")
    if retry:
        response.headers["Retry-After"] = str(retry)
    return response


def _sheets() -> dict[str, Path]:
    """Style sheets in the order of the assets folder, by the name under which signing in may load them."""
    found = [_ROOT / "00-vendor" / "bootstrap" / "bootstrap.min.css", *sorted((_ROOT / "10-app").glob("*.css"))]
    return {path.name: path for path in found if path.is_file()}
