"""Corrections: proposed, never applied unasked, kept with the upload, taken back by a vintage of their own."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from dashapp.core.correction import Correction
from dashapp.core.errors import Conflict, Invalid
from dashapp.core.mapping import mapping_from_json
from dashapp.services import correcting, reverting, uploads
from dashapp.services.desk import Desk
from dashapp.services.unit import reading
from models import DatasetRow
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import World

HEADER = ("Order ID", "Date", "Revenue")
KEYED: dict[str, Any] = {"key": ["order_id"], "mode": "upsert", "grain": "event"}
APPEND: dict[str, Any] = {"mode": "append", "grain": "event"}
SLIP = (11, "Revenue")  # row 11 of the file: order A009


def rows() -> list[tuple[str, date, Decimal]]:
    """Forty orders between 20 and 98, one of which lost its decimal mark: 5,675 for 56.75."""
    out = [(f"A{n:03d}", date(2026, 1, 1) + timedelta(n), Decimal(20 + 2 * n)) for n in range(40)]
    out[9] = ("A009", out[9][1], Decimal(5675))
    return out


TOTAL = sum((r[2] for r in rows()), Decimal(0))
MENDED = TOTAL - 5675 + Decimal("56.75")


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def check(world: World, mapping: dict[str, Any]) -> Any:
    return world.check(csv_bytes(HEADER, rows()), "orders.csv", "orders", mapping)


def mended(world: World, mapping: dict[str, Any], why: str = "") -> Any:
    """Checked, the proposal chosen, and checked again with it."""
    checked = check(world, mapping)
    chosen = correcting.corrected(world.cast.finance, world.desk, checked.upload, [SLIP], why=why)
    return world.dry_run(checked.upload, chosen.to_json())


def test_a_correction_is_proposed_and_nothing_is_changed_unasked(world: World) -> None:
    checked = check(world, KEYED)
    found = correcting.proposed(uploads.status(world.cast.finance, world.desk, checked.upload))
    assert [(c.row, c.column, Decimal(c.was), Decimal(c.value or 0)) for c in found] == [
        (*SLIP, Decimal(5675), Decimal("56.75"))]
    world.commit(checked)
    assert world.total("revenue") == TOTAL


def test_a_chosen_correction_changes_the_value_and_is_told_with_its_cell(world: World) -> None:
    checked = mended(world, KEYED, why="mark slipped")
    told = next(i for i in checked.issues if i["code"] == "corrected")
    assert (told["cell"], told["severity"]) == ("C11", "info")
    assert "56.75 by a correction (mark slipped)" in told["message"]
    assert "outlier" not in {i["code"] for i in checked.issues}
    done = world.commit(checked)
    assert world.total("revenue") == MENDED
    kept = uploads.status(world.cast.finance, world.desk, done.id)
    assert mapping_from_json(kept.mapping).corrections == (Correction(*SLIP, "5675", "56.75", "mark slipped"),)


def test_a_correction_may_be_left_again_before_the_commit(world: World) -> None:
    checked = mended(world, KEYED)
    none = correcting.corrected(world.cast.finance, world.desk, checked.upload, [])
    world.commit(world.dry_run(checked.upload, none.to_json()))
    assert world.total("revenue") == TOTAL


def test_corrections_are_not_remembered_for_the_next_file(world: World) -> None:
    world.commit(mended(world, KEYED))
    with reading() as session:
        assert "corrections" not in session.query(DatasetRow).one().mapping


def test_a_correction_that_does_not_find_its_value_refuses_the_file(world: World) -> None:
    for one, why in (({"row": 11, "column": "Revenue", "was": "77", "value": "1"}, "holds 5,675"),
                     ({"row": 900, "column": "Revenue", "was": "77", "value": "1"}, "holds nothing"),
                     ({"row": 11, "column": "Nothing", "was": "77", "value": "1"}, "no column of numbers")):
        with pytest.raises(Invalid, match="does not fit this file") as caught:
            check(world, {**KEYED, "corrections": [one]})
        assert why in caught.value.message


def test_a_value_may_be_left_out(world: World) -> None:
    out = {"row": 11, "column": "Revenue", "was": "5675", "value": None}
    world.commit(check(world, {**KEYED, "corrections": [out]}))
    assert world.total("revenue") == TOTAL - 5675


def test_corrections_are_taken_back_by_a_vintage_of_their_own(world: World, cast: Cast) -> None:
    before = world.commit(mended(world, KEYED))
    then = world.now
    world.now += timedelta(hours=1)
    again = correcting.anew(cast.finance, world.desk, before.id, now=world.now)
    checked = world.dry_run(again.id)
    assert (checked.effect["changed"], checked.effect["identical"], checked.effect["new"]) == (1, len(rows()) - 1, 0)
    world.commit(checked)
    assert world.total("revenue") == TOTAL
    assert world.total("revenue", as_of=then) == MENDED, "the past keeps what it showed"
    reverting.undo(cast.finance, world.desk, again.id, now=world.now)
    assert world.total("revenue") == MENDED


def test_the_same_bytes_with_the_same_corrections_are_refused_as_ever(world: World, cast: Cast) -> None:
    before = world.commit(mended(world, KEYED))
    again = correcting.anew(cast.finance, world.desk, before.id, now=world.now)
    with pytest.raises(Conflict, match="already in orders"):
        world.dry_run(again.id, before.mapping)


def test_rows_that_only_add_up_must_be_undone_first(world: World, cast: Cast) -> None:
    before = world.commit(mended(world, APPEND))
    with pytest.raises(Conflict, match="Undo it first"):
        correcting.anew(cast.finance, world.desk, before.id, now=world.now)
    reverting.undo(cast.finance, world.desk, before.id, now=world.now)
    again = correcting.anew(cast.finance, world.desk, before.id, now=world.now)
    world.commit(world.dry_run(again.id))
    assert world.total("revenue") == TOTAL


def test_only_proposed_cells_can_be_chosen_on_the_screen(world: World, cast: Cast) -> None:
    checked = check(world, KEYED)
    with pytest.raises(Invalid, match="No correction is proposed for row 3"):
        correcting.corrected(cast.finance, world.desk, checked.upload, [(3, "Revenue")])


@pytest.mark.parametrize("bad", [
    {}, [1], [{"row": 0, "column": "a", "was": "1"}], [{"row": True, "column": "a", "was": "1"}],
    [{"row": 1, "column": 2, "was": "1"}], [{"row": 1, "column": "a", "was": "x"}],
    [{"row": 1, "column": "a", "was": "1", "value": "inf"}], [{"row": 1, "column": "a", "was": "1", "more": 1}],
    [{"row": 1, "column": "a", "was": "1"}, {"row": 1, "column": "a", "was": "2"}]])
def test_what_is_no_correction_is_refused(bad: Any) -> None:
    with pytest.raises(Invalid, match="correction"):
        mapping_from_json({"corrections": bad})


def test_corrections_travel_through_json() -> None:
    made = {"corrections": [{"row": 3, "column": "Revenue", "was": "12345", "value": "123.45", "why": "slip"},
                            {"row": 4, "column": "Revenue", "was": "-1", "value": None}]}
    assert mapping_from_json(made).to_json() == made
