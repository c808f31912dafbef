"""The watched folder: what is taken, what is left alone, and what a kill in between leaves."""
from __future__ import annotations

import fcntl
import json
import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from dashapp.core.errors import Unavailable
from dashapp.services import auditing, closing, folder, importing, uploads
from dashapp.services.desk import Desk
from dashapp.services.folder import Watch
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

    monkeypatch.setattr(folder, "_ingest" if died_after == "taken" else "_put", die)
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
    monkeypatch.setattr(folder, "_ingest", busy)
    watch = looks(lite, orders, 3)
    assert (names(orders / ".taken"), names(orders / "failed")) == (["a.csv"], [])
    monkeypatch.undo()
    looks(lite, orders, 1, watch)
    assert names(orders / "done") == ["a.csv"]


def test_without_a_folder_nothing_is_watched(lite: World, tmp_path: Path) -> None:
    assert Watch(tmp_path / "nowhere")(lite.desk, lite.now) == 0
