"""Bitmaps of serving files: who was active in each month, exactly, and only where they are worth their place."""
from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashapp.core.dataset import Column, RoleOf
from dashapp.core.rollup import RollupSpec, rollup_of
from dashapp.facts import bitmap
from dashapp.facts.serving import find_serving, read_serving
from tests.facts.ground import COLUMNS, Ground, order

REGIONS, CHANNELS = ["EMEA", "N'A", None], ["web", "shop"]
WIDER = (*COLUMNS, Column("channel", "Channel", RoleOf.DIMENSION, "text"))
CUSTOMERS = [*(f"c{n}" for n in range(23)), None]


def some_orders(count: int, customers: list[str | None] = CUSTOMERS) -> list[dict[str, Any]]:
    rng = random.Random(count)
    return [order(f"o{n}", date(2026, 1, 5) + timedelta(rng.randrange(70)) if rng.random() < 0.97 else None,
                  rng.choice(REGIONS), customer=rng.choice(customers)) | {"channel": rng.choice(CHANNELS)}
            for n in range(count)]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    made.dataset = replace(made.dataset, columns=WIDER)
    made.upload(some_orders(900), columns=WIDER)
    return made


def build(ground: Ground) -> RollupSpec:
    return ground.ledger.build(ground.dataset, ground.vintages, rollup_of(ground.dataset)).rollups


def sets(ground: Ground) -> dict[tuple[Any, ...], set[str]]:
    """(dimensions told apart, month, region, channel) -> who was active, of the rows in plain Python."""
    out: dict[tuple[Any, ...], set[str]] = {}
    for row in ground.tables().rows("orders", limit=10_000).to_pylist():
        if row["day"] is None or row["customer"] is None:
            continue
        for by in range(4):
            told = (row["region"] if by & 1 else None, row["channel"] if by & 2 else None)
            out.setdefault((by, row["day"].replace(day=1), *told), set()).add(row["customer"])
    return out


def rows(ground: Ground, where: str = "true") -> list[dict[str, Any]]:
    found = ground.tables().fetch(f"SELECT * EXCLUDE _bits, CAST(_bits AS VARCHAR) AS bits, bit_count(_bits) AS n "
                                  f"FROM orders__bitmap WHERE {where}")
    return found.to_pylist()


@pytest.mark.parametrize("size", [32_000, 5, 1])
def test_sets_of_every_subset_of_the_dimensions_equal_plain_python(
        ground: Ground, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(bitmap, "SIZE", size)
    monkeypatch.setattr(bitmap, "WORTH", 0)
    spec = build(ground)
    want = sets(ground)
    assert spec.bitmap == ("region", "channel")
    assert ground.tables().fetch("SELECT * FROM orders__bitmap").column_names == list(spec.bitmap_schema())
    got: dict[tuple[Any, ...], set[int]] = {}
    for row in rows(ground):
        ones = {row["_part"] * size + i for i, bit in enumerate(row["bits"]) if bit == "1"}
        assert row["_heads"] == row["n"] == len(ones) > 0, "a row that is nobody's is left out"
        members = got.setdefault((row["_by"], row["_month"], row["region"], row["channel"]), set())
        assert not members & ones
        members |= ones
    assert {k: len(v) for k, v in got.items()} == {k: len(v) for k, v in want.items()}
    for a, b in product(got, got):
        assert len(got[a] & got[b]) == len(want[a] & want[b]), "one number is one customer, in all sets"
    assert set().union(*got.values()) == set(range(len(set().union(*want.values()))))


def test_customers_of_earlier_months_have_the_smaller_numbers(ground: Ground) -> None:
    build(ground)
    first = min(m for _, m, *_ in sets(ground))
    early = rows(ground, f"_by = 0 AND _month = DATE '{first}'")
    assert [set(r["bits"][:r["n"]]) for r in early] == [{"1"}]


def test_builds_of_one_state_give_the_same_sets(ground: Ground) -> None:
    build(ground)
    before = rows(ground)
    path = find_serving(ground.root, ground.dataset, ground.vintages)
    assert path is not None
    path.unlink()
    build(ground)
    assert rows(Ground(ground.root, ground.dataset, ground.vintages)) == before


def test_a_dimension_whose_sets_would_outgrow_the_rows_is_left_out(
        ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    months = len({k[1] for k in sets(ground)})
    each = 3  # bytes of 23 bits
    for groups, want in ((12, ("region", "channel")), (11, ("channel",)), (3, ("channel",)), (2, ()), (1, ()),
                         (0, None)):
        monkeypatch.setattr(bitmap, "LARGEST", months * groups * each)
        monkeypatch.setattr(bitmap, "WORTH", 0)
        path = find_serving(ground.root, ground.dataset, ground.vintages)
        if path:
            path.unlink()
        again = Ground(ground.root, ground.dataset, ground.vintages)
        assert build(again).bitmap == want, groups
        assert len({r["_by"] for r in rows(again)} if want is not None else ()) == (
            0 if want is None else 2 ** len(want))


def test_sets_of_few_rows_each_are_not_made(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload(some_orders(40))
    assert build(ground).bitmap == (), "with regions there would be twelve sets, of less than four rows each"
    with pytest.raises(duckdb.CatalogException):
        Ground(tmp_path, replace(ground.dataset, columns=COLUMNS[:3])).tables().fetch("SELECT * FROM orders__bitmap")


def test_without_a_customer_there_are_no_sets(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.upload(some_orders(400, [None]))
    assert build(ground).bitmap is None
    assert set(ground.tables().rollups) == {"orders"}
    with pytest.raises(duckdb.CatalogException):
        ground.tables().fetch("SELECT * FROM orders__bitmap")


def test_a_file_made_before_there_were_sets_is_read_without_them(ground: Ground) -> None:
    build(ground)
    path = find_serving(ground.root, ground.dataset, ground.vintages)
    assert path is not None
    with duckdb.connect(str(path)) as connection:
        meta = json.loads(connection.execute("SELECT json FROM meta").fetchall()[0][0])
        del meta["rollups"]["bitmap"]
        connection.execute("UPDATE meta SET json = ?", [json.dumps(meta)])
        connection.execute("DROP TABLE bitmap")
    assert read_serving(path).rollups.bitmap is None
    tables = Ground(ground.root, ground.dataset, ground.vintages).tables()
    assert tables.rollups["orders"].dimensions == ("region", "channel")
    assert tables.fetch("SELECT count(*) AS n FROM orders").to_pylist() == [{"n": 900}]
