"""From a file to a figure: every format that must simply work, checked to the cent against plain Python."""
from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dashapp.services import checking, datasets, defining, serving
from tests.services.stage import csv_bytes
from tests.services.world import (
    ORDERS_MAPPING,
    World,
    added,
    label,
    opened,
    orders,
    orders_csv,
    scoped,
)

GRAINS = ("day", "week", "month", "quarter", "year")
ROWS = orders(260)
CATALOGUE = [("S0", "Tools", "4.10"), ("S1", "Tools", "3.33"), ("S2", "Toys", "0.07"), ("S3", "Food", "12.00")]  # no S4


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """Orders with their catalogue, one correction file, served."""
    with opened(tmp_path_factory.mktemp("shop"), sqlite_template) as world:
        world.bring(csv_bytes(("sku_id", "category", "price"), CATALOGUE), "catalogue.csv", "catalogue")
        mapping = {**ORDERS_MAPPING, "joins": {"sku": "catalogue.sku_id"}}
        world.bring(orders_csv(ROWS), "orders.csv", "orders", mapping)
        serving.build(world.desk, "orders")
        serving.build(world.desk, "catalogue")
        yield world


@pytest.mark.parametrize("grain", GRAINS)
def test_revenue_is_right_to_the_cent_at_every_grain(shop: World, grain: str) -> None:
    assert shop.values("revenue", grain) == added(ROWS, grain)
    assert shop.total("revenue") == sum(r.revenue for r in ROWS)


@pytest.mark.parametrize("grain", GRAINS)
def test_revenue_is_right_to_the_cent_in_every_split(shop: World, grain: str) -> None:
    assert shop.values("revenue", grain, by=("region",)) == added(ROWS, grain, "region")
    assert shop.values("revenue", grain, by=("region", "sku")) == added(ROWS, grain, "region", "sku")


def test_totals_of_a_split_are_those_of_its_rows(shop: World) -> None:
    series = shop.series("revenue", by=("region",))
    told = {t.split[0][1] or "": t.value for t in series.totals if t.split}
    assert told == {r: sum(x.revenue for x in ROWS if x.region == r) for r in {x.region for x in ROWS}}
    assert series.total is not None
    assert series.total.value == sum(told.values())


def test_a_ratio_is_recomputed_at_every_level_and_never_added_up(shop: World) -> None:
    for grain in GRAINS:
        for (period,), value in shop.values("average_order_value", grain).items():
            mine = [r for r in ROWS if label(r.day, grain) == period]
            assert float(value) == pytest.approx(float(sum(r.revenue for r in mine)) / len({r.order_id for r in mine}))
    total = float(sum(r.revenue for r in ROWS)) / len(ROWS)
    assert float(shop.total("average_order_value")) == pytest.approx(total)
    by_region = shop.series("average_order_value", by=("region",))
    for found in by_region.totals:
        if found.split:
            mine = [r for r in ROWS if r.region == (found.split[0][1] or "")]
            assert float(found.value or 0) == pytest.approx(float(sum(r.revenue for r in mine)) / len(mine))


def test_a_joined_column_splits_and_filters_and_unmatched_rows_stay(shop: World) -> None:
    category = {sku: c for sku, c, _ in CATALOGUE}
    expected: dict[tuple[str, ...], Decimal] = {}
    for row in ROWS:
        at = (f"{row.day:%Y-%m}", category.get(row.sku, ""))
        expected[at] = expected.get(at, Decimal(0)) + row.revenue
    assert shop.values("revenue", by=("catalogue.category",)) == expected
    tools = sum(r.revenue for r in ROWS if category.get(r.sku) == "Tools")
    assert shop.total("revenue", where=("catalogue.category=Tools",)) == tools


def test_a_filter_takes_away_exactly_the_other_rows(shop: World) -> None:
    for where, keep in ((("region=EMEA",), {"EMEA"}), (("region=EMEA|APAC",), {"EMEA", "APAC"}),
                        (("region!=EMEA",), {"APAC", "Amer & Co", ""}), (("region~=&",), {"Amer & Co"})):
        assert shop.total("revenue", where=where) == sum(r.revenue for r in ROWS if r.region in keep), where


def test_the_last_period_is_unfinished_until_a_later_one_has_rows(shop: World) -> None:
    points = shop.series("revenue").points
    done = {p.period.label: p.complete for p in points if p.value is not None}
    last = max(done)
    assert done[last] is False
    assert all(v for k, v in done.items() if k != last)


