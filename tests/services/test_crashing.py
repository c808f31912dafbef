"""Killed at any moment, out of space, or refused by the database: the old state or the new one, never a part."""
from __future__ import annotations

import errno
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from dashapp.core.errors import OutOfSpace
from dashapp.core.failpoint import arm, disarm
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import auditing, checking, importing, keeping, serving, uploads, verifying
from dashapp.services.desk import Desk
from models import Job, db
from tests.cast import Cast
from tests.services.world import ORDERS_MAPPING, World, added, orders, orders_csv

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = orders(20), orders(24, prefix="B")
COMMIT_POINTS = ("facts.seal.written", "facts.seal.renamed", "import.sealed", "import.recorded", "import.committed")
BUILD_POINTS = ("facts.build.rows", "facts.build.written", "facts.build.renamed")


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    """Orders committed and served; no job waits."""
    found = World(desk, cast)
    found.bring(orders_csv(OLD), "old.csv", "orders", ORDERS_MAPPING, build=True)
    _clear_queue()
    return found


def _clear_queue() -> None:
    db.session.query(Job).delete()
    db.session.commit()


def _day(world: World) -> dict[tuple[str, ...], Decimal]:
    return world.values("revenue", "day")


def _die(world: World, point: str) -> None:
    """A worker process takes the next job and is killed at the point."""
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    db.session.remove()
    run = subprocess.run([sys.executable, "-m", "tests.services.import_process", url, str(world.desk.folder), point],
                         cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == -signal.SIGKILL, run.stderr[-2000:]


def _take_up(world: World) -> None:
    """Another worker, later, until nothing is left to do."""
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    worker = Worker(app, lambda: world.desk, HANDLERS, clock=lambda: world.now + timedelta(minutes=2))
    while worker.step():
        db.session.remove()


def _whole(world: World) -> bool:
    """Is the database sound, the trail unbroken, and every vintage's file there?"""
    sound = db.session.execute(text("PRAGMA integrity_check")).scalar()
    db.session.rollback()
    return sound == "ok" and auditing.verify_chain(world.cast.admin).is_whole \
        and verifying.verify_facts(world.cast.admin, world.desk)[1] == ()


def _lines(world: World, action: str) -> int:
    return sum(x.action == action for x in auditing.listing(world.cast.admin, limit=500))


@pytest.mark.parametrize("point", COMMIT_POINTS)
def test_h1_a_commit_killed_anywhere_is_old_or_new_and_its_job_finishes_it(world: World, point: str) -> None:
    checked = world.check(orders_csv(NEW), "new.csv", "orders")
    importing.queue(world.cast.finance, world.desk, checked.upload, checked.digest, now=world.now)
    before, after = added(OLD, "day"), added([*OLD, *NEW], "day")
    _die(world, point)
    committed = point == "import.committed"
    assert _day(world) == (after if committed else before)
    assert _lines(world, "upload.commit") == (2 if committed else 1)
    assert _whole(world)
    _take_up(world)
    assert _day(world) == after
    assert world.total("orders") == len(OLD) + len(NEW)
    assert _lines(world, "upload.commit") == 2
    assert _whole(world)
    assert uploads.status(world.cast.finance, world.desk, checked.upload).state == "committed"
    states = {j.kind: j.state for j in db.session.query(Job)}
    assert states == {"import.commit": "done", "serving.build": "done"}


def test_h1_what_a_killed_commit_left_is_swept_and_changes_nothing(world: World) -> None:
    checked = world.check(orders_csv(NEW), "new.csv", "orders")
    importing.queue(world.cast.finance, world.desk, checked.upload, checked.digest, now=world.now)
    _die(world, "import.sealed")
    folder = world.desk.ledger.root / "orders"
    assert len(list(folder.glob("*.parquet"))) == 2
    later = datetime.now(UTC) + timedelta(days=2)
    assert keeping.sweep(world.desk, now=later) == 1
    assert _day(world) == added(OLD, "day")
    _take_up(world)
    assert _day(world) == added([*OLD, *NEW], "day")


@pytest.mark.parametrize("point", BUILD_POINTS)
def test_h1_a_build_killed_anywhere_changes_no_answer(world: World, point: str) -> None:
    world.bring(orders_csv(NEW), "new.csv", "orders")
    after = added([*OLD, *NEW], "day")
    _die(world, point)
    assert _day(world) == after
    _take_up(world)
    assert _day(world) == after
    assert [j.state for j in db.session.query(Job)] == ["done"]


@pytest.fixture
def staged_again(world: World) -> Iterator[tuple[checking.DryRun, Any]]:
    """A checked file, and a way to stage it again without reading it again."""
    checked = world.check(orders_csv(NEW), "new.csv", "orders")
    path = checking.staged(world.desk, "orders", checked.upload, checked.digest)
    kept = path.with_name("kept")
    shutil.copy(path, kept)
    yield checked, lambda: shutil.copy(kept, path)
    kept.unlink()


def test_h4_whichever_statement_of_a_commit_fails_nothing_of_it_stays(
    world: World, staged_again: tuple[checking.DryRun, Any]
) -> None:
    checked, stage = staged_again
    before, lines = _day(world), len(auditing.listing(world.cast.admin, limit=500))
    count, failed = 0, 0

    def fail(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal count
        if not statement.startswith(("SELECT", "PRAGMA", "BEGIN")):
            count += 1
            if count == failed:
                raise sqlite3.OperationalError("disk I/O error")

    event.listen(db.engine, "before_cursor_execute", fail)
    try:
        while failed <= 40:
            count, failed = 0, failed + 1
            stage()
            try:
                world.commit(checked)
            except OperationalError:
                assert (_day(world), len(auditing.listing(world.cast.admin, limit=500))) == (before, lines)
                assert uploads.status(world.cast.finance, world.desk, checked.upload).state == "inspected"
                continue
            break
    finally:
        event.remove(db.engine, "before_cursor_execute", fail)
    assert 2 < failed < 40
    assert _day(world) == added([*OLD, *NEW], "day")
    assert _whole(world)


def _full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("point", ["facts.seal.written", "facts.seal.renamed"])
def test_h2_a_full_disk_at_the_commit_is_said_and_space_is_all_it_takes(world: World, point: str) -> None:
    checked = world.check(orders_csv(NEW), "new.csv", "orders")
    arm(point, _full)
    try:
        with pytest.raises(OutOfSpace):
            world.commit(checked)
    finally:
        disarm(point)
    assert _day(world) == added(OLD, "day")
    world.commit(checked)
    assert _day(world) == added([*OLD, *NEW], "day")


def _fill(world: World) -> None:
    for number in range(200):
        world.receive(orders_csv([replace(OLD[0], order_id=f"Z{number}")]), "x" * 190 + ".csv", "orders")


def test_h2_a_full_database_is_said_and_space_is_all_it_takes(world: World) -> None:
    checked = world.check(orders_csv(NEW), "new.csv", "orders")
    pages = db.session.execute(text("PRAGMA page_count")).scalar()
    db.session.rollback()

    def cap(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(db.engine, "connect", cap)
    db.session.remove()
    db.engine.dispose()
    try:
        with pytest.raises(OutOfSpace):
            _fill(world)
        assert _day(world) == added(OLD, "day")
    finally:
        event.remove(db.engine, "connect", cap)
        db.session.remove()
        db.engine.dispose()
    world.commit(checked)
    assert _day(world) == added([*OLD, *NEW], "day")
    assert _whole(world)


def test_h2_a_full_disk_at_a_build_leaves_the_answers(world: World) -> None:
    world.bring(orders_csv(NEW), "new.csv", "orders")
    arm("facts.build.rows", _full)
    try:
        with pytest.raises(OSError, match="No space"):
            serving.build(world.desk, "orders")
    finally:
        disarm("facts.build.rows")
    assert _day(world) == added([*OLD, *NEW], "day")
    assert not list((world.desk.ledger.root / "orders").glob(".building*"))
