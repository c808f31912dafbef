"""Killed at any moment, out of space, or refused by the database: the old state or the new one, never a part."""
from __future__ import annotations

import errno
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from dashapp.core.errors import Conflict, OutOfSpace, Unavailable
from dashapp.core.failpoint import arm, disarm
from dashapp.ingest import sandbox
from dashapp.ingest.model import Conversion
from dashapp.services import (
    auditing,
    checking,
    connecting,
    feeding,
    fetching,
    preparing,
    quality,
    queueing,
    serving,
    sweeping,
    uploads,
)
from dashapp.services.desk import Desk
from dashapp.services.feeding import FeedPlan
from dashapp.services.folder import Watch
from models import Job, db
from tests import postgres
from tests.cast import Cast
from tests.services import points
from tests.services.dying import clear_queue, day, die, failing, is_whole, lines_of, take_up
from tests.services.world import ORDERS_MAPPING, World, added, orders, orders_csv

IN_CHILD = True
OLD, NEW = orders(20), orders(24, prefix="B")


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    """Orders committed and served; no job waits."""
    found = World(desk, cast)
    found.bring(orders_csv(OLD), "old.csv", "orders", ORDERS_MAPPING, build=True)
    clear_queue()
    return found


@pytest.mark.parametrize("point", points.COMMIT)
def test_h1_a_commit_killed_anywhere_is_old_or_new_and_its_job_finishes_it(world: World, point: str) -> None:
    checked = world.check(orders_csv(NEW), "new.csv", "orders")
    queueing.queue(world.cast.finance, world.desk, checked.upload, checked.digest, now=world.now)
    before, after = added(OLD, "day"), added([*OLD, *NEW], "day")
    die(world, point)
    committed = point == "import.committed"
    assert day(world) == (after if committed else before)
    assert lines_of(world, "upload.commit") == (2 if committed else 1)
    assert is_whole(world)
    take_up(world)
    assert day(world) == after
    assert world.total("orders") == len(OLD) + len(NEW)
    assert lines_of(world, "upload.commit") == 2
    assert is_whole(world)
    assert uploads.status(world.cast.finance, world.desk, checked.upload).state == "committed"
    states = {j.kind: j.state for j in db.session.query(Job)}
    kinds = (queueing.COMMIT_JOB, serving.BUILD_JOB, preparing.WARM_JOB, quality.MEASURE_JOB)
    assert states == dict.fromkeys(kinds, "done")


def test_h1_what_a_killed_commit_left_is_swept_and_changes_nothing(world: World) -> None:
    checked = world.check(orders_csv(NEW), "new.csv", "orders")
    queueing.queue(world.cast.finance, world.desk, checked.upload, checked.digest, now=world.now)
    die(world, "import.sealed")
    folder = world.desk.ledger.root / "orders"
    assert len(list(folder.glob("*.parquet"))) == 2
    later = datetime.now(UTC) + timedelta(days=2)
    assert sweeping.sweep(world.desk, now=later) == 1
    assert day(world) == added(OLD, "day")
    take_up(world)
    assert day(world) == added([*OLD, *NEW], "day")


def _files(world: World) -> set[str]:
    return {p.name for p in world.desk.originals.iterdir()}


@pytest.mark.parametrize("point", points.RECEIVE)
def test_h1_a_file_whose_reception_was_killed_is_no_upload_and_is_swept_after_aday(
    world: World, tmp_path: Path, point: str
) -> None:
    sent, kept = tmp_path / "sent.csv", _files(world)
    sent.write_bytes(orders_csv(NEW))
    die(world, point, "receive", str(world.cast.finance.id), str(sent))
    assert len(_files(world) - kept) == 1
    assert lines_of(world, "upload.receive") == 1
    assert sweeping.sweep(world.desk, now=datetime.now(UTC)) == 0, "it might be on its way still"
    assert sweeping.sweep(world.desk, now=datetime.now(UTC) + timedelta(days=2)) == 1
    assert _files(world) == kept
    world.bring(orders_csv(NEW), "new.csv", "orders")
    assert day(world) == added([*OLD, *NEW], "day")
    assert is_whole(world)


