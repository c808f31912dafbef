"""Section D by the way a file goes: it arrives, a process of its own looks at it, it is refused in one sentence;
nothing of it stays but its line, and the next file is read as if nothing had been."""
from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app

from dashapp.core.errors import AppError, Invalid, OutOfSpace, TooLarge, TooMany, Unavailable
from dashapp.core.mapping import mapping_from_json
from dashapp.ingest import sandbox
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import auditing, checking, correcting, queueing, receiving, reverting, uploads, working
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from models import Job, db
from tests.cast import Cast
from tests.hostile import xlsx
from tests.hostile.catalogue import BUILT, WRITTEN
from tests.services.world import ORDERS_MAPPING, World, added, orders, orders_csv

IN_CHILD = True
ROWS = orders(12)
APPEND: dict[str, Any] = {"mode": "append", "key": []}
LARGE = {"d4 blanks", "d4 string", "d4 entries", "d14 line"}  # in full size in tests/web/test_live_hostile.py


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


@pytest.fixture
def whole(world: World) -> Iterator[World]:
    """Whatever the file was, the next one comes in, and nothing of the other lies about."""
    yield world
    assert [p.name for p in world.desk.scratch.iterdir()] in ([], ["slots"])
    assert list(world.desk.quarantine.iterdir()) == []
    world.bring(orders_csv(ROWS), "good.csv", "orders", ORDERS_MAPPING)
    assert world.values("revenue", "day") == added(ROWS, "day")


CASES = [n for n in (*BUILT, *WRITTEN) if n not in LARGE]


@pytest.mark.parametrize("name", CASES)
def test_d1_to_d8_d13_d14_a_hostile_file_is_refused_in_one_sentence_and_the_next_one_is_read(
    whole: World, tmp_path: Path, name: str
) -> None:
    data = BUILT[name](tmp_path / "a.xlsx").read_bytes() if name in BUILT else WRITTEN[name]
    ending = "xlsx" if name in BUILT else "csv"
    if not data:
        with pytest.raises(Invalid, match="empty"):
            whole.receive(data, f"a.{ending}", "orders")
        return
    upload = whole.receive(data, f"a.{ending}", "orders")
    for look in (lambda: checking.inspect(whole.cast.finance, whole.desk, upload, now=whole.now),
                 lambda: whole.dry_run(upload, APPEND)):
        with pytest.raises(Invalid) as caught:
            look()
        said = caught.value.message
        assert said.endswith((".", "!"))
        assert "\n" not in said
        assert "Traceback" not in said
    found = uploads.status(whole.cast.finance, whole.desk, upload)
    assert (found.state, found.error, found.digest) == ("failed", said, None)
    assert load_scene().datasets == {}
    assert not [p for p in whole.desk.ledger.root.rglob("*") if p.is_file()]
    checking.reject(whole.cast.finance, whole.desk, upload, now=whole.now)
    assert list(whole.desk.originals.iterdir()) == []


def test_d8_what_a_file_is_decides_its_content_not_its_name(world: World, tmp_path: Path) -> None:
    book = xlsx.pack(tmp_path / "a.xls", xlsx.parts(xlsx.sheet_xml(xlsx.table_rows())))
    for name, data in (("book.xls", book.read_bytes()), ("text.xlsx", b"Date,Revenue\n2025-01-09,5\n")):
        checked = world.check(data, name, "sales", APPEND)
        assert "file-misnamed" in {i["code"] for i in checked.issues}
        world.commit(checked)
    assert world.total("revenue") == sum(10.5 * n for n in range(2, 5)) + 5


def test_d9_macros_links_and_hidden_sheets_are_told_and_never_read(world: World, tmp_path: Path) -> None:
    checked = world.check(xlsx.with_macros(tmp_path / "a.xlsm").read_bytes(), "a.xlsm", "sales", APPEND)
    assert {"file-macros", "file-links"} <= {i["code"] for i in checked.issues}
    assert world.commit(checked).rows == 3
    for state in ("hidden", "veryHidden"):
        data = xlsx.two_sheets(tmp_path / f"{state}.xlsx", state).read_bytes()
        upload = world.receive(data, f"{state}.xlsx", state.lower())
        with pytest.raises(Invalid, match="hidden"):
            world.dry_run(upload, {**APPEND, "sheet": "Secret"})
        checked = world.dry_run(upload, APPEND)
        assert (checked.mapping.sheet, checked.sheets, checked.rows) == ("Open", ("Open",), 3)
        assert any(i["code"] == "sheet-hidden" and "Secret" in i["message"] for i in checked.issues)


DEATHS = {
    "killed": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", Unavailable, "try again"),
    "out of memory": ("import os; os.abort()", Invalid, "more memory"),
    "out of time": ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", Invalid, "more time"),
    "garbage": ("print('{\"result\": {\"rows\": \"many\"}}')", Unavailable, "try again"),
    "a full disk": ("print('{\"error\": {\"kind\": \"space\", \"message\": \"\"}}')", OutOfSpace, "disk is full"),
}