def test_data_through_is_the_last_row_of_events(shop: World) -> None:
    view = datasets.get(shop.cast.finance, shop.desk, "orders", now=shop.now)
    assert (view.first, view.last, view.data_through) == (ROWS[0].day, ROWS[-1].day, ROWS[-1].day)
    assert (view.rows, view.uploads, view.is_served) == (len(ROWS), 1, True)


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    with opened(tmp_path, sqlite_template) as fresh:
        yield fresh


def _workbook(rows: list[tuple[Any, ...]], sheet: str = "Data", above: int = 0) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for _ in range(above):
        page.append(["Company report"])
    for row in rows:
        page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_weekly_sheet_simply_works(world: World) -> None:
    weeks = [date(2026, 1, 5) + timedelta(7 * n) for n in range(8)]
    rows = [(d, 1000.10 + n, 10 + n, 3, 7 + n) for n, d in enumerate(weeks)]
    data = _workbook([("Date", "Revenue", "Orders", "New Customers", "Returning Customers"), *rows], above=2)
    upload = world.receive(data, "weekly.xlsx", "weekly")
    found = checking.inspect(world.cast.finance, world.desk, upload, now=world.now)
    assert found.mapping.header_row == 3
    checked = world.dry_run(upload)
    assert (checked.rows, checked.accepted, checked.quarantined, checked.needs) == (8, 8, 0, ())
    world.commit(checked)
    serving.build(world.desk, "weekly")
    assert world.values("revenue", "week") == {(label(d, "week"),): Decimal(str(r)) for d, r, *_ in rows}
    assert world.values("orders", "week") == {(label(d, "week"),): o for d, _, o, *_ in rows}
    assert float(world.total("repeat_rate")) == pytest.approx(sum(r[4] for r in rows) / sum(r[3] + r[4] for r in rows))
    assert float(world.total("average_order_value")) == pytest.approx(sum(r[1] for r in rows) / sum(r[2] for r in rows))


def test_weekly_rows_say_nothing_about_days(world: World) -> None:
    weeks = [(date(2026, 1, 5) + timedelta(7 * n), 5 + n) for n in range(4)]
    world.bring(_workbook([("Date", "Revenue"), *weeks]), "weekly.xlsx", "weekly")
    series = world.series("revenue", "day")
    assert all(p.value is None and p.reason for p in series.points)


