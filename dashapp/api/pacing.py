"""The pace of callers: every call is counted, in the database, so that the limit holds over all workers."""
from __future__ import annotations

from flask import Flask, Response, g, request

from dashapp.services import metering


def register(app: Flask, prefix: str) -> None:
    """Count every call under `prefix` and say in headers how many remain."""
    def meter() -> None:
        if request.path.startswith(f"{prefix}/"):
            g.calls_left = metering.meter(g.actor, now=g.now)

    def tell(response: Response) -> Response:
        if "calls_left" in g:
            response.headers["RateLimit-Limit"] = str(metering.CALLS)
            response.headers["RateLimit-Remaining"] = str(g.calls_left)
        return response

    app.before_request(meter)
    app.after_request(tell)
