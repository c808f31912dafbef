"""The watched folder: what is taken, what is left alone, and what a kill in between leaves."""
from __future__ import annotations

import fcntl
import json
import os
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app

from dashapp.core.errors import TooMany, Unavailable
from dashapp.core.failpoint import arm, disarm
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import (
    auditing,
    closing,
    folder,
    importing,
    preparing,
    quality,
    queueing,
    serving,
    uploads,
    working,
)
from dashapp.services.desk import Desk
from dashapp.services.folder import Watch
from models import Job, db
from tests.cast import Cast
from tests.services.world import ORDERS_MAPPING, Order, World, added, orders_csv

ROWS = [Order(f"A{n}", date(2026, 1, 5) + timedelta(n), "S1", "EMEA", 2, Decimal("1.25")) for n in range(6)]


@pytest.fixture
def lite(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """WATCH_DIR/orders with the mapping that its files need."""
    made = tmp_path / "watched" / "orders"
    made.mkdir(parents=True)
    (made / "mapping.json").write_text(json.dumps(ORDERS_MAPPING))
    return made


def names(where: Path) -> list[str]:
    return sorted(p.name for p in where.iterdir()) if where.is_dir() else []


def looks(world: World, orders: Path, count: int = 2, watch: Watch | None = None) -> Watch:
    watch = watch or Watch(orders.parent)
    for _ in range(count):
        watch(world.desk, world.now)
    return watch


def test_a_file_that_lies_still_is_taken_in_and_put_into_done(lite: World, orders: Path) -> None:
    (orders / "january.csv").write_bytes(orders_csv(ROWS))
    watch = looks(lite, orders, 1)
    assert names(orders) == ["january.csv", "mapping.json"]
    assert watch(lite.desk, lite.now) == 1
    assert names(orders / "done") == ["january.csv"]
    assert (orders / "done" / "january.csv").read_bytes() == orders_csv(ROWS)
    assert lite.values("revenue", "day") == added(ROWS, "day")
    (found,) = uploads.listing(lite.cast.finance, lite.desk)
    assert (found.source_name, found.via, found.user_email, found.state) == (
        "january.csv", "folder", "watched folder", "committed")
    assert {x.via for x in auditing.listing(lite.cast.admin) if x.subject == found.id} == {"folder"}
    assert watch(lite.desk, lite.now) == 0


def test_a_file_that_still_grows_is_left_alone_until_it_lies_still(lite: World, orders: Path) -> None:
    path, data, watch = orders / "a.csv", orders_csv(ROWS), Watch(orders.parent)
    for end in (20, 60, len(data)):
        path.write_bytes(data[:end])
        os.utime(path, ns=(end, end))
        watch(lite.desk, lite.now)
        assert path.exists(), end
    looks(lite, orders, 1, watch)
    assert lite.values("revenue", "day") == added(ROWS, "day")


def test_what_cannot_be_used_lies_in_failed_with_the_reason(lite: World, orders: Path) -> None:
    (orders / "a.csv").write_bytes(orders_csv(ROWS))
    looks(lite, orders)
    (orders / "empty.csv").write_bytes(b"")
    (orders / "same.csv").write_bytes(orders_csv(ROWS))
    (orders / "picture.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 50)
    looks(lite, orders)
    failed = orders / "failed"
    assert [n for n in names(failed) if not n.endswith(".reason.txt")] == ["empty.csv", "picture.xlsx", "same.csv"]
    assert (failed / "empty.csv.reason.txt").read_text() == "The file is empty.\n"
    assert "already in orders" in (failed / "same.csv.reason.txt").read_text()
    assert (failed / "picture.xlsx.reason.txt").read_text().strip()
    assert lite.values("revenue", "day") == added(ROWS, "day")


def test_a_new_dataset_is_not_guessed_how_its_rows_are_recognised(lite: World, orders: Path) -> None:
    (orders / "mapping.json").unlink()
    (orders / "a.csv").write_bytes(orders_csv(ROWS))
    looks(lite, orders)
    assert "mapping.json" in (orders / "failed" / "a.csv.reason.txt").read_text()
    (orders / "mapping.json").write_text("{")
    (orders / "b.csv").write_bytes(orders_csv(ROWS))
    looks(lite, orders)
    assert "not JSON" in (orders / "failed" / "b.csv.reason.txt").read_text()
    assert all(u.state != "committed" for u in uploads.listing(lite.cast.finance, lite.desk))


def test_rows_of_closed_periods_wait_for_somebody_with_a_reason(lite: World, orders: Path) -> None:
    (orders / "a.csv").write_bytes(orders_csv(ROWS))
    looks(lite, orders)
    closing.close(lite.cast.finance, lite.desk, "2026-01", now=lite.now)
    (orders / "late.csv").write_bytes(orders_csv([Order("Z", date(2026, 1, 9), "S1", "EMEA", 1, Decimal(1))]))
    looks(lite, orders)
    assert "Give a reason" in (orders / "failed" / "late.csv.reason.txt").read_text()
    waiting = next(u for u in uploads.listing(lite.cast.finance, lite.desk) if u.source_name == "late.csv")
    assert (waiting.state, waiting.digest is not None) == ("inspected", True)
    importing.commit(lite.cast.finance, lite.desk, waiting.id, waiting.digest or "", now=lite.now, reason="came late")
    assert [x.reason for x in closing.late(lite.cast.finance, lite.desk)] == ["came late"]


def test_links_folders_hidden_and_unfinished_files_are_never_read(lite: World, orders: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(orders_csv(ROWS))
    (orders / "link.csv").symlink_to(secret)
    (orders / "sub").mkdir()
    for name in ("sub/inner.csv", ".hidden.csv", "x.csv.part", "x.tmp", "x.csv~"):
        (orders / name).write_bytes(orders_csv(ROWS))
    (orders.parent / "elsewhere").symlink_to(tmp_path)
    (orders.parent / "loose.csv").write_bytes(orders_csv(ROWS))
    looks(lite, orders, 3)
    assert "link" in (orders / "failed" / "link.csv.reason.txt").read_text()
    assert (orders / "failed" / "link.csv").is_symlink()
    assert secret.read_bytes() == orders_csv(ROWS)
    assert uploads.listing(lite.cast.finance, lite.desk) == ()
    assert {"sub", ".hidden.csv", "x.csv.part", "x.tmp", "x.csv~"} <= set(names(orders))


@pytest.mark.parametrize("died_after", ["taken", "committed"])
def test_h1_what_a_killed_worker_left_is_taken_up_again_and_counts_once(
        lite: World, orders: Path, monkeypatch: pytest.MonkeyPatch, died_after: str) -> None:
    (orders / "a.csv").write_bytes(orders_csv(ROWS))

    def die(*_a: object, **_k: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(folder, "_received" if died_after == "taken" else "_settle", die)
    watch = looks(lite, orders, 1)
    with pytest.raises(KeyboardInterrupt):
        watch(lite.desk, lite.now)
    monkeypatch.undo()
    assert names(orders / ".taken") == ["a.csv"]
    looks(lite, orders, 1)
    assert (names(orders / ".taken"), names(orders / "done"), names(orders / "failed")) == ([], ["a.csv"], [])
    assert lite.values("revenue", "day") == added(ROWS, "day")


def test_two_files_of_one_name_are_both_kept(lite: World, orders: Path) -> None:
    for rows in (ROWS[:3], ROWS[3:]):
        (orders / "day.csv").write_bytes(orders_csv(rows))
        looks(lite, orders)
    kept = [p.read_bytes() for p in (orders / "done").iterdir()]
    assert sorted(kept) == sorted([orders_csv(ROWS[:3]), orders_csv(ROWS[3:])])
    assert lite.values("revenue", "day") == added(ROWS, "day")


def test_a_second_worker_leaves_a_folder_alone_that_another_one_watches(lite: World, orders: Path) -> None:
    (orders / "a.csv").write_bytes(orders_csv(ROWS))
    with (orders.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        looks(lite, orders, 3)
        assert names(orders) == ["a.csv", "mapping.json"]
    looks(lite, orders)
    assert names(orders / "done") == ["a.csv"]


def test_a_database_that_is_away_is_no_fault_of_the_file(
        lite: World, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_a: object, **_k: object) -> None:
        raise Unavailable("The database is busy.")

    (orders / "a.csv").write_bytes(orders_csv(ROWS))
    monkeypatch.setattr(folder, "_received", busy)
    watch = looks(lite, orders, 3)
    assert (names(orders / ".taken"), names(orders / "failed")) == (["a.csv"], [])
    monkeypatch.undo()
    looks(lite, orders, 1, watch)
    assert names(orders / "done") == ["a.csv"]


def test_without_a_folder_nothing_is_watched(lite: World, tmp_path: Path) -> None:
    assert Watch(tmp_path / "nowhere")(lite.desk, lite.now) == 0


def test_many_files_in_one_go_are_each_a_vintage_and_add_up(lite: World, orders: Path) -> None:
    many = made(60)
    for number in range(0, 60, 2):
        (orders / f"{number:02d}.csv").write_bytes(orders_csv(many[number:number + 2]))
    assert looks(lite, orders, 1)(lite.desk, lite.now) == 30
    assert lite.values("revenue", "day") == added(many, "day")
    found = uploads.listing(lite.cast.finance, lite.desk)
    assert {(u.state, u.rows, u.via) for u in found} == {("committed", 2, "folder")}
    assert sorted(u.commit or 0 for u in found) == list(range(1, 31))
    assert [u.source_name for u in sorted(found, key=lambda u: u.commit or 0)] == [f"{n:02d}.csv"
                                                                                  for n in range(0, 60, 2)]
    assert all((u.result or {})["effect"]["new"] == 2 for u in found)
    trail = auditing.listing(lite.cast.admin, limit=500)
    assert sum(x.action == "upload.commit" for x in trail) == 30
    assert auditing.verify_chain(lite.cast.admin).is_whole
    assert names(orders / "done") == [f"{n:02d}.csv" for n in range(0, 60, 2)]


def test_serving_is_built_and_quality_measured_once_for_a_burst(lite: World, orders: Path) -> None:
    many = made(40)
    for number in range(0, 40, 2):
        (orders / f"{number:02d}.csv").write_bytes(orders_csv(many[number:number + 2]))
    looks(lite, orders)
    kinds = [j.kind for j in working.listing(lite.cast.admin)]
    assert kinds == [serving.BUILD_JOB]
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    worker = Worker(app, lambda: lite.desk, HANDLERS, clock=lambda: lite.now + timedelta(minutes=1))
    while worker.step():
        db.session.remove()
    assert sorted(j.kind for j in working.listing(lite.cast.admin)) == sorted(
        [serving.BUILD_JOB, preparing.WARM_JOB, quality.MEASURE_JOB])
    assert lite.values("revenue", "day") == added(many, "day")


def test_files_of_a_burst_see_what_the_ones_before_brought(lite: World, orders: Path) -> None:
    """A correction of a row that the same burst brought, rows that are known, and a file that came twice."""
    (orders / "0.csv").write_bytes(orders_csv(ROWS[:2]))
    looks(lite, orders)
    changed = [replace(ROWS[3], qty=9), ROWS[0]]
    for number, rows in enumerate((ROWS[2:4], changed, ROWS[4:], ROWS[4:], [replace(ROWS[0], qty=7)]), start=1):
        (orders / f"{number}.csv").write_bytes(orders_csv(rows))
    looks(lite, orders)
    assert names(orders / "done") == ["0.csv", "1.csv", "2.csv", "3.csv", "5.csv"]
    assert "already in orders" in (orders / "failed" / "4.csv.reason.txt").read_text()
    want = [replace(ROWS[0], qty=7), ROWS[1], ROWS[2], changed[0], *ROWS[4:]]
    assert lite.values("revenue", "day") == added(want, "day")
    effects = {u.source_name: (u.result or {})["effect"] for u in uploads.listing(lite.cast.finance, lite.desk)
               if u.state == "committed"}
    assert [effects["2.csv"][k] for k in ("new", "changed", "identical")] == [0, 1, 1]
    assert [effects["5.csv"][k] for k in ("new", "changed", "identical")] == [0, 1, 0]


def test_odd_files_of_a_burst_go_their_own_way_and_hold_up_no_other(lite: World, orders: Path) -> None:
    (orders / "0.csv").write_bytes(orders_csv(ROWS[:1]))
    looks(lite, orders)
    wide = orders_csv(ROWS[3:4]).decode().replace("revenue", "revenue,channel").replace("2.50\n", "2.50,web\n")
    closing.close(lite.cast.finance, lite.desk, "2025-12", now=lite.now)
    for name, data in {
        "1.csv": orders_csv(ROWS[1:2]), "2.csv": b"order_id,date\nx,soon\n", "3.csv": orders_csv(ROWS[2:3]),
        "4.csv": wide.encode(), "5.csv": b"\x89PNG\r\n\x1a\n" + b"x" * 50, "6.csv": orders_csv(ROWS[4:5]),
        "7.csv": orders_csv([Order("late", date(2025, 12, 9), "S", "EMEA", 1, Decimal(1))]),
        "8.csv": orders_csv(ROWS[5:]),
    }.items():
        (orders / name).write_bytes(data)
    looks(lite, orders)
    assert names(orders / "done") == [f"{n}.csv" for n in (0, 1, 3, 4, 6, 8)]
    failed = [n for n in names(orders / "failed") if not n.endswith(".txt")]
    assert failed == ["2.csv", "5.csv", "7.csv"]
    assert "Give a reason" in (orders / "failed" / "7.csv.reason.txt").read_text()
    assert lite.values("revenue", "day") == added(ROWS, "day")
    assert lite.values("revenue", "day", by=("channel",))[("2026-01-08", "web")] == ROWS[3].revenue
    waiting = next(u for u in uploads.listing(lite.cast.finance, lite.desk) if u.source_name == "7.csv")
    assert waiting.state == "inspected"
    assert (waiting.result or {})["moves"], "what a person decides is worked out"


def test_a_dataset_that_changed_during_a_burst_is_looked_at_anew(
        lite: World, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (orders / "0.csv").write_bytes(orders_csv(ROWS[:1]))
    looks(lite, orders)
    for number in (1, 2, 3):
        (orders / f"{number}.csv").write_bytes(orders_csv(ROWS[number:number + 1]))
    watch = looks(lite, orders, 1)

    def meddle() -> None:
        disarm("arriving.sealed")
        lite.bring(orders_csv([replace(ROWS[2], qty=100)]), "theirs.csv", "orders")

    arm("arriving.sealed", meddle)
    try:
        watch(lite.desk, lite.now)
    finally:
        disarm("arriving.sealed")
    assert names(orders / "done") == [f"{n}.csv" for n in range(4)]
    assert lite.values("revenue", "day") == added(ROWS[:4], "day"), "the later commit has the word"
    assert lite.total("orders") == 4


def test_people_who_wait_for_a_job_of_theirs_go_first(lite: World, orders: Path) -> None:
    (orders / "0.csv").write_bytes(orders_csv(ROWS[:1]))
    looks(lite, orders)
    many = made(2 * folder.TOGETHER)
    for number, row in enumerate(many):
        (orders / f"m{number:03d}.csv").write_bytes(orders_csv([row]))
    checked = lite.check(orders_csv(ROWS[1:]), "hers.csv", "orders")
    queueing.queue(lite.cast.finance, lite.desk, checked.upload, checked.digest, now=lite.now)
    watch = looks(lite, orders, 1)
    assert watch(lite.desk, lite.now) == folder.TOGETHER
    assert len(names(orders / "done")) == 1 + folder.TOGETHER
    db.session.query(Job).delete()
    db.session.commit()
    watch(lite.desk, lite.now)
    assert watch(lite.desk, lite.now) + len(names(orders / "done")) >= 1 + len(many)
    assert len(names(orders / "done")) == 1 + len(many)


def test_d16_the_quota_of_a_dataset_holds_for_the_folder_and_the_others_come_the_next_day(
        lite: World, orders: Path) -> None:
    few = World(replace(lite.desk, system_files=3), lite.cast)
    for number in range(5):
        (orders / f"{number}.csv").write_bytes(orders_csv(ROWS[number:number + 1]))
    looks(few, orders)
    assert (names(orders / "done"), names(orders / "failed")) == (["0.csv", "1.csv", "2.csv"], [])
    assert "3 of 3 files" in (orders / "waiting.txt").read_text()
    looks(few, orders, 2)
    assert len(names(orders / "done")) == 3
    other = orders.parent / "returns"
    other.mkdir()
    (other / "mapping.json").write_text(json.dumps(ORDERS_MAPPING))
    (other / "r.csv").write_bytes(orders_csv(ROWS))
    looks(few, orders)
    assert names(other / "done") == ["r.csv"], "each dataset has its own"
    tomorrow = World(few.desk, few.cast, few.now + timedelta(days=1, minutes=1))
    looks(tomorrow, orders, 1)
    assert (len(names(orders / "done")), (orders / "waiting.txt").exists()) == (5, False)
    assert lite.values("revenue", "day") == added(ROWS[:5], "day")


def test_d16_what_people_bring_counts_for_them_and_not_for_the_folder(lite: World, orders: Path) -> None:
    few = World(replace(lite.desk, system_files=1, daily_files=2), lite.cast)
    (orders / "0.csv").write_bytes(orders_csv(ROWS[:1]))
    looks(few, orders)
    for number in (1, 2):
        few.bring(orders_csv(ROWS[number:number + 1]), f"{number}.csv", "orders")
    with pytest.raises(TooMany, match="Your daily quota is used up: 2 of 2 files") as caught:
        few.receive(orders_csv(ROWS[3:4]), "3.csv", "orders")
    assert caught.value.extra["remaining_files"] == 0


def made(count: int) -> list[Order]:
    return [Order(f"M{n:03d}", date(2026, 1, 1) + timedelta(n // 2), f"S{n % 3}", "EMEA", 1 + n % 5, Decimal(n) / 4)
            for n in range(1, count + 1)]
