"""Which rows of closed periods a change would bring or take away, against a plain comparison of what is visible."""
from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.closing import Touched
from dashapp.core.vintage import Vintage
from dashapp.core.where import parse_where
from dashapp.facts.tables import TableAt
from tests.facts.ground import COLUMNS, Ground, order, write

D1, D2, D3 = date(2026, 1, 30), date(2026, 2, 2), date(2026, 3, 3)
JAN, FEB = date(2026, 1, 31), date(2026, 2, 28)
KNOWN = [order("a", D1, "EMEA", "1"), order("b", D2, "APAC", "2"), order("c", D3, "EMEA", "3")]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    made.upload(KNOWN)
    return made


def touched(ground: Ground, rows: list[dict[str, Any]], mode: str = "upsert", *, until: date = FEB,
            key: tuple[str, ...] = ("order_id",), scope: tuple[Any, ...] = (), **options: Any) -> Touched:
    """What the commit of these rows would do."""
    path = write(ground.ledger.staging("orders", "try"), "try", rows)
    effect = ground.ledger.effect(ground.dataset, ground.vintages, path, mode, key, **options)  # type: ignore[arg-type]
    candidate = Vintage("try", "orders", len(ground.vintages) + 1, ground.now, str(path.resolve()), "", 0,
                        mode, key, replaced=effect.replaced,  # type: ignore[arg-type]
                        replaced_slices=effect.replaced_slices)
    return ground.ledger.closed(ground.dataset, ground.vintages, (*ground.vintages, candidate), until, scope)


def counts(found: Touched) -> tuple[int, int]:
    return found.came, found.went


def test_rows_of_open_days_touch_nothing(ground: Ground) -> None:
    assert counts(touched(ground, [order("z", D3), order("c", D3, "EMEA", "9")])) == (0, 0)


def test_rows_that_come_again_unchanged_touch_nothing(ground: Ground) -> None:
    assert not touched(ground, [*KNOWN, order("z", D3)]).any
    assert not touched(ground, KNOWN, "replace-period", key=()).any


def test_new_and_changed_rows_of_closed_days_are_told_with_what_they_replace(ground: Ground) -> None:
    found = touched(ground, [order("n", D1, "EMEA", "5"), order("b", D2, "APAC", "2.50"), order("z", D3)])
    assert counts(found) == (2, 1)
    assert found.periods == (("2026-01", 1, 0), ("2026-02", 1, 1))
    assert [(r.deed, r.day, r.upload, r.row, r.cells["Revenue"]) for r in found.rows] == [
        ("comes", D1, "try", 2, "5.0000"), ("comes", D2, "try", 3, "2.5000"), ("goes", D2, "u1", 3, "2.0000")]
    assert next(iter(found.rows[0].cells)) == "Order ID"


def test_the_last_closed_day_is_closed_and_the_next_is_open(ground: Ground) -> None:
    rows = [order("y", FEB), order("z", FEB + timedelta(1))]
    assert counts(touched(ground, rows)) == (1, 0)
    assert touched(ground, rows, until=JAN).came == 0


def test_a_row_that_moves_out_of_a_closed_day_goes(ground: Ground) -> None:
    assert counts(touched(ground, [order("b", D3, "APAC", "2")])) == (0, 1)


def test_appended_rows_add_up_even_when_they_are_known(ground: Ground) -> None:
    assert counts(touched(ground, [KNOWN[0]], "append")) == (1, 0)


def test_a_replacement_tells_what_would_vanish_and_what_comes_twice(ground: Ground) -> None:
    assert counts(touched(ground, [order("x", D1), order("y", D2)], "replace-period", key=())) == (2, 2)
    assert counts(touched(ground, [KNOWN[0], KNOWN[0]], "replace-period", key=())) == (1, 0)


def test_only_rows_within_the_scope_are_shown_and_all_are_counted(ground: Ground) -> None:
    found = touched(ground, [order("x", D1, "EMEA"), order("y", D2, "APAC")], scope=(parse_where("region=EMEA"),))
    assert found.came == 2
    assert [r.cells["Region"] for r in found.rows] == ["EMEA"]


def test_undo_and_redo_are_told_like_commits(ground: Ground) -> None:
    ground.upload([order("b", D2, "APAC", "7"), order("z", D3)])
    undone = tuple(replace(v, events=((ground.now, False),)) if v.id == "u2" else v for v in ground.vintages)
    back = ground.ledger.closed(ground.dataset, ground.vintages, undone, FEB)
    assert [(r.deed, r.cells["Revenue"]) for r in back.rows] == [("comes", "2.0000"), ("goes", "7.0000")]
    forth = ground.ledger.closed(ground.dataset, undone, ground.vintages, FEB)
    assert [(r.deed, r.cells["Revenue"]) for r in forth.rows] == [("comes", "7.0000"), ("goes", "2.0000")]


def test_of_a_list_without_dates_only_rows_that_go_are_told(tmp_path: Path) -> None:
    columns = tuple(c for c in COLUMNS if c.key != "day")
    ground = Ground(tmp_path, replace(Ground(tmp_path).dataset, columns=columns, kind="reference"))
    ground.upload([order("a", None, "EMEA", "1"), order("b", None, "APAC", "2")], columns=columns)
    new = touched(ground, [order("n", None, "EMEA", "3")])
    assert (new.is_list, new.any) == (True, False)
    changed = touched(ground, [order("a", None, "APAC", "1")])
    assert (counts(changed), changed.rows[0].cells["Region"], changed.rows[0].day) == ((0, 1), "EMEA", None)


def test_many_rows_are_counted_and_some_of_both_sides_are_shown(ground: Ground) -> None:
    ground.upload([order(f"k{n}", D1, "EMEA", "1") for n in range(200)])
    found = touched(ground, [order(f"k{n}", D1, "EMEA", "2") for n in range(200)])
    assert counts(found) == (200, 200)
    assert Counter(r.deed for r in found.rows) == {"comes": 25, "goes": 25}


@pytest.mark.parametrize("seed", range(12))
def test_random_changes_are_told_as_a_plain_comparison_tells_them(tmp_path: Path, seed: int) -> None:
    """Every kind of change against two lists of visible rows, read through the tables."""
    dice = random.Random(seed)
    ground = Ground(tmp_path)

    def some(count: int) -> list[dict[str, Any]]:
        return [order(f"k{dice.randrange(9)}{n if dice.random() < .3 else ''}", date(2026, 2, 20) + timedelta(
            dice.randrange(16)), dice.choice(["EMEA", "APAC", None]), str(dice.randrange(3))) for n in range(count)]

    def visible() -> Counter[tuple[Any, ...]]:
        rows = ground.ledger.tables([TableAt(ground.dataset, ground.vintages, None)]).fetch(
            "SELECT order_id, day, region, revenue FROM orders").to_pylist()
        return Counter(tuple(r.values()) for r in rows if r["day"] <= FEB)

    for step in range(6):
        before, vintages = visible(), ground.vintages
        if vintages and dice.random() < .3:
            one = dice.choice(vintages)
            ground.switch(one.id, live=not one.is_live())
        else:
            mode = dice.choice(["upsert", "append", "replace-period"])
            rows = {r["order_id"]: r for r in some(12)}  # a keyed file names each key once
            key = () if mode == "append" or (mode == "replace-period" and dice.random() < .5) else ("order_id",)
            ground.upload(list(rows.values()), mode, key=key)
        after = visible()
        found = ground.ledger.closed(ground.dataset, vintages, ground.vintages, FEB)
        assert counts(found) == ((after - before).total(), (before - after).total()), (seed, step)
