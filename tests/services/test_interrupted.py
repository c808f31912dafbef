"""The ways beside the plain commit - undo and redo, closing, corrections, senders, quality - killed at any moment, out
of space, or refused by the database: the old state or the new one, and the same can be done again."""
from __future__ import annotations

import errno
import io
import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from dashapp.core.errors import Conflict, OutOfSpace
from dashapp.core.failpoint import arm, disarm
from dashapp.core.mapping import mapping_from_json
from dashapp.services import (
    closing,
    correcting,
    profiling,
    quality,
    queueing,
    receiving,
    reverting,
    sweeping,
    uploads,
)
from dashapp.services.desk import Desk
from models import db
from tests.cast import Cast
from tests.services import points
from tests.services.dying import clear_queue, die, everything, failing, is_whole, lines_of, take_up
from tests.services.world import ORDERS_MAPPING, World, added, orders, orders_csv

OLD = orders(20)
LATE = [replace(OLD[0], qty=9), *orders(6, prefix="L")]  # November 2025, which is closed
WHY = "the courier's list came late"


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    """Orders of November, committed, served and closed; no job waits."""
    found = World(desk, cast)
    found.bring(orders_csv(OLD), "old.csv", "orders", ORDERS_MAPPING, build=True)
    closing.close(cast.finance, desk, "2025-11", now=found.now, reason="month end")
    clear_queue()
    return found


def first(world: World) -> str:
    return uploads.listing(world.cast.finance, world.desk)[-1].id


def me(world: World) -> str:
    return str(world.cast.finance.id)


@pytest.mark.parametrize("point", points.TOGGLE)
def test_h1_an_undo_or_a_redo_that_is_killed_did_not_happen_and_can_be_done_again(world: World, point: str) -> None:
    upload, there = first(world), added(OLD, "day")
    for verb, act, after in (("undo", reverting.undo, {}), ("redo", reverting.redo, there)):
        before = everything(world)
        die(world, point, verb, me(world), upload)
        assert everything(world) == before
        act(world.cast.finance, world.desk, upload, now=world.now, reason="wrong file")
        assert everything(world)["figures"] == after
        assert lines_of(world, f"upload.{verb}") == 1
    assert {x.deed for x in closing.late(world.cast.finance, world.desk)} == {"redo", "undo"}
    assert is_whole(world)


@pytest.mark.parametrize("point", points.CLOSE)
def test_h1_a_closing_that_is_killed_closed_nothing(world: World, point: str) -> None:
    for verb, period in (("close", "2025-12"), ("reopen", "2025-11")):
        before = everything(world)
        die(world, point, verb, me(world), period)
        assert everything(world) == before
    assert closing.close(world.cast.finance, world.desk, "2025-12", now=world.now).number == 2
    assert is_whole(world)


@pytest.mark.parametrize("point", points.COMMIT)
def test_h1_a_late_file_of_a_closed_month_killed_anywhere_is_listed_once_with_its_reason_or_not_at_all(
    world: World, point: str
) -> None:
    checked = world.check(orders_csv(LATE), "late.csv", "orders")
    assert checked.closed.any
    queueing.queue(world.cast.finance, world.desk, checked.upload, checked.digest, now=world.now, reason=WHY)
    before = everything(world)
    die(world, point)
    after = everything(world)
    done = point == "import.committed"
    for part in ("figures", "late", "senders", "uploads", "trail"):
        assert (after[part] == before[part]) is not done, part
    take_up(world)
    assert [(x.upload, x.reason) for x in closing.late(world.cast.finance, world.desk)] == [(checked.upload, WHY)]
    assert [p.uses for p in profiling.listing(world.cast.finance, "orders")] == [2]
    assert world.values("revenue", "day") == added([*LATE, *OLD[1:]], "day")
    assert len(quality.history(world.cast.finance, "orders")) == 1
    assert is_whole(world)


@pytest.mark.parametrize("point", points.RECEIVE)
def test_h1_a_file_that_is_brought_again_and_killed_on_the_way_leaves_no_upload(world: World, point: str) -> None:
    before = everything(world)
    die(world, point, "anew", me(world), first(world))
    after = everything(world)
    stray = after.pop("files") - before.pop("files")
    assert (after, [name.partition("/")[0] for name in stray]) == (before, ["originals"])
    assert sweeping.sweep(world.desk, now=datetime.now(UTC) + timedelta(days=2)) == 1
    made = correcting.anew(world.cast.finance, world.desk, first(world), now=world.now)
    assert made.mapping["key"] == ["order_id"], "it is read as the former one was"


@pytest.mark.parametrize("point", points.MEASURE)
def test_h1_a_measurement_that_is_killed_is_made_again_by_its_job(world: World, point: str) -> None:
    quality.queue_due(world.desk, now=world.now)
    before = everything(world)
    die(world, point)
    after = everything(world)
    assert (after["quality"], before["quality"]) == ((), ())
    take_up(world)
    found = quality.history(world.cast.finance, "orders")
    assert [(q.counts["rows"], q.scores["uniqueness"]) for q in found] == [(len(OLD), 1.0)]


