"""Headers of every answer: a strict content policy, no sniffing, no framing, nothing dynamic kept in a cache."""
from __future__ import annotations

import dash
from flask import Flask, Response, current_app, request
from flask_wtf.csrf import generate_csrf

from dashapp.web.here import current_actor
from dashapp.web.look import first_paint_hash

CSRF_COOKIE = "_csrf_token"
_SHELL = ("/", "/<path:path>")
_SUITES = "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>"
_STATIC = ("_dash_assets.static", _SUITES, "sign_in_look", "/_favicon.ico")
YEAR = 31_536_000


def register(app: Flask) -> None:
    app.after_request(_dress)


def content_policy(app: dash.Dash) -> str:
    """The policy for this app. Asked after the first request: the pages' own inline scripts are known only then.

    Styles need 'unsafe-inline' (dcc, AG Grid and plotly write style elements); scripts need neither that nor eval.
    """
    scripts = " ".join(dict.fromkeys(["'self'", first_paint_hash(), *app.csp_hashes()]))
    return "; ".join((
        "default-src 'none'", f"script-src {scripts}", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:",
        "font-src 'self' data:", "connect-src 'self'", "worker-src 'self' blob:", "base-uri 'none'",
        "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'", "report-uri /csp-report",
    ))


def _dress(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    headers["Content-Security-Policy"] = _policy()
    if request.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    _cache(response)
    if request.endpoint in _SHELL and response.status_code == 200 and current_actor().is_signed_in:
        response.set_cookie(CSRF_COOKIE, generate_csrf(), samesite="Lax", path="/",
                            secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


def _policy() -> str:
    return current_app.extensions.get("ledgerline.content-policy") or "default-src 'none'; frame-ancestors 'none'"


def _cache(response: Response) -> None:
    """Fingerprinted files for a year in the person's own cache; everything else is asked for again."""
    if response.status_code not in (200, 304) or request.endpoint not in _STATIC:
        response.headers["Cache-Control"] = "no-store"
        return
    fingerprinted = "m" in request.args or (request.endpoint == _SUITES and response.cache_control.max_age)
    response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable" if fingerprinted else "private, no-cache"
