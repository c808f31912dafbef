"""One workbook, several sheets: each comes once, into the same dataset, and what overlaps is told before it counts."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook

from dashapp.core.errors import Conflict
from dashapp.services import receiving, reverting, uploads
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