def test_h1_what_a_killed_reading_had_put_aside_is_swept_and_the_places_of_readers_stay(world: World) -> None:
    left = world.desk.scratch / "ledgerline-read-abc"
    left.mkdir()
    (left / "rows.parquet").write_bytes(b"half")
    world.check(orders_csv(LATE), "late.csv", "orders")
    assert sweeping.sweep(world.desk, now=datetime.now(UTC)) == 0, "it might be read still"
    assert sweeping.sweep(world.desk, now=datetime.now(UTC) + timedelta(days=2)) == 2, "and the preview's rows"
    assert not left.exists()
    assert [p.name for p in world.desk.scratch.iterdir()] in ([], ["slots"])


Act = Callable[[World], object]
VERBS: dict[str, Act] = {
    "undo": lambda w: reverting.undo(w.cast.finance, w.desk, first(w), now=w.now, reason=WHY),
    "close": lambda w: closing.close(w.cast.finance, w.desk, "2025-12", "orders", now=w.now),
    "reopen": lambda w: closing.reopen(w.cast.finance, w.desk, "2025-11", now=w.now, reason=WHY),
    "anew": lambda w: correcting.anew(w.cast.finance, w.desk, first(w), now=w.now),
    "measure": lambda w: quality.measure(w.desk, "orders", now=w.now),
    "measure what is due": lambda w: quality.queue_due(w.desk, now=w.now),
    "rename": lambda w: profiling.rename(w.cast.finance, "orders", "old", "Warehouse", now=w.now),
    "forget": lambda w: profiling.forget(w.cast.finance, "orders", "old", now=w.now),
    "receive": lambda w: receiving.receive(w.cast.finance, w.desk, io.BytesIO(orders_csv(LATE)), "l.csv", "orders",
                                           now=w.now),
}


@pytest.mark.parametrize("said", ["disk I/O error", "database or disk is full"])
@pytest.mark.parametrize("verb", VERBS)
def test_h4_whichever_statement_fails_nothing_of_it_stays_and_a_full_disk_is_said(
    world: World, verb: str, said: str
) -> None:
    before, failed = everything(world), 0
    told = OperationalError if said == "disk I/O error" else OutOfSpace
    for number in range(1, 80):
        seen: list[int] = []
        try:
            with failing(number, seen, reads=False, said=said):
                VERBS[verb](world)
        except told:
            failed += 1
            assert everything(world) == before, number
            continue
        break
    assert 1 <= failed == len(seen), "every statement that writes was the one that failed, once"
    assert everything(world) != before
    assert is_whole(world)


@pytest.mark.parametrize("verb", VERBS)
def test_h4_a_disk_that_is_full_at_the_very_commit_leaves_nothing_either(
    world: World, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(world)

    def full(_connection: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(db.engine.dialect, "do_commit", full)
        with pytest.raises(OutOfSpace, match="The disk is full"):
            VERBS[verb](world)
    assert everything(world) == before
    VERBS[verb](world)
    assert everything(world) != before


def test_h4_a_late_file_of_which_any_statement_fails_is_not_listed_as_late(world: World) -> None:
    checked = world.check(orders_csv(LATE), "late.csv", "orders")
    before, failed = everything(world), 0
    for number in range(1, 80):
        try:
            with failing(number, [], reads=False):
                world.commit(checked, reason=WHY)
        except OperationalError:
            failed += 1
            after = everything(world)
            assert {**after, "files": None} == {**before, "files": None}, number
            continue
        break
    assert failed >= 5, "the late change, the sender, the upload, the queue and the trail are more than that"
    assert [x.reason for x in closing.late(world.cast.finance, world.desk)] == [WHY]
    assert sweeping.sweep(world.desk, now=datetime.now(UTC) + timedelta(days=2)) == 0, "nothing was left lying about"
    assert is_whole(world)


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_h2_a_disk_that_fills_up_while_a_file_arrives_is_said_and_the_same_file_can_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    before = everything(world)

    def full(*_a: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class Full(io.BytesIO):
        def read(self, *_a: Any) -> bytes:
            return full() or b""

    stream = Full(orders_csv(LATE)) if call == "write" else io.BytesIO(orders_csv(LATE))
    with monkeypatch.context() as patch:
        if call == "fsync":
            patch.setattr("dashapp.services.receiving.os.fsync", full)
        with pytest.raises(OutOfSpace, match="The disk is full"):
            receiving.receive(world.cast.finance, world.desk, stream, "l.csv", "orders", now=world.now)
    assert everything(world) == before
    world.commit(world.check(orders_csv(LATE), "l.csv", "orders"), reason=WHY)
    assert world.values("revenue", "day") == added([*LATE, *OLD[1:]], "day")


def test_h2_corrections_survive_a_full_disk_at_the_seal(world: World) -> None:
    slip = [replace(r, price=r.price * 100) if r is OLD[3] else r for r in OLD]
    checked = world.check(orders_csv(slip), "slip.csv", "orders")
    was = str(slip[3].revenue)
    fix = {**checked.mapping.to_json(), "corrections": [
        {"row": 5, "column": "revenue", "was": was, "value": str(OLD[3].revenue), "why": "hundredfold"}]}
    checked = world.dry_run(checked.upload, fix)

    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    arm("facts.seal.written", full)
    try:
        with pytest.raises(OutOfSpace):
            world.commit(checked, reason=WHY)
    finally:
        disarm("facts.seal.written")
    done = world.commit(checked, reason=WHY)
    assert [c.why for c in mapping_from_json(done.mapping).corrections] == ["hundredfold"]
    assert world.total("revenue") == sum((r.revenue for r in OLD), Decimal(0))
    with pytest.raises(Conflict):
        world.receive(orders_csv(OLD), "old.csv", "orders")
