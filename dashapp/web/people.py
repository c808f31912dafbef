"""Flask-Login over our own sessions: the cookie holds a random session id, the database decides what it is worth."""
from __future__ import annotations

from typing import Any

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_wtf.csrf import generate_csrf

from dashapp.services import sessions
from dashapp.services.sessions import Seat
from dashapp.web.here import current_moment
from dashapp.web.policy import DISPATCH

DEVICE_COOKIE = "ledgerline-device"
DEVICE_DAYS = 180
QUIET = ("data-version.data",)  # outputs of background refreshes: they do not show that somebody is there


class SignedIn(UserMixin):
    """What Flask-Login carries: the session's secret and the seat it opens."""

    def __init__(self, secret: str, seat: Seat | None) -> None:
        self.secret, self.seat = secret, seat

    def get_id(self) -> str:
        return self.secret


def register(app: Flask) -> None:
    """Attach Flask-Login. Its own protection and remember-me cookie stay off: the session table does more."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)


def seat_of_browser() -> Seat | None:
    """The seat that the browser's cookie opens now, or None."""
    from flask_login import current_user

    return getattr(current_user, "seat", None)


def sign_in(user_id: str) -> None:
    """Open a session for this browser. Whatever was in the cookie before is gone (no fixation)."""
    session.clear()
    g.pop("csrf_token", None)
    secret = sessions.start(user_id, ip=request.remote_addr or "", user_agent=request.user_agent.string,
                            now=current_moment())
    login_user(SignedIn(secret, None))
    session.pop("_id", None)
    generate_csrf()


def sign_out() -> None:
    """End the session in the database and forget the cookie."""
    secret = session.get("_user_id")
    if secret and g.actor.is_signed_in:
        sessions.end(g.actor, secret, now=current_moment())
    logout_user()
    session.clear()


def _load(secret: str) -> SignedIn | None:
    seat = sessions.session_seat(secret, ip=request.remote_addr or "", now=current_moment(), touch=_is_somebody_there())
    return SignedIn(secret, seat) if seat else None


def _is_somebody_there() -> bool:
    if request.endpoint != DISPATCH:
        return True
    body: Any = request.get_json(silent=True) if (request.content_length or 0) < 10_000 else None
    return not (isinstance(body, dict) and body.get("output") in QUIET)
