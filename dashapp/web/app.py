"""The trunk: the app and its parts, listed by hand in the order in which they see a request."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from dashapp import api
from dashapp.core.failpoint import arm, die
from dashapp.core.organisation import Organisation
from dashapp.services import keeping
from dashapp.settings import Settings, from_environment, signing_key
from dashapp.ui import filters
from dashapp.web import choices, errors, guard, headers, health, login, logs, look, page, people, shell, transfer
from dashapp.web.here import CLOCK, DESK, SETTINGS, wall_clock
from dashapp.web.patience import Patience
from dashapp.web.policy import DASH_ROUTES
from dashapp.web.starting import refuse_undecided, refuse_unsafe

ROOT = Path(__file__).resolve().parents[2]


def create_app(settings: Settings | None = None) -> Flask:
    """The product as a WSGI app. The database must be at this version (`python -m dashapp migrate`).

    Raises Invalid for settings that are wrong or unsafe, Unavailable for a database of another version.
    """
    settings = settings or from_environment()
    refuse_unsafe(settings)
    if settings.failpoint:
        arm(settings.failpoint, die)
    app = Flask("dashapp.web", static_folder=None)
    app.config.from_mapping(_config(settings))
    app.wsgi_app = Patience(app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    _lay_state(app, settings)
    logs.register(app)
    Compress(app)
    headers.register(app)
    health.register(app)
    errors.register(app)
    CSRFProtect(app)
    people.register(app)
    guard.register(app)
    look.register(app)
    login.register(app)
    transfer.register(app)
    api.register(app)
    _lay_dash(app, settings)
    return app


def _config(settings: Settings) -> dict[str, Any]:
    https = settings.public_url.startswith("https://") or (not settings.is_dev and not settings.public_url)
    return {
        "SECRET_KEY": signing_key(settings),
        "SESSION_COOKIE_NAME": "__Host-ledgerline" if https else "ledgerline",
        "SESSION_COOKIE_SECURE": https, "SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/", "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "WTF_CSRF_CHECK_DEFAULT": False,  # the guard checks, after it knows who is there
        "WTF_CSRF_TIME_LIMIT": None, "MAX_FORM_MEMORY_SIZE": 1024 * 1024, "MAX_FORM_PARTS": 100,
        "COMPRESS_MIMETYPES": ["text/css", "text/javascript", "application/javascript", "application/json",
                               "application/problem+json", "image/svg+xml", "text/csv"],  # no HTML: it holds tokens
        "COMPRESS_CACHE_BACKEND": transfer.CompressedSuites, "COMPRESS_CACHE_KEY": transfer.suite_key,
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _lay_state(app: Flask, settings: Settings) -> None:
    keeping.attach(app, settings.database_url)
    seed = Organisation(timezone=settings.timezone, locale=settings.locale, currency=settings.currency,
                        fiscal_month=settings.fiscal_month, week_start=settings.week_start,
                        calendar_family=settings.calendar)
    with app.app_context():
        keeping.require_schema()
        app.extensions[DESK] = keeping.open_desk(settings.data_dir, settings.facts_dir, signing_key(settings), seed,
                                                 cache=settings.cache_bytes, max_upload=settings.upload_bytes)
    app.extensions[CLOCK], app.extensions[SETTINGS] = wall_clock, settings


def _lay_dash(app: Flask, settings: Settings) -> None:
    """Dash comes last, behind the guard. It finishes its set-up inside the first request: that one is ours."""
    dash = shell.Shell(
        name="dashapp", server=app,  # type: ignore[arg-type]
        use_pages=True, pages_folder="", assets_folder=str(ROOT / "assets"),
        serve_locally=True, suppress_callback_exceptions=True,
        use_async=False, enable_mcp=False, update_title="", title="Ledgerline", index_string=shell.INDEX,
        on_error=errors.on_callback_error, include_pages_meta=False, add_log_handler=False,
        csrf_token_name=headers.CSRF_COOKIE, meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.extensions["ledgerline.dash"] = dash
    dash.layout = shell.layout
    shell.register(dash)
    filters.register(dash)
    choices.register(dash)
    page.load_pages(ROOT / "pages")
    host = settings.trusted_hosts[0].lstrip(".") if settings.trusted_hosts else "localhost"
    answer = app.test_client().get("/healthz", base_url=f"http://{host}")
    if answer.status_code != 200:
        raise RuntimeError(f"the first request failed with {answer.status_code}; the log line before says where")
    app.extensions["ledgerline.content-policy"] = headers.content_policy(dash)
    refuse_undecided(app, dash)
    assert set(DASH_ROUTES) <= {rule.endpoint for rule in app.url_map.iter_rules()} | {"/_favicon.ico"}
