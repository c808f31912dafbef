"""Senders of a dataset: told by their columns, remembered with each commit, renamed and forgotten by people."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, Invalid, NotFound
from dashapp.services import auditing, profiling
from dashapp.services.desk import Desk
from models import DatasetRow, ProfileRow, db
from tests.cast import Cast
from tests.services.world import World

BERLIN: dict[str, Any] = {"key": ["day"], "mode": "upsert", "columns": {"Day": {"format": "dmy"}}}
BOSTON: dict[str, Any] = {
    "key": ["day"],
    "mode": "upsert",
    "columns": {"Date of sale": {"format": "mdy", "key": "day"}, "Sales": {"key": "amount"}},
}


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def north(month: int) -> bytes:
    return f"Day,Amount\n03/{month:02d}/2025,5\n05/{month:02d}/2025,6\n".encode()


def south(month: int) -> bytes:
    return f"Date of sale,Sales\n{month:02d}/07/2025,7\n{month:02d}/09/2025,8\n".encode()


def names(world: World) -> list[tuple[str, int]]:
    return [(p.name, p.uses) for p in profiling.listing(world.cast.finance, "sales")]


def test_two_senders_of_one_dataset_are_told_apart_by_their_columns(world: World) -> None:
    world.bring(north(1), "north 2025-01.csv", "sales", BERLIN)
    world.bring(south(1), "south_2025_01.csv", "sales", BOSTON)
    assert sorted(names(world)) == [("north", 1), ("south", 1)]
    upload = world.receive(south(2), "next.csv", "sales")
    checked = world.dry_run(upload, None)
    assert (checked.mapping.profile, checked.first, checked.last) == ("south", "2025-02-07", "2025-02-09")
    assert world.commit(checked).rows == 2
    checked = world.dry_run(world.receive(north(2), "more.csv", "sales"), None)
    assert (checked.mapping.profile, checked.first) == ("north", "2025-02-03")
    world.commit(checked)
    assert sorted(names(world)) == [("north", 2), ("south", 2)]


def test_what_changed_since_the_senders_last_file_is_in_the_dry_run(world: World) -> None:
    world.bring(north(1), "north.csv", "sales", BERLIN)
    checked = world.dry_run(
        world.receive(north(2).replace(b"Amount", b"Amount,Tax").replace(b",5", b",5,1"), "n.csv", "sales"),
        {"columns": {"Day": {"format": "dmy"}}},
    )
    assert [c["text"] for c in checked.to_json()["changes"]] == ["'Tax' is new."]
    assert checked.changes[0]["what"] == "new"


def test_a_sender_is_named_by_the_mapping(world: World) -> None:
    world.bring(north(1), "x.csv", "sales", {**BERLIN, "profile": "Berlin office"})
    assert names(world) == [("Berlin office", 1)]
    checked = world.dry_run(world.receive(north(2), "y.csv", "sales"), None)
    assert checked.mapping.profile == "Berlin office"


def test_two_files_of_one_name_with_other_columns_are_two_senders(world: World) -> None:
    world.bring(north(1), "sales.csv", "sales", BERLIN)
    world.bring(south(2), "sales.csv", "sales", BOSTON)
    assert sorted(n for n, _ in names(world)) == ["sales", "sales 2"]


def test_a_sender_is_renamed_and_forgotten_with_a_line_in_the_trail(world: World) -> None:
    world.bring(north(1), "north.csv", "sales", BERLIN)
    who = world.cast.finance
    later = world.now + timedelta(minutes=1)
    assert profiling.rename(who, "sales", "north", "  Berlin   office ", now=later).name == "Berlin office"
    checked = world.dry_run(world.receive(north(2), "y.csv", "sales"), None)
    assert checked.mapping.profile == "Berlin office"
    profiling.forget(who, "sales", "Berlin office", now=later)
    assert names(world) == []
    actions = [line.action for line in auditing.listing(world.cast.admin)]
    assert {"profile.rename", "profile.forget"} <= set(actions)
    assert db.session.query(DatasetRow).filter_by(key="sales").count() == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\u0000b"])
def test_a_sender_needs_a_name_that_can_be_read(world: World, name: str) -> None:
    world.bring(north(1), "north.csv", "sales", BERLIN)
    with pytest.raises(Invalid, match="1 to 100 characters"):
        profiling.rename(world.cast.finance, "sales", "north", name, now=world.now)


def test_names_are_unique_and_must_be_there(world: World) -> None:
    world.bring(north(1), "north.csv", "sales", BERLIN)
    world.bring(south(1), "south.csv", "sales", BOSTON)
    with pytest.raises(Conflict, match="Another sender"):
        profiling.rename(world.cast.finance, "sales", "north", "south", now=world.now)
    for verb in (
        lambda: profiling.listing(world.cast.finance, "gone"),
        lambda: profiling.forget(world.cast.finance, "sales", "gone", now=world.now),
        lambda: profiling.rename(world.cast.finance, "sales", "gone", "x", now=world.now),
    ):
        with pytest.raises(NotFound):
            verb()
    assert db.session.query(ProfileRow).count() == 2


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("sales_north_2025-03.xlsx", "sales north"),
        ("2025-03.csv", "First sender"),
        ("Bericht (März).xls", "Bericht März"),
        ("../../etc/passwd", "passwd"),
    ],
)
def test_a_new_sender_is_called_like_its_file(file: str, name: str) -> None:
    assert profiling.name_of(file) == name


def test_a_dataset_from_before_there_were_senders_keeps_its_last_habits(world: World) -> None:
    world.bring(north(1), "north.csv", "sales", BERLIN)
    db.session.query(ProfileRow).delete()
    db.session.commit()
    (only,) = profiling.known("sales")
    assert only.name == ""
    checked = world.dry_run(world.receive(north(2), "y.csv", "sales"), None)
    assert (checked.first, checked.mapping.profile) == ("2025-02-03", None)


def test_each_table_of_a_sheet_comes_once(world: World, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    for rows, top in ((range(1, 7), 1), (range(11, 15), 10)):
        page.cell(top, 1, "Day")
        page.cell(top, 2, "Amount" if top == 1 else "Cost")
        for i, n in enumerate(rows):
            page.cell(top + 1 + i, 1, f"2025-01-{n:02d}")
            page.cell(top + 1 + i, 2, n)
    book.save(tmp_path / "two.xlsx")
    data = (tmp_path / "two.xlsx").read_bytes()
    key = {"key": ["day"], "mode": "upsert"}
    with pytest.raises(Invalid, match="holds 2 tables"):
        world.bring(data, "two.xlsx", "sales", key)
    world.bring(data, "two.xlsx", "sales", {**key, "table": "A1:B7"})
    world.bring(data, "two.xlsx", "sales", {**key, "table": "A10:B14"})
    with pytest.raises(Conflict, match="already in sales"):
        world.bring(data, "two.xlsx", "sales", {**key, "table": "A10:B14"})
