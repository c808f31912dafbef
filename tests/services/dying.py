"""Processes that die at a named point, statements that fail, and what must be the same afterwards."""
from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import event, text

from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import auditing, closing, profiling, quality, uploads, verifying
from models import Job, db
from tests.services.world import World

ROOT = Path(__file__).resolve().parents[2]
SHORT = ("PRAGMA", "BEGIN")
READING = ("SELECT", *SHORT)


def clear_queue() -> None:
    db.session.query(Job).delete()
    db.session.commit()


def day(world: World) -> dict[tuple[str, ...], Decimal]:
    return world.values("revenue", "day")


def die(world: World, point: str, *what: str) -> None:
    """A process of its own is killed at the point: a worker with the next job, or the finance member doing `what`."""
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    db.session.remove()
    command = [sys.executable, "-m", "tests.services.import_process", url, str(world.desk.folder), point, *what]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == -signal.SIGKILL, run.stderr[-2000:]


def take_up(world: World) -> None:
    """Another worker, later, until nothing is left to do."""
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    worker = Worker(app, lambda: world.desk, HANDLERS, clock=lambda: world.now + timedelta(minutes=2))
    while worker.step():
        db.session.remove()


def is_whole(world: World) -> bool:
    """Is the database sound, the trail unbroken, and every vintage's file there?"""
    sound = db.session.execute(text("PRAGMA integrity_check")).scalar()
    db.session.rollback()
    return sound == "ok" and auditing.verify_chain(world.cast.admin).is_whole \
        and verifying.verify_facts(world.cast.admin, world.desk)[1] == ()


def lines_of(world: World, action: str) -> int:
    """How often the trail says so."""
    return sum(x.action == action for x in auditing.listing(world.cast.admin, limit=500))


@contextmanager
def failing(number: int, seen: list[int], *, reads: bool = True, said: str = "disk I/O error") -> Iterator[None]:
    """The n-th statement fails; `seen` counts those that were asked for. reads: are SELECTs counted too?"""
    def fail(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(SHORT if reads else READING):
            seen.append(len(seen) + 1)
            if len(seen) == number:
                raise sqlite3.OperationalError(said)

    event.listen(db.engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", fail)


def everything(world: World, dataset: str = "orders") -> dict[str, Any]:
    """What a person, or the next process, could find: figures, records, queue and files."""
    db.session.rollback()
    cast, desk = world.cast, world.desk
    found = {
        "figures": day(world),
        "uploads": [u.to_json() for u in uploads.listing(cast.finance, desk)],
        "trail": [(x.action, x.subject) for x in auditing.listing(cast.admin, limit=500)],
        "closed": closing.listing(cast.executive, desk), "late": closing.late(cast.finance, desk),
        "quality": quality.history(cast.finance, dataset),
        "senders": profiling.listing(cast.finance, dataset),
        "jobs": sorted((j.kind, j.state) for j in db.session.query(Job)),
        "files": Counter(str(p.relative_to(desk.folder)) for p in desk.folder.rglob("*") if _counts(p, desk.folder)),
    }
    db.session.rollback()  # the look at the queue holds the write lock
    return found


def _counts(path: Path, folder: Path) -> bool:
    """Not the database and its log, nor what is kept of answers and may go at any time."""
    inside = path.relative_to(folder).parts
    return path.is_file() and inside[0] not in ("cache",) and "slots" not in inside and ".db" not in path.name
