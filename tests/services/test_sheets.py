"""One workbook, several sheets: each comes once, into the same dataset, and what overlaps is told before it counts."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook

from dashapp.core.errors import Conflict
from dashapp.core.kpi import Kpi
from dashapp.services import defining, receiving, reverting, uploads
from dashapp.services.desk import Desk
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import World

APPEND: dict[str, Any] = {"mode": "append", "key": []}


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def overlapping(path: Path) -> bytes:
    """January to the 31st, and February that begins nine days earlier with the very rows of January."""
    book = Workbook()
    days = [f"2026-01-{n:02d}" for n in range(1, 32)] + [f"2026-02-{n:02d}" for n in range(1, 29)]
    for name, part in (("Jan", days[:31]), ("Feb", days[22:])):
        sheet = book.create_sheet(name)
        sheet.append(["Date", "Revenue"])
        for day in part:
            sheet.append([day, 1000 + days.index(day)])
    del book["Sheet"]
    book.save(path)
    return path.read_bytes()


def test_a_second_sheet_of_a_known_workbook_comes_and_its_overlap_is_told(world: World, tmp_path: Path) -> None:
    data = overlapping(tmp_path / "overlap.xlsx")
    jan = world.bring(data, "overlap.xlsx", "ov", {**APPEND, "sheet": "Jan"})
    upload = world.receive(data, "overlap.xlsx", "ov")  # as in the browser: which sheet is said later
    with pytest.raises(Conflict, match="The sheet Jan of these very bytes is already in ov") as refused:
        world.dry_run(upload, {**APPEND, "sheet": "Jan"})
    assert (refused.value.extra["upload"], refused.value.extra["link"]) == (jan.id, f"/data/{jan.id}")
    shown = uploads.status(world.cast.finance, world.desk, upload)
    assert (shown.state, (shown.result or {})["former"], shown.digest) == ("inspected", jan.id, None)
    checked = world.dry_run(upload, {**APPEND, "sheet": "Feb"})
    assert (checked.accepted, checked.effect["identical"], checked.effect["new"]) == (37, 9, 28)
    assert world.commit(checked).rows == 37


def test_a_workbook_of_which_every_sheet_is_here_is_refused_on_arrival(world: World, tmp_path: Path) -> None:
    data = overlapping(tmp_path / "overlap.xlsx")
    jan = world.bring(data, "overlap.xlsx", "ov", {**APPEND, "sheet": "Jan"})
    with pytest.raises(Conflict, match="Choose another sheet") as refused:
        receiving.receive(world.cast.finance, world.desk, io.BytesIO(data), "o.xlsx", "ov", now=world.now, sheet="Jan")
    assert refused.value.extra["upload"] == jan.id
    feb = world.bring(data, "overlap.xlsx", "ov", {**APPEND, "sheet": "Feb"})
    with pytest.raises(Conflict, match="These very bytes are already in ov"):
        world.receive(data, "again.xlsx", "ov")
    reverting.undo(world.cast.finance, world.desk, feb.id, now=world.now)
    anew = world.bring(data, "overlap.xlsx", "ov", {**APPEND, "sheet": "Feb"})
    with pytest.raises(Conflict, match="The sheet Feb"):
        reverting.redo(world.cast.finance, world.desk, feb.id, now=world.now)
    assert anew.state == "committed"


def test_two_checks_of_one_sheet_are_committed_once(world: World, tmp_path: Path) -> None:
    data = overlapping(tmp_path / "overlap.xlsx")
    mapping = {**APPEND, "sheet": "Feb"}
    one, two = (world.check(data, "overlap.xlsx", "ov", mapping) for _ in range(2))
    world.commit(one)
    with pytest.raises(Conflict, match="The sheet Feb"):
        world.commit(two)


def test_a_file_without_sheets_has_no_other_one(world: World) -> None:
    data = csv_bytes(("date", "revenue"), [("2026-01-01", 1)])
    world.bring(data, "o.csv", "ov", APPEND)
    with pytest.raises(Conflict, match="These very bytes"):
        receiving.receive(world.cast.finance, world.desk, io.BytesIO(data), "o.csv", "ov", now=world.now, sheet="Feb")


def stores(path: Path, *names: str) -> bytes:
    """One sheet per store over the same 28 dates; 10 a day in the first, 20 in the second."""
    book = Workbook()
    for n, name in enumerate(names, start=1):
        sheet = book.create_sheet(name)
        sheet.append(["Date", "Store", "Revenue"])
        for day in range(1, 29):
            sheet.append([f"2026-02-{day:02d}", name, 10 * n])
    del book["Sheet"]
    book.save(path)
    return path.read_bytes()


def test_a_sheet_per_store_over_the_same_dates_comes_in_beside_the_other_by_the_guessed_key(world: World,
                                                                                           tmp_path: Path) -> None:
    data = stores(tmp_path / "stores.xlsx", "North", "South")
    first = world.check(data, "stores.xlsx", "stores", {"sheet": "North"})
    assert first.key == ("date", "store")
    world.commit(first)
    second = world.check(data, "stores.xlsx", "stores", {"sheet": "South"})
    assert (second.effect["new"], second.effect["superseded"]) == (28, 0)
    assert [i["severity"] for i in second.issues] == ["info"], "no row is later than what is known"
    world.commit(second)
    defining.save(world.cast.analyst, world.desk, Kpi("taken", "Taken", "sum(stores.revenue)"), now=world.now)
    assert world.values("taken", by=("store",)) == {("2026-02", "North"): 280, ("2026-02", "South"): 560}


def test_rows_that_would_be_replaced_by_those_of_another_store_are_told_with_their_number(world: World,
                                                                                         tmp_path: Path) -> None:
    data, short = stores(tmp_path / "stores.xlsx", "North", "South"), {"key": ["date"], "mode": "upsert"}
    world.bring(data, "stores.xlsx", "stores", {**short, "sheet": "North"})
    checked = world.check(data, "stores.xlsx", "stores", {**short, "sheet": "South"})
    (told,) = (i for i in checked.issues if i["severity"] != "info")
    assert (told["code"], told["severity"], told["count"], told["column"]) == ("rows-displaced", "warning", 28, "Store")
    assert told["message"] == "28 rows with Store North would be replaced by rows with Store South."
    assert "add Store to the columns that identify a row" in told["help"]


@pytest.mark.parametrize(("again", "said"), [
    ("Date,Store,Revenue\n2026-02-01,North,9\n2026-02-02,North,9\n", None),
    ("Date,Store,Revenue\n2026-02-01,East,9\n2026-02-02,West,9\n2026-02-03,East,9\n2026-02-09,East,9\n",
     "3 rows would be replaced by rows with another Store: 2 with Store North by rows with Store East, and others."),
    ("Date,Store,Revenue\n2026-02-01,,9\n2026-02-02,North,9\n",
     "1 row with Store North would be replaced by rows without Store."),
])
def test_corrections_of_the_same_store_are_silent_others_are_summed_up(world: World, again: str,
                                                                            said: str | None) -> None:
    key = {"key": ["date"], "mode": "upsert"}
    world.bring(b"Date,Store,Revenue\n2026-02-01,North,1\n2026-02-02,North,2\n2026-02-03,North,3\n", "a.csv", "n", key)
    checked = world.check(again.encode(), "b.csv", "n", key)
    assert [i["message"] for i in checked.issues if i["code"] == "rows-displaced"] == ([said] if said else [])
