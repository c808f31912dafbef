"""For machines: is the process alive, can it work, and numbers for a monitor."""
from __future__ import annotations

import logging
import os
import time
from collections import Counter
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from dashapp.core.actor import Role
from dashapp.core.errors import AppError, Forbidden, NotSignedIn
from dashapp.services import keeping, tokens, working
from dashapp.services.desk import Desk
from dashapp.web.here import DESK, current_moment, current_settings
from dashapp.web.logs import LOG
from dashapp.web.people import seat_of_browser
from dashapp.web.policy import ANYONE, policy

_REPORT = 2000
JOB_STATES = ("queued", "running", "done", "failed", "cancelled")


def register(app: Flask) -> None:
    """`/healthz`, `/readyz`, `/metrics` and the mailbox for policy violations."""
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.add_url_rule("/readyz", "readyz", _readyz)
    app.add_url_rule("/metrics", "metrics", _metrics)
    app.add_url_rule("/csp-report", "csp_report", _csp_report, methods=["POST"])
    app.extensions["ledgerline.requests"] = Counter()
    app.extensions["ledgerline.started"] = time.time()
    app.after_request(_count)


@policy(ANYONE)
def _healthz() -> Response:
    return jsonify(status="ok")


@policy(ANYONE)
def _readyz() -> Response:
    """200 when database and facts answer; the queue is told, its silence alone does not stop the web."""
    checks = {"database": _database(), "facts": _facts(), "queue": _queue()}
    ready = checks["database"] == "ok" and checks["facts"] == "ok"
    response = jsonify(status="ok" if ready else "unavailable", checks=checks)
    response.status_code = 200 if ready else 503
    return response


@policy(ANYONE)
def _metrics() -> Response:
    """Prometheus text. In production for admins only: by session or by an API token of an admin."""
    if not current_settings().is_dev:
        _require_admin()
    return Response("\n".join(_lines()) + "\n", mimetype="text/plain; version=0.0.4")


@policy(ANYONE)
def _csp_report() -> Response:
    """One log line per violation; what was violated, cut short."""
    body: Any = request.get_json(force=True, silent=True)
    report = body.get("csp-report", body) if isinstance(body, dict) else {}
    if isinstance(report, dict):
        kept = {k: str(report[k])[:_REPORT // 4] for k in ("violated-directive", "blocked-uri", "document-uri",
                                                           "source-file", "line-number") if k in report}
        LOG.log(logging.WARNING, "content policy violated", extra={"about": kept})
    return Response(status=204)


def _database() -> str:
    try:
        keeping.require_schema()
    except AppError as error:
        return error.message
    except SQLAlchemyError as error:
        return type(error).__name__
    return "ok"


def _facts() -> str:
    desk: Desk = current_app.extensions[DESK]
    return "ok" if os.access(desk.ledger.root, os.W_OK) else "the facts folder cannot be written"


def _queue() -> str:
    try:
        return "ok" if keeping.is_worker_alive(now=current_moment()) else "no worker has reported within a minute"
    except SQLAlchemyError as error:
        return type(error).__name__


def _require_admin() -> None:
    seat = seat_of_browser()
    actor = seat.actor if seat else None
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if actor is None and scheme.lower() == "bearer":
        actor = tokens.token_actor(secret.strip(), ip=request.remote_addr, now=current_moment())
    if actor is None:
        raise NotSignedIn("Please sign in.")
    if not actor.may(Role.ADMIN):
        raise Forbidden("This needs the role admin.")


def _lines() -> list[str]:
    worker = f'worker="{os.getpid()}"'
    out = ["# HELP ledgerline_requests_total Requests answered by this worker, by status class.",
           "# TYPE ledgerline_requests_total counter"]
    counted: Counter[str] = current_app.extensions["ledgerline.requests"]
    out += [f'ledgerline_requests_total{{{worker},status="{status}"}} {n}' for status, n in sorted(counted.items())]
    out += ["# HELP ledgerline_started_seconds When this worker started (Unix time).",
            "# TYPE ledgerline_started_seconds gauge",
            f"ledgerline_started_seconds{{{worker}}} {current_app.extensions['ledgerline.started']:.0f}",
            "# HELP ledgerline_ready Whether a part of the installation works (1) or not (0).",
            "# TYPE ledgerline_ready gauge"]
    parts = {"database": _database(), "facts": _facts(), "queue": _queue()}
    out += [f'ledgerline_ready{{part="{part}"}} {int(said == "ok")}' for part, said in parts.items()]
    return out + (_jobs() if parts["database"] == "ok" else [])


def _jobs() -> list[str]:
    """The queue by state; every state is told, also when it is empty, so that a monitor can watch `failed` rise."""
    counted = working.counts()
    return ["# HELP ledgerline_jobs Background jobs on the books, by state (the last 30 days).",
            "# TYPE ledgerline_jobs gauge",
            *(f'ledgerline_jobs{{state="{state}"}} {counted.get(state, 0)}' for state in JOB_STATES)]


def _count(response: Response) -> Response:
    current_app.extensions["ledgerline.requests"][f"{response.status_code // 100}xx"] += 1
    return response
