"""Two vintages side by side, against a comparison in plain Python."""
from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.dataset import Column, RoleOf
from tests.facts.ground import COLUMNS, Ground, order

D1, D2 = date(2026, 2, 2), date(2026, 3, 3)


def compared(ground: Ground, one: int = 0, other: int = 1) -> Any:
    return ground.ledger.contrast(ground.dataset, ground.vintages[one], ground.vintages[other])


def test_rows_are_told_apart_by_their_key_with_the_cells_that_differ(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload([order("a", D1, "EMEA", "1"), order("b", D1, "APAC", "2"), order("c", D2, None, "3")])
    ground.upload([order("b", D2, "APAC", "2.50"), order("a", D1, "EMEA", "1"), order("d", D2, "EMEA", "9")])
    found = compared(ground)
    assert (found.first, found.second, found.key, found.rows) == ("u1", "u2", ("Order ID",), (3, 3))
    assert (found.same, found.changed, found.only_first, found.only_second, found.differing) == (1, 1, 1, 1, 3)
    assert found.sums == (("Revenue", Decimal("6.0000"), Decimal("12.5000")), ("Quantity", None, None))
    assert [(p.fate, p.key, p.rows) for p in found.pairs] == [
        ("changed", (("Order ID", "b"),), (3, 2)), ("first", (("Order ID", "c"),), (4, None)),
        ("second", (("Order ID", "d"),), (None, 4))]
    assert found.pairs[0].cells == (("Day", "2026-02-02", "2026-03-03"), ("Revenue", "2.0000", "2.5000"))
    assert found.pairs[2].cells == (("Day", None, "2026-03-03"), ("Region", None, "EMEA"), ("Revenue", None, "9.0000"))
    assert compared(ground, 1, 0) == found


def test_without_a_key_equal_rows_are_partners_one_by_one(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload([order("a", D1, "EMEA", "1")] * 3, "append", key=())
    ground.upload([order("a", D1, "EMEA", "1"), order("a", D1, "EMEA", "2")], "append", key=())
    found = compared(ground)
    assert (found.key, found.same, found.changed, found.only_first, found.only_second) == ((), 1, 0, 2, 1)
    assert all(p.cells == () for p in found.pairs)


def test_what_became_of_the_rows_since_does_not_matter(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload([order("a", D1, "EMEA", "1")])
    ground.upload([order("a", D1, "EMEA", "2")])
    before = compared(ground)
    ground.upload([order("a", D1, "EMEA", "3")])
    ground.switch("u1", live=False)
    assert compared(ground) == before


def test_columns_that_only_one_file_has_are_named(tmp_path: Path) -> None:
    note = Column("note", "Note", RoleOf.DIMENSION, "text")
    ground = Ground(tmp_path)
    ground.upload([order("a", D1, "EMEA", "1")], columns=COLUMNS[:-1])
    ground.dataset = replace(ground.dataset, columns=(*COLUMNS, note))
    ground.upload([{**order("a", D1, "EMEA", "1"), "note": "n"}], columns=(*COLUMNS[:2], *COLUMNS[3:], note))
    found = compared(ground)
    assert found.columns == (("Region",), ("Quantity", "Note"))
    assert (found.same, found.changed) == (0, 1)


def test_json_keeps_every_digit(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload([order("a", D1, "EMEA", "10000000000000.0001", 0.1)])
    ground.upload([order("a", D1, "EMEA", "10000000000000.0002", 0.1)])
    told = compared(ground).to_json()
    assert told["sums"] == {"Revenue": ["10000000000000.0001", "10000000000000.0002"], "Quantity": ["0.1", "0.1"]}
    assert told["pairs"] == [{"fate": "changed", "key": {"Order ID": "a"}, "rows": [2, 2], "cells": {
        "Revenue": ["10000000000000.0001", "10000000000000.0002"]}}]


def test_the_first_hundred_rows_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload([order(f"k{n:03}", D1, "EMEA", "1") for n in range(150)])
    ground.upload([order(f"k{n:03}", D1, "EMEA", "2") for n in range(150)])
    found = compared(ground)
    assert (found.changed, len(found.pairs), found.pairs[0].key) == (150, 100, (("Order ID", "k000"),))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("keyed", [True, False])
def test_random_files_are_counted_as_plain_python_counts_them(tmp_path: Path, seed: int, keyed: bool) -> None:
    dice = random.Random(seed)
    ground, files = Ground(tmp_path), []
    for _ in range(2):
        rows = [order(f"k{dice.randrange(30)}", D1 + timedelta(dice.randrange(2)), dice.choice(["EMEA", None]),
                      str(dice.randrange(2))) for _ in range(30)]
        files.append(list({r["order_id"]: r for r in rows}.values()) if keyed else rows)
        ground.upload(files[-1], "upsert" if keyed else "append", key=("order_id",) if keyed else ())
    found = compared(ground)
    whole = [Counter(tuple(r.values()) for r in rows) for rows in files]
    same = (whole[0] & whole[1]).total()
    keys = [Counter(r["order_id"] for r in rows) for rows in files] if keyed else whole
    shared = (keys[0] & keys[1]).total()
    assert (found.same, found.changed) == (same, shared - same)
    assert (found.only_first, found.only_second) == (len(files[0]) - shared, len(files[1]) - shared)
    assert found.sums[0][1:] == tuple(sum((r["revenue"] for r in rows), Decimal()) for rows in files)
