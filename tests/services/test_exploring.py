"""Every figure, back to its line: terms, statements, files and rows that add up to it again."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashapp.core.errors import Invalid, NotFound
from dashapp.core.where import parse_wheres
from dashapp.services import exploring
from dashapp.services.exploring import explain, part_of, parts
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, Order, World, opened, orders, orders_csv

ODD = ["A & B=c&d", " EMEA", "x|y\\", "region=APAC", "100%", "50% \\& more", "", "'; drop--", "Ü\u2028n"]
ROWS = [replace(r, region=ODD[n % len(ODD)]) for n, r in enumerate(orders(90, start=date(2025, 11, 1)))]
FIXED = [replace(r, qty=r.qty + 1) for r in ROWS[60:66]]
NOW_ROWS = [*ROWS[:60], *FIXED, *ROWS[66:]]
MONTH = "2025-12"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """Orders in two files (an hour apart) and a cost sheet; a KPI over both."""
    with opened(tmp_path_factory.mktemp("exploring"), sqlite_template) as found:
        found.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
        costs = [(date(2025, m, 1), 10 * m) for m in (11, 12)]
        found.bring(csv_bytes(("date", "cogs"), costs), "costs.csv", "costs", {"grain": "month"})
        found.now += timedelta(hours=1)
        found.bring(orders_csv(FIXED), "fix.csv", "orders", build=True)
        yield found


def _mine(rows: list[Order], month: str = MONTH) -> list[Order]:
    return [r for r in rows if f"{r.day:%Y-%m}" == month]


def test_terms_recombine_to_the_value(world: World) -> None:
    found = explain(world.cast.executive, world.desk, "average_order_value", MONTH, now=world.now)
    terms = {t.formula: t.value for t in found.terms}
    assert set(terms) == {"sum(orders.revenue)", "distinct(orders.order_id)"}
    assert terms["sum(orders.revenue)"] == sum(r.revenue for r in _mine(NOW_ROWS))
    assert terms["distinct(orders.order_id)"] == len(_mine(NOW_ROWS))
    assert found.point.value is not None
    ratio = float(terms["sum(orders.revenue)"]) / float(terms["distinct(orders.order_id)"])
    assert float(found.point.value) == pytest.approx(ratio, rel=1e-12)
    assert found.expanded == "sum(orders.revenue) / distinct(orders.order_id)"
    assert all("SELECT" in sql for _, sql in found.statements)


def test_terms_over_two_datasets_recombine_too(world: World) -> None:
    found = explain(world.cast.executive, world.desk, "gross_profit", MONTH, now=world.now)
    terms = {t.formula: t.value for t in found.terms}
    assert terms == {"sum(orders.revenue)": sum(r.revenue for r in _mine(NOW_ROWS)), "sum(costs.cogs)": 120}
    assert found.point.value == terms["sum(orders.revenue)"] - 120
    assert {(o.dataset, o.file): o.rows for o in found.origins} == {
        ("orders", "orders.csv"): len(_mine([*ROWS[:60], *ROWS[66:]])), ("orders", "fix.csv"): len(_mine(FIXED)),
        ("costs", "costs.csv"): 1}
    costs = exploring.rows(world.cast.executive, world.desk, "gross_profit", MONTH, now=world.now, dataset="costs")
    assert (costs.dataset, set(costs.datasets), costs.total) == ("costs", {"costs", "orders"}, 1)
    with pytest.raises(NotFound):
        exploring.rows(world.cast.executive, world.desk, "gross_profit", MONTH, now=world.now, dataset="people")


def test_rows_lead_to_file_and_row_and_add_up_to_the_figure(world: World) -> None:
    derived = explain(world.cast.executive, world.desk, "revenue", MONTH, now=world.now)
    found = exploring.rows(world.cast.executive, world.desk, "revenue", MONTH, now=world.now, limit=500)
    assert found.total == derived.rows == sum(o.rows for o in derived.origins) == len(_mine(NOW_ROWS))
    place = {(r.order_id, r.revenue): ("orders.csv", n) for n, r in enumerate(ROWS, start=2)}
    place |= {(r.order_id, r.revenue): ("fix.csv", n) for n, r in enumerate(FIXED, start=2)}
    told = [(dict(zip(found.columns, r.cells, strict=True)), r.file, r.row) for r in found.rows]
    assert {(c["order_id"], c["revenue"]): (file, row) for c, file, row in told} == {
        (r.order_id, r.revenue): place[r.order_id, r.revenue] for r in _mine(NOW_ROWS)}
    assert sum((c["revenue"] for c, *_ in told), Decimal(0)) == derived.point.value
    days = [c["date"] for c, *_ in told]
    assert days == sorted(days, reverse=True)


def test_rows_are_paged_without_gap_or_overlap(world: World) -> None:
    def page(offset: int) -> list[tuple[str, int]]:
        found = exploring.rows(world.cast.executive, world.desk, "revenue", "2025", now=world.now, limit=7,
                               offset=offset)
        return [(r.upload, r.row) for r in found.rows]

    whole = exploring.rows(world.cast.executive, world.desk, "revenue", "2025", now=world.now, limit=500)
    paged = [place for offset in range(0, whole.total + 7, 7) for place in page(offset)]
    assert paged == [(r.upload, r.row) for r in whole.rows]
    assert len(set(paged)) == whole.total == len([r for r in NOW_ROWS if r.day.year == 2025])


def test_a_figure_of_the_past_leads_to_the_rows_of_the_past(world: World) -> None:
    moment = world.now - timedelta(minutes=30)
    found = explain(world.cast.executive, world.desk, "revenue", MONTH, as_of=moment, now=world.now)
    assert found.point.value == sum(r.revenue for r in _mine(ROWS))
    assert [(o.file, o.rows) for o in found.origins] == [("orders.csv", len(_mine(ROWS)))]
    rows = exploring.rows(world.cast.executive, world.desk, "revenue", MONTH, as_of=moment, now=world.now)
    assert {r.file for r in rows.rows} == {"orders.csv"}


@pytest.mark.parametrize("region", ODD)
def test_a_part_of_a_split_is_found_again_whatever_its_value_is(world: World, region: str) -> None:
    series = world.series("revenue", by=("region",))
    wanted = next(p for p in series.points if p.period.label == MONTH and (p.split[0][1] or "") == region)
    offered = {o["value"] for o in parts(series)}
    part = part_of(wanted.split)
    assert part in offered
    found = explain(world.cast.executive, world.desk, "revenue", MONTH, (), part, now=world.now)
    assert found.split == wanted.split
    assert found.point.value == wanted.value == sum(r.revenue for r in _mine(NOW_ROWS) if r.region == region)
    assert found.rows == len([r for r in _mine(NOW_ROWS) if r.region == region])


def test_a_part_of_two_dimensions_is_found_again(world: World) -> None:
    series = world.series("revenue", by=("region", "sku"))
    for point in [p for p in series.points if p.period.label == MONTH and p.value is not None][:12]:
        found = explain(world.cast.executive, world.desk, "revenue", MONTH, (), part_of(point.split), now=world.now)
        assert (found.split, found.point.value) == (point.split, point.value)


def test_a_part_typed_by_hand_may_hold_a_plain_ampersand(world: World) -> None:
    found = explain(world.cast.executive, world.desk, "revenue", "2025", (), "region~=A & B", now=world.now)
    assert found.rows == len([r for r in NOW_ROWS if "A & B" in r.region and r.day.year == 2025])


def test_filters_and_parts_hold_together(world: World) -> None:
    where = parse_wheres(["sku=S1|S2"])
    part = part_of((("region", "100%"),))
    found = explain(world.cast.executive, world.desk, "revenue", MONTH, where, part, now=world.now)
    mine = [r for r in _mine(NOW_ROWS) if r.region == "100%" and r.sku in ("S1", "S2")]
    assert found.rows == len(mine)
    assert (found.point.value or 0) == sum((r.revenue for r in mine), Decimal(0))


def test_growth_leads_to_the_rows_of_both_periods_the_unfinished_one_like_for_like(world: World) -> None:
    found = exploring.rows(world.cast.executive, world.desk, "revenue_growth", MONTH, now=world.now, limit=500)
    reached = max(r.day for r in NOW_ROWS).day
    before = [r for r in _mine(NOW_ROWS, "2025-11") if r.day.day <= reached]
    assert found.total == len(_mine(NOW_ROWS)) + len(before)
    value = explain(world.cast.executive, world.desk, "revenue_growth", MONTH, now=world.now).point.value
    this, that = (float(sum(r.revenue for r in rows)) for rows in (_mine(NOW_ROWS), before))
    assert float(value or 0) == pytest.approx((this - that) / that)


def test_a_figure_without_rows_has_a_reason_and_no_rows(world: World) -> None:
    found = explain(world.cast.executive, world.desk, "revenue", "2019-01", now=world.now)
    assert (found.rows, found.origins, found.point.value) == (0, (), None)
    assert found.point.reason
    assert exploring.rows(world.cast.executive, world.desk, "revenue", "2019-01", now=world.now).rows == ()


@pytest.mark.parametrize(("kpi", "period", "error"), [
    ("nothing", MONTH, NotFound), ("revenue", "December", Invalid), ("revenue", "2025-13", Invalid)])
def test_what_does_not_exist_is_said(world: World, kpi: str, period: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        explain(world.cast.executive, world.desk, kpi, period, now=world.now)
    with pytest.raises(error):
        exploring.rows(world.cast.executive, world.desk, kpi, period, now=world.now)
