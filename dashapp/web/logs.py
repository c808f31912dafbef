"""Log lines: one JSON object each, whatever a name or a path contains; no bodies, cookies, queries or tokens."""
from __future__ import annotations

import json
import logging
import re
import secrets
import time
import traceback
from typing import Any

from flask import Flask, Response, g, request

LOG = logging.getLogger("ledgerline")
_TOKEN = re.compile(r"ll_[0-9a-f]{4,}_[A-Za-z0-9_-]{8,}")


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON. Exceptions are told by class and place, never by their message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower(),
                                "event": record.getMessage(), **getattr(record, "about", {})}
        if record.exc_info and record.exc_info[1]:
            line |= told(record.exc_info[1])
        return _TOKEN.sub("ll_***", json.dumps(line, ensure_ascii=True, default=str))


def told(error: BaseException) -> dict[str, Any]:
    """The class of an exception, of its causes, and where it happened. Messages may hold secrets and stay out."""
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:
        chain.append(type(seen).__name__)
        seen = seen.__cause__ or seen.__context__
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {"error": chain, "where": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}


def register(app: Flask) -> None:
    """One line per request, and JSON for everything that is logged."""
    if not LOG.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
        LOG.addHandler(handler)
        LOG.setLevel(logging.INFO)
        LOG.propagate = False
    app.before_request(_begin)
    app.after_request(_tell)


def error_id() -> str:
    """What a person reads to us and we find in the log."""
    return secrets.token_hex(6)


def _begin() -> None:
    g.began = time.monotonic()
    g.request_id = secrets.token_hex(8)


def _tell(response: Response) -> Response:
    actor = g.get("actor")
    took = round((time.monotonic() - g.began) * 1000, 1) if "began" in g else None
    if request.endpoint not in ("healthz", "readyz", "metrics"):
        LOG.info("request", extra={"about": {
            "id": g.get("request_id"), "method": request.method, "path": request.path, "status": response.status_code,
            "ms": took, "user": actor.id if actor else None, "ip": request.remote_addr}})
    return response