def test_a_monthly_finance_sheet_simply_works(world: World) -> None:
    header = ("Date", "Revenue", "COGS", "Operating Expenses", "Cash Flow", "Marketing Spend")
    months = [(date(2025 + (m // 12), m % 12 + 1, 1), 1000 + 13 * m, 400 + 7 * m, 300 + m, 90 - 20 * m, 50 + m)
              for m in range(14)]
    world.bring(_workbook([header, *months]), "finance.xlsx", "finance", build=True)
    by_month = {(f"{r[0]:%Y-%m}",): r for r in months}
    assert world.values("revenue") == {k: r[1] for k, r in by_month.items()}
    assert world.values("gross_profit") == {k: r[1] - r[2] for k, r in by_month.items()}
    assert world.values("operating_cash_flow") == {k: r[4] for k, r in by_month.items()}
    for grain in ("month", "quarter", "year"):
        for (period,), value in world.values("profit_margin", grain).items():
            mine = [r for r in months if label(r[0], grain) == period]
            assert float(value) == pytest.approx(sum(r[1] - r[2] for r in mine) / sum(r[1] for r in mine))
    whole = sum(r[1] - r[2] - r[3] for r in months) / sum(r[3] for r in months)
    assert float(world.total("roi")) == pytest.approx(whole)
    view = datasets.get(world.cast.finance, world.desk, "finance", now=world.now)
    assert view.data_through == date(2026, 2, 28)  # the end of the last row's month
    assert [p.complete for p in world.series("revenue").points if p.period.label == "2026-02"] == [True]


def test_readings_become_a_kpi_of_their_name_and_nothing_is_invented(world: World) -> None:
    months = [date(2025, m, 1) for m in range(1, 13)]
    rows = [(d, k, 50 + n + i) for n, d in enumerate(months) for i, k in enumerate(("Innovation Index", "NPS panel"))]
    checked = world.check(_workbook([("Date", "KPI", "Value"), *rows]), "readings.xlsx", "readings")
    assert checked.key == ("date", "kpi")
    world.commit(checked)
    found = {v.kpi.key: v.kpi.formula for v in defining.listing(world.cast.executive, world.desk)}
    assert set(found) == {"innovation_index"}
    told = world.values("innovation_index")
    assert told == {(f"{d:%Y-%m}",): v for d, k, v in rows if k == "Innovation Index"}


def test_a_correction_replaces_rows_of_its_key_and_nothing_else(world: World) -> None:
    rows = orders(40)
    world.bring(orders_csv(rows), "orders.csv", "orders", ORDERS_MAPPING)
    fixed = [type(r)(r.order_id, r.day, r.sku, r.region, r.qty + 1, r.price) for r in rows[10:15]]
    more = orders(6, start=date(2026, 2, 1), prefix="B")
    checked = world.check(orders_csv(fixed + more), "fix.csv", "orders")
    assert {k: checked.effect[k] for k in ("rows", "new", "changed", "superseded")} == {
        "rows": 11, "new": 6, "changed": 5, "superseded": 5}
    world.commit(checked)
    assert world.values("revenue", "day") == added([*rows[:10], *fixed, *rows[15:], *more], "day")


def test_appended_rows_are_all_new_even_when_equal(world: World) -> None:
    header, row = ("date", "visits"), ("2026-01-02", 5)
    world.bring(csv_bytes(header, [row, ("2026-01-03", 1), row]), "a.csv", "visits", {"mode": "append", "key": []})
    _define(world, "visits", "sum(visits.visits)")
    assert world.total("visits") == 11
    checked = world.check(csv_bytes(header, [row]), "b.csv", "visits")
    assert (checked.mode, checked.effect["identical"]) == ("append", 1)  # e23: reported before the commit
    world.commit(checked)
    assert world.total("visits") == 16


def _define(world: World, key: str, formula: str) -> None:
    from dashapp.core.kpi import Kpi

    defining.save(world.cast.analyst, world.desk, Kpi(key, key.title(), formula), now=world.now)


PLAN = {"mode": "replace-period", "key": [], "grain": "month"}
SALES = ("date", "region", "sales")


def _sales(world: World, where: tuple[str, ...] = ()) -> dict[str, Any]:
    return {k[0]: v for k, v in world.values("sales", where=where).items()}


def test_a_period_is_replaced_whole_and_others_stay(world: World) -> None:
    first = [("2026-01-01", "EMEA", 10), ("2026-01-01", "APAC", 1), ("2026-02-01", "EMEA", 20),
             ("2026-03-01", "EMEA", 30)]
    world.bring(csv_bytes(SALES, first), "all.csv", "plan", PLAN)
    _define(world, "sales", "sum(plan.sales)")
    again = [("2026-01-01", "EMEA", 11), ("2026-02-01", "EMEA", 22)]
    checked = world.check(csv_bytes(SALES, again), "jan.csv", "plan", PLAN)
    assert (checked.effect["hidden"], checked.effect["replaced"]["span"]) == (3, ["2026-01-01", "2026-02-28"])
    world.commit(checked)
    assert _sales(world) == {"2026-01": 11, "2026-02": 22, "2026-03": 30}


def test_a_file_of_one_region_does_not_erase_the_others(world: World) -> None:
    first = [("2026-01-01", r, n) for n, r in enumerate(("EMEA", "APAC", ""), start=1)]
    sliced = {**PLAN, "slice": ["region"]}
    world.bring(csv_bytes(SALES, first), "all.csv", "plan", sliced)
    _define(world, "sales", "sum(plan.sales)")
    world.bring(csv_bytes(SALES, [("2026-01-01", "EMEA", 100), ("2026-01-01", "EMEA", 200)]), "emea.csv", "plan")
    assert world.values("sales", by=("region",)) == {
        ("2026-01", "EMEA"): 300, ("2026-01", "APAC"): 2, ("2026-01", ""): 3}


def test_a_scoped_uploader_replaces_only_within_their_scope(world: World) -> None:
    first = [("2026-01-01", "EMEA", 1), ("2026-01-01", "APAC", 2)]
    world.bring(csv_bytes(SALES, first), "all.csv", "plan", PLAN)
    _define(world, "sales", "sum(plan.sales)")
    emea = scoped(world.cast.finance, "region=EMEA")
    outside = world.check(csv_bytes(SALES, [("2026-01-01", "APAC", 9)]), "apac.csv", "plan", PLAN, by=emea)
    with pytest.raises(Exception, match="outside your data scope"):
        world.commit(outside, by=emea)
    world.bring(csv_bytes(SALES, [("2026-01-01", "EMEA", 50)]), "emea.csv", "plan", PLAN, by=emea)
    assert world.values("sales", by=("region",)) == {("2026-01", "EMEA"): 50, ("2026-01", "APAC"): 2}