@pytest.mark.parametrize("point", points.REJECT)
def test_h1_a_refusal_killed_half_way_is_a_refusal_and_its_file_is_swept(world: World, point: str) -> None:
    kept = _files(world)
    checked = world.check(orders_csv(NEW), "new.csv", "orders")
    die(world, point, "reject", str(world.cast.finance.id), checked.upload)
    assert uploads.status(world.cast.finance, world.desk, checked.upload).state == "rejected"
    with pytest.raises(Conflict):
        world.commit(checked)
    assert sweeping.sweep(world.desk, now=datetime.now(UTC) + timedelta(days=2)) == 2, "its bytes, its staged rows"
    assert _files(world) == kept
    assert day(world) == added(OLD, "day")
    assert is_whole(world)


@pytest.mark.parametrize("point", points.CHECK)
def test_h1_a_dry_run_killed_anywhere_shows_nothing_and_can_be_made_again(world: World, point: str) -> None:
    upload = world.receive(orders_csv(NEW), "new.csv", "orders")
    die(world, point, "check", str(world.cast.finance.id), upload)
    found = uploads.status(world.cast.finance, world.desk, upload)
    assert (found.state, found.digest is None) == (("inspected", False) if point == "import.checked" else
                                                   ("received", True))
    assert day(world) == added(OLD, "day")
    world.commit(world.dry_run(upload))
    assert day(world) == added([*OLD, *NEW], "day")
    assert sweeping.sweep(world.desk, now=datetime.now(UTC) + timedelta(days=2)) == 0
    assert is_whole(world)


@pytest.mark.parametrize("point", points.FOLDER)
def test_h1_files_of_a_watched_folder_killed_anywhere_are_old_or_new_and_count_once(
    world: World, tmp_path: Path, point: str
) -> None:
    orders_ = tmp_path / "watched" / "orders"
    orders_.mkdir(parents=True)
    for number in range(3):
        (orders_ / f"{number}.csv").write_bytes(orders_csv(NEW[number * 8:number * 8 + 8]))
    (orders_ / "nothing.csv").write_bytes(b"")
    before, after = added(OLD, "day"), added([*OLD, *NEW], "day")
    die(world, point, "watch", str(orders_.parent))
    assert day(world) == (after if point == "arriving.committed" else before), "all files of the group, or none"
    assert is_whole(world)
    watch = Watch(orders_.parent)
    for _ in range(3):
        watch(world.desk, world.now)
    lying = {folder: sorted(p.name for p in (orders_ / folder).iterdir()) for folder in (".taken", "done", "failed")}
    assert lying == {".taken": [], "done": ["0.csv", "1.csv", "2.csv"],
                     "failed": ["nothing.csv", "nothing.csv.reason.txt"]}
    assert day(world) == after
    assert (world.total("orders"), lines_of(world, "upload.commit")) == (len(OLD) + len(NEW), 1 + 3)
    states = [u.state for u in uploads.listing(world.cast.finance, world.desk)]
    assert states == ["committed"] * 4, "what was received once is not received again"
    assert is_whole(world)


@pytest.fixture
def fed(world: World, postgres_server: str) -> Iterator[World]:
    """A feed of the new orders, waiting for its first run."""
    name = "crashing_feed"
    postgres.run(postgres_server, f"CREATE DATABASE {name}")
    url = postgres_server.format(name=name).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (order_id text, date date, sku text, region text, qty int, "
                           "price numeric, revenue numeric)")
        for row in NEW:
            connection.execute("INSERT INTO orders VALUES (%s, %s, %s, %s, %s, %s, %s)", row.cells())
    connecting.add(world.cast.admin, world.desk, "shop", url, now=world.now)
    feeding.add(world.cast.admin, world.desk, "orders", FeedPlan(
        "shop", "SELECT * FROM orders", "orders", "every 1 hour", "upsert", ("order_id",)), now=world.now)
    feeding.run(world.cast.finance, world.desk, "orders", now=world.now)
    yield world
    world.desk.ledger.warehouses.close()
    postgres.run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.postgres