@pytest.mark.parametrize("death", DEATHS)
def test_d15_whatever_ends_the_reading_the_upload_stays_open_and_can_be_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, death: str
) -> None:
    code, error, words = DEATHS[death]
    upload = world.receive(orders_csv(ROWS), "a.csv", "orders")
    queueing.queue_check(world.cast.finance, world.desk, upload, mapping_from_json(ORDERS_MAPPING), now=world.now)
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "command", lambda: [sys.executable, "-c", f"import sys; sys.stdin.readline()\n{code}"])
        later = _work(world, 6)
        job = queueing.job_of(world.cast.finance, world.desk, upload)
        assert job is not None
        assert (job.state, words in (job.error or "")) == ("failed", True)
        assert job.attempts == (1 if error is Invalid else 3), "what may pass by itself is tried again by itself"
        with pytest.raises(error, match=words):
            world.dry_run(upload, ORDERS_MAPPING)
    found = uploads.status(world.cast.finance, world.desk, upload)
    assert (found.state, found.digest) == ("failed" if error is Invalid else "received", None)
    assert [p.name for p in world.desk.scratch.iterdir()] == ["slots"]
    queueing.queue_check(world.cast.finance, world.desk, upload, mapping_from_json(ORDERS_MAPPING), now=later)
    _work(world, 1, later)
    found = uploads.status(world.cast.finance, world.desk, upload)
    assert (found.state, found.error) == ("inspected", None)
    world.commit(world.dry_run(upload))
    assert world.values("revenue", "day") == added(ROWS, "day")


def _work(world: World, rounds: int, start: Any = None) -> Any:
    """A worker with a clock of its own, far enough on between two looks for every second try; the moment it ended."""
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    moment = start or world.now
    for _ in range(rounds):
        Worker(app, lambda: world.desk, HANDLERS, clock=lambda: moment).step()  # noqa: B023 - asked at once
        db.session.remove()
        moment += timedelta(minutes=5)
    assert db.session.query(Job).filter(Job.state == "running").count() == 0
    return moment


def test_d11_what_the_installation_lets_in_is_what_is_read(world: World) -> None:
    small = replace(world, desk=replace(world.desk, max_upload=100))
    with pytest.raises(TooLarge):
        small.receive(orders_csv(ROWS), "a.csv", "orders")
    upload = world.receive(orders_csv(ROWS), "a.csv", "orders")
    with pytest.raises(TooLarge, match="can be read"):
        small.dry_run(upload, ORDERS_MAPPING)
    world.commit(world.dry_run(upload, ORDERS_MAPPING))


def test_d16_files_and_megabytes_of_a_day_are_counted_in_every_way_a_person_has(world: World) -> None:
    few = replace(world, desk=replace(world.desk, daily_files=3))
    first = few.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    few.receive(orders_csv(ROWS[:2]), "b.csv", "orders")
    reverting.undo(few.cast.finance, few.desk, first.id, now=few.now)
    correcting.anew(few.cast.finance, few.desk, first.id, now=few.now)
    for act in (lambda: few.receive(orders_csv(ROWS[:3]), "c.csv", "orders"),
                lambda: correcting.anew(few.cast.finance, few.desk, first.id, now=few.now)):
        with pytest.raises(TooMany, match="3 of 3 files") as refused:
            act()
        assert (refused.value.status, refused.value.extra["remaining_files"]) == (429, 0)
    small = replace(world, desk=replace(world.desk, daily_bytes=100))
    with pytest.raises(TooMany) as refused:
        small.receive(orders_csv(ROWS[:4]), "d.csv", "orders")
    assert refused.value.extra["remaining_bytes"] == 0
    assert len([x for x in auditing.listing(world.cast.admin) if x.action == "upload.receive"]) == 3


def test_d16_files_that_come_at_the_same_moment_are_counted_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one = replace(world, desk=replace(world.desk, daily_files=1))
    real = receiving._store

    def slowly(*given: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(receiving, "_store", real)
            one.receive(orders_csv(ROWS[:2]), "quick.csv", "orders")  # while the bytes of the other one arrive
        return real(*given)

    monkeypatch.setattr(receiving, "_store", slowly)
    with pytest.raises(TooMany):
        one.receive(orders_csv(ROWS), "slow.csv", "orders")
    assert [u.source_name for u in uploads.listing(one.cast.finance, one.desk)] == ["quick.csv"]
    assert len(list(one.desk.originals.iterdir())) == 1


def test_d15_a_job_that_cannot_write_says_that_the_disk_is_full(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_a: object, **_k: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sandbox.tempfile, "TemporaryDirectory", full)
    upload = world.receive(orders_csv(ROWS), "a.csv", "orders")
    with pytest.raises(OutOfSpace, match="disk is full"):
        world.dry_run(upload, ORDERS_MAPPING)
    with pytest.raises(AppError, match="disk is full"):
        checking.inspect(world.cast.finance, world.desk, upload, now=world.now)
    assert working.latest((f"check:{upload}",)) is None
