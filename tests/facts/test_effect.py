"""What a commit would do, told before it is done."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Column, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.period import Grain
from dashapp.core.where import parse_where
from dashapp.facts.effect import Effect
from tests.facts.ground import COLUMNS, Ground, checksum, order, write

D1, D2, D3 = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
KNOWN = [order("a", D1, "EMEA", "1"), order("b", D2, "APAC", "2"), order("c", D3, None, None),
         order(None, D3, "EMEA", "4")]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    made.upload(KNOWN)
    return made


def told(ground: Ground, rows: list[dict[str, Any]], mode: str, *, columns: Any = COLUMNS, **options: Any) -> Effect:
    path = write(ground.ledger.staging("orders", "try"), "try", rows, columns)
    return ground.ledger.effect(ground.dataset, ground.vintages, path, mode, **options)  # type: ignore[arg-type]


def test_a_first_upload_is_all_new(tmp_path: Path) -> None:
    effect = told(Ground(tmp_path), KNOWN, "upsert", key=("order_id",))
    assert (effect.rows, effect.new, effect.identical, effect.changed, effect.superseded) == (4, 4, 0, 0, 0)
    assert (effect.first, effect.last) == (D1, D3)


def test_e23_the_same_rows_in_another_file_are_reported_as_identical(ground: Ground) -> None:
    effect = told(ground, list(reversed(KNOWN)), "append")
    assert (effect.rows, effect.identical, effect.new) == (4, 4, 0)


def test_updates_are_told_apart_from_new_and_identical_rows(ground: Ground) -> None:
    rows = [KNOWN[0], order("b", D2, "APAC", "2.5"), order(None, D3, "EMEA", None), order("z", D3)]
    effect = told(ground, rows, "upsert", key=("order_id",))
    assert (effect.identical, effect.changed, effect.new, effect.superseded) == (1, 2, 1, 3)
    assert effect.hidden == effect.vanishing == 0


def test_a_row_that_was_undone_is_not_known(ground: Ground) -> None:
    ground.switch("u1", live=False)
    assert told(ground, KNOWN, "append").new == 4


def test_keys_that_occur_twice_in_the_file_are_counted(ground: Ground) -> None:
    rows = [order("x", D1), order("x", D2), order("x", D3), order(None, D1), order(None, D1), order("y", D1)]
    assert told(ground, rows, "upsert", key=("order_id",)).duplicate_keys_in_file == 3
    assert told(ground, rows, "append").duplicate_keys_in_file == 0


def test_a_replacement_tells_what_it_hides_and_what_would_vanish(ground: Ground) -> None:
    effect = told(ground, [KNOWN[1], order("d", D3, "EMEA", "9")], "replace-period")
    assert (effect.hidden, effect.vanishing, effect.identical, effect.new) == (3, 2, 1, 1)
    assert effect.replaced == (D2, D3)
    keyed = told(ground, [KNOWN[1], order("c", D3, "EMEA", "9")], "replace-period", key=("order_id",))
    assert (keyed.hidden, keyed.vanishing, keyed.changed, keyed.superseded) == (3, 1, 1, 2)


def test_a_replacement_by_slice_hides_only_its_values(ground: Ground) -> None:
    effect = told(ground, [order("x", D1, "EMEA"), order("y", D3, "EMEA")], "replace-period", slices=("region",))
    assert (effect.hidden, effect.replaced_slices) == (2, (("region", ("EMEA",)),))


def test_weeks_and_fiscal_quarters_are_replaced_whole(ground: Ground) -> None:
    ground.dataset = replace(ground.dataset, grain=Grain.WEEK)
    sunday = Calendar(week_start=6)
    assert told(ground, [order("x", D3)], "replace-period").replaced == (date(2026, 3, 2), date(2026, 3, 8))
    assert told(ground, [order("x", D3)], "replace-period", calendar=sunday).replaced == (D1, date(2026, 3, 7))
    ground.dataset = replace(ground.dataset, grain=Grain.QUARTER)
    fiscal = Calendar(fiscal_month=2)
    assert told(ground, [order("x", D3)], "replace-period", calendar=fiscal).replaced == (
        date(2026, 2, 1), date(2026, 4, 30))


def test_a_file_without_rows_or_dates_replaces_nothing(ground: Ground) -> None:
    for rows in ([], [order("x", None)]):
        effect = told(ground, rows, "replace-period")
        assert (effect.replaced, effect.hidden, effect.first) == (None, 0, None)


def test_rows_outside_the_uploaders_scope_are_counted(ground: Ground) -> None:
    scope = (parse_where("region=EMEA"),)
    rows = [order("a", D1, "EMEA"), order("b", D2, "EMEA"), order("n", D2, "APAC"), order("m", D2, None)]
    effect = told(ground, rows, "upsert", key=("order_id",), scope=scope)
    assert (effect.rows_outside_scope, effect.hidden_outside_scope) == (2, 1)
    confined = told(ground, [order("a", D1, "EMEA"), order("q", D3, "EMEA")], "replace-period", scope=scope)
    assert (confined.rows_outside_scope, confined.hidden_outside_scope, confined.hidden) == (0, 0, 2)


def test_a_scope_on_a_column_that_is_not_there_allows_no_row(ground: Ground) -> None:
    effect = told(ground, KNOWN, "upsert", key=("order_id",), scope=(parse_where("catalogue.category=Toys"),))
    assert effect.rows_outside_scope == effect.hidden_outside_scope == 4


def test_a_column_only_the_file_has_makes_its_rows_different(ground: Ground) -> None:
    more = (*COLUMNS, Column("note", "Note", RoleOf.DIMENSION, "text"), Column("fee", "Fee", RoleOf.MEASURE, "money"),
            Column("due", "Due", RoleOf.DATE, "date"), Column("score", "Score", RoleOf.MEASURE, "number"))
    effect = told(ground, [{**KNOWN[0], "note": "n"}, KNOWN[1]], "upsert", key=("order_id",), columns=more)
    assert (effect.changed, effect.identical) == (1, 1)


def test_an_update_without_a_key_is_refused(ground: Ground) -> None:
    with pytest.raises(Invalid):
        told(ground, KNOWN, "upsert")


def test_asking_changes_nothing(ground: Ground) -> None:
    before = checksum(ground.tables())
    told(ground, [order("a", D2)], "replace-period")
    assert checksum(ground.tables()) == before
    assert sorted(p.name for p in (ground.root / "orders").iterdir()) == [
        ".staging-try.parquet", ground.vintages[0].filename]


def test_a_reference_without_dates_can_be_updated(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    columns = tuple(c for c in COLUMNS if c.key in ("order_id", "region"))
    ground.dataset = replace(ground.dataset, kind="reference", columns=columns)
    ground.upload([order("a", None, "EMEA")], columns=columns)
    effect = told(ground, [order("a", None, "APAC")], "upsert", key=("order_id",), columns=columns)
    assert (effect.changed, effect.first, effect.replaced) == (1, None, None)
    assert told(ground, [order("a", None, "APAC")], "replace-period", columns=columns).hidden == 0
