"""The dry run says which figures a commit moves: exactly those, by exactly that much."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from dashapp.services.desk import Desk
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, World, orders, orders_csv, scoped

ROWS = orders(80)
KPIS = ("revenue", "orders", "units", "average_order_value", "revenue_growth")


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    found = World(desk, cast)
    found.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING, build=True)
    return found


def _figures(world: World, grain: str = "month") -> dict[tuple[str, str], Any]:
    return {(k, p[0]): float(v) for k in KPIS for p, v in world.values(k, grain).items()}


def _told(moves: tuple[dict[str, Any], ...]) -> dict[tuple[str, str], tuple[Any, Any]]:
    return {(m["kpi"], m["period"]): (m["before"], m["after"]) for m in moves}


def _really(before: dict[Any, Any], after: dict[Any, Any], periods: set[str]) -> dict[Any, tuple[Any, Any]]:
    keys = [k for k in before.keys() | after.keys() if before.get(k) != after.get(k) and k[1] in periods]
    return {k: (before.get(k), after.get(k)) for k in keys}


@pytest.mark.parametrize("served", [True, False])
def test_the_moves_of_a_correction_are_the_real_difference(world: World, served: bool) -> None:
    if not served:
        for path in (world.desk.ledger.root / "orders").glob("*.duckdb"):
            path.unlink()
    fixed = [replace(r, qty=r.qty + 3) for r in ROWS[5:9]]
    fresh = orders(10, start=date(2026, 1, 2), prefix="N")
    before = _figures(world)
    checked = world.check(orders_csv([*fixed, *fresh]), "b.csv", "orders")
    assert _figures(world) == before
    world.commit(checked)
    assert _told(checked.moves) == _really(before, _figures(world), {"2025-11", "2025-12", "2026-01"})


def test_a_file_of_known_rows_moves_nothing(world: World) -> None:
    checked = world.check(orders_csv(ROWS[3:9]), "again.csv", "orders")
    assert checked.moves == ()
    assert (checked.effect["identical"], checked.effect["new"]) == (6, 0)


def test_the_moves_of_a_replaced_period_are_the_real_difference(world: World) -> None:
    mine = [r for r in ROWS if r.day < date(2025, 11, 20)][::2]
    mapping = {**ORDERS_MAPPING, "mode": "replace-period", "key": []}
    before = _figures(world)
    checked = world.check(orders_csv(mine), "b.csv", "orders", mapping)
    assert checked.effect["vanishing"] > 0
    world.commit(checked)
    assert _told(checked.moves) == _really(before, _figures(world), {"2025-11"})
    assert checked.effect["vanishing"] == len(ROWS) - world.total("orders")


def test_a_scoped_person_is_told_moves_of_their_scope(world: World) -> None:
    emea = scoped(world.cast.finance, "region=EMEA")
    mine = next(r for r in ROWS if r.region == "EMEA")
    checked = world.check(orders_csv([replace(mine, qty=mine.qty + 1)]), "b.csv", "orders", by=emea)
    month = f"{mine.day:%Y-%m}"
    total = float(sum(r.revenue for r in ROWS if r.region == "EMEA" and f"{r.day:%Y-%m}" == month))
    told = _told(checked.moves)["revenue", month]
    assert told == pytest.approx((total, total + float(mine.price)))
    foreign = next(r for r in ROWS if r.region == "APAC")
    outside = world.check(orders_csv([replace(foreign, region="EMEA")]), "c.csv", "orders", by=emea)
    assert outside.effect["outside_scope"] == 1
    with pytest.raises(Exception, match="outside your data scope"):
        world.commit(outside, by=emea)


def test_weekly_data_tell_their_moves_by_the_coarser_month(world: World) -> None:
    weeks = [(date(2026, 1, 5) + timedelta(7 * n), 10) for n in range(6)]
    world.bring(csv_bytes(("date", "visits", "conversions"), [(d, v, 1) for d, v in weeks]), "w.csv", "web")
    checked = world.check(csv_bytes(("date", "visits", "conversions"), [(weeks[0][0], 20, 1)]), "x.csv", "web")
    told = _told(checked.moves)
    assert {k for k, _ in told} == {"conversion_rate"}
    (before, after), = (v for (k, p), v in told.items() if p == "2026-01")
    assert (before, after) == pytest.approx((4 / 40, 4 / 50))
