"""Short forms for tests about people."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

from flask import Flask

from dashapp.core.actor import SYSTEM
from dashapp.core.errors import AppError
from dashapp.core.people import Person, TrailLine
from dashapp.services import accounts, auditing


def attempt(email: str, password: str, now: datetime, *, ip: str = "10.0.0.1", device: str | None = None) -> Person:
    """Sign in once; the browser is known as `device` afterwards."""
    return accounts.authenticate(email, password, ip=ip, device=device, fresh_device=device or "d" * 43, now=now)


def last_lines(count: int) -> list[TrailLine]:
    return list(auditing.listing(SYSTEM, limit=count))


def in_parallel(app: Flask, verbs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run verbs at the same moment, each on a connection of its own; results, or the AppError raised."""
    start = Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> Any:
        with app.app_context():
            start.wait()
            try:
                return verb()
            except AppError as error:
                return error
    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))