@pytest.mark.parametrize("point", points.FETCH)
def test_h1_a_feed_killed_while_it_fetches_brings_its_rows_once(fed: World, point: str) -> None:
    die(fed, point)
    assert day(fed) == added(OLD, "day")
    _fed_in_the_end(fed)


@pytest.mark.postgres
@pytest.mark.parametrize("point", points.BRING)
def test_h1_a_feed_killed_after_its_commit_only_notes_it(fed: World, point: str) -> None:
    fetching.fetch(fed.desk, {"feed": "orders", "asked": True}, now=fed.now, progress=lambda _s, _w: None)
    db.session.query(Job).filter(Job.kind == feeding.FETCH_JOB).delete()
    db.session.commit()
    die(fed, point)
    assert day(fed) == added([*OLD, *NEW], "day")
    _fed_in_the_end(fed)


def _fed_in_the_end(world: World) -> None:
    take_up(world)
    found = feeding.get(world.cast.finance, "orders")
    assert (found.said, found.trouble, found.failures) == ("24 rows: 24 new.", "", 0)
    assert day(world) == added([*OLD, *NEW], "day")
    assert [u.state for u in uploads.listing(world.cast.finance, world.desk)] == ["committed"] * 2
    assert lines_of(world, "upload.commit") == 2
    assert is_whole(world)


def test_h1_what_uploads_stand_for_outlives_every_sweep(world: World) -> None:
    bad = replace(NEW[0], order_id="")
    waiting = world.check(orders_csv([bad, *NEW[1:]]), "new.csv", "orders")
    assert waiting.quarantined == 1
    before = _files(world), {p.name for p in world.desk.quarantine.iterdir()}
    sweeping.sweep(world.desk, now=datetime.now(UTC) + timedelta(days=400))
    assert (_files(world), {p.name for p in world.desk.quarantine.iterdir()}) == before
    world.commit(waiting)  # its staged rows went, so the file is read again
    assert day(world) == added([*OLD, *NEW[1:]], "day")


def test_h1_a_first_file_of_a_dataset_that_never_came_to_be_is_swept_too(world: World) -> None:
    checked = world.check(orders_csv(NEW), "new.csv", "returns", ORDERS_MAPPING)
    staged = checking.staged(world.desk, "returns", checked.upload, checked.digest)
    assert staged.exists()
    assert sweeping.sweep(world.desk, now=datetime.now(UTC) + timedelta(days=2)) == 1
    assert not staged.exists()


@pytest.mark.parametrize("point", points.BUILD)
def test_h1_a_build_killed_anywhere_changes_no_answer(world: World, point: str) -> None:
    world.bring(orders_csv(NEW), "new.csv", "orders")
    after = added([*OLD, *NEW], "day")
    die(world, point)
    assert day(world) == after
    take_up(world)
    assert day(world) == after
    kinds = {serving.BUILD_JOB, preparing.WARM_JOB, quality.MEASURE_JOB}  # computed and measured since it is served
    assert sorted((j.kind, j.state) for j in db.session.query(Job)) == sorted((k, "done") for k in kinds)


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
    before, lines = day(world), len(auditing.listing(world.cast.admin, limit=500))
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
                assert (day(world), len(auditing.listing(world.cast.admin, limit=500))) == (before, lines)
                assert uploads.status(world.cast.finance, world.desk, checked.upload).state == "inspected"
                continue
            break
    finally:
        event.remove(db.engine, "before_cursor_execute", fail)
    assert 2 < failed < 40
    assert day(world) == added([*OLD, *NEW], "day")
    assert is_whole(world)


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The child reads each file once; whoever asks again is given the same rows."""
    real, said = sandbox.convert_file, dict[str, Conversion]()

    def convert(source: Path, *given: Any, out: Path, **more: Any) -> Conversion:
        kept = tmp_path / f"{source.name}.rows"
        if source.name not in said:
            said[source.name] = real(source, *given, out=out, **more)
            shutil.copy(out, kept)
        shutil.copy(kept, out)
        return replace(said[source.name], out=str(out))

    monkeypatch.setattr(sandbox, "convert_file", convert)


@pytest.mark.usefixtures("read_once")
def test_h4_whichever_statement_of_a_dry_run_fails_it_shows_nothing_and_can_be_made_again(world: World) -> None:
    upload = world.receive(orders_csv(NEW), "new.csv", "orders")
    before, lines = day(world), len(auditing.listing(world.cast.admin, limit=500))
    ended = 0
    for number in range(1, 60):
        try:
            with failing(number, []):
                checked = world.dry_run(upload)
        except OperationalError:
            ended = number
            found = uploads.status(world.cast.finance, world.desk, upload)
            assert (found.state, found.digest) == ("received", None)
            assert (day(world), len(auditing.listing(world.cast.admin, limit=500))) == (before, lines)
            assert [p.name for p in _stagings(world) if not re.search("-[0-9a-f]{16}[.]", p.name)] == [], "half of one"
            continue
        break
    assert ended >= 5, "reading the state, the figures and writing the preview are more than that"
    assert world.commit(checked).state == "committed"
    assert day(world) == added([*OLD, *NEW], "day")
    assert is_whole(world)


def _stagings(world: World) -> list[Path]:
    return sorted((world.desk.ledger.root / "orders").glob(".staging-*"))


@pytest.mark.usefixtures("read_once")
@pytest.mark.parametrize("point", points.CHECK)
def test_h4_h2_a_full_disk_anywhere_in_a_dry_run_shows_nothing_and_space_is_all_it_takes(
    world: World, point: str
) -> None:
    upload = world.receive(orders_csv(NEW), "new.csv", "orders")
    arm(point, _full)
    try:
        with pytest.raises(OutOfSpace, match="disk is full"):
            world.dry_run(upload)
    finally:
        disarm(point)
    assert day(world) == added(OLD, "day")
    world.commit(world.dry_run(upload))
    assert day(world) == added([*OLD, *NEW], "day")
    assert _stagings(world) == []


def test_h4_a_child_that_cannot_write_fails_the_dry_run_in_words_and_the_next_one_works(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = world.receive(orders_csv(NEW), "new.csv", "orders")
    plain = sandbox.command()
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "command", lambda: ["/bin/sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *plain])
        with pytest.raises(Unavailable, match="try again"):
            world.dry_run(upload)
    found = uploads.status(world.cast.finance, world.desk, upload)
    assert (found.state, found.digest, _stagings(world)) == ("received", None, [])
    world.commit(world.dry_run(upload))
    assert day(world) == added([*OLD, *NEW], "day")


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
    assert day(world) == added(OLD, "day")
    world.commit(checked)
    assert day(world) == added([*OLD, *NEW], "day")


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
        assert day(world) == added(OLD, "day")
    finally:
        event.remove(db.engine, "connect", cap)
        db.session.remove()
        db.engine.dispose()
    world.commit(checked)
    assert day(world) == added([*OLD, *NEW], "day")
    assert is_whole(world)


def test_h2_a_full_disk_at_a_build_leaves_the_answers(world: World) -> None:
    world.bring(orders_csv(NEW), "new.csv", "orders")
    arm("facts.build.rows", _full)
    try:
        with pytest.raises(OutOfSpace, match="disk is full"):
            serving.build(world.desk, "orders")
    finally:
        disarm("facts.build.rows")
    assert day(world) == added([*OLD, *NEW], "day")
    assert not list((world.desk.ledger.root / "orders").glob(".building*"))
