"""The sheets agree with the orders to the cent, computed again in plain Decimal from the rows."""
from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from dashapp.demo.company import Company
from tests.demo.conftest import rows

CENT = Decimal("0.01")


def month(day: date) -> tuple[int, int]:
    return day.year, day.month


def by_month(pairs: list[tuple[date, Decimal]]) -> dict[tuple[int, int], Decimal]:
    out: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for day, value in pairs:
        out[month(day)] += value
    return out


@pytest.fixture(scope="module")
def sheet(company: Company) -> dict[tuple[int, int], dict]:
    return {month(row["date"]): row for row in rows(company, "finance")}


def test_a_lines_revenue_is_quantity_times_price_less_discount(orders: list[dict]) -> None:
    for o in orders:
        assert o["revenue"] == Decimal(int(o["qty"])) * o["price"] - o["discount"]
        assert 0 <= o["returned"] <= o["qty"]
        assert o["discount"] >= 0
        assert o["revenue"] > 0


def test_every_amount_is_whole_cents(company: Company) -> None:
    for one in company.sheets:
        money = [c.key for c in one.dataset.columns if c.type == "money"]
        assert all(row[k] == row[k].quantize(CENT) for row in rows(company, one.key) for k in money)


def test_booked_revenue_is_the_orders_revenue_to_the_cent(orders: list[dict], sheet: dict) -> None:
    total = by_month([(o["date"], o["revenue"]) for o in orders])
    assert {m: row["booked_revenue"] for m, row in sheet.items()} == {m: total[m] for m in sheet}


def test_refunds_are_the_returned_share_of_each_line_half_up(orders: list[dict], sheet: dict) -> None:
    total = by_month([(o["date"], (o["revenue"] * int(o["returned"]) / int(o["qty"])).quantize(CENT, ROUND_HALF_UP))
                      for o in orders])
    assert {m: row["refunds"] for m, row in sheet.items()} == {m: total[m] for m in sheet}


def test_cogs_is_the_catalogues_cost_of_the_units_kept(company: Company, orders: list[dict], sheet: dict) -> None:
    cost = {p["sku_id"]: p["unit_cost"] for p in rows(company, "catalogue")}
    total = by_month([(o["date"], cost[o["sku"]] * int(o["qty"] - o["returned"])) for o in orders])
    assert {m: row["cogs"] for m, row in sheet.items()} == {m: total[m] for m in sheet}


def test_marketing_spend_is_the_daily_spend_to_the_cent(company: Company, sheet: dict) -> None:
    total = by_month([(row["date"], row["spend"]) for row in rows(company, "marketing")])
    assert {m: row["marketing_spend"] for m, row in sheet.items()} == {m: total[m] for m in sheet}


def test_operating_expenses_are_the_sum_of_their_lines(sheet: dict) -> None:
    for row in sheet.values():
        parts = ("payroll", "fulfilment", "rent_and_it", "marketing_spend", "refunds")
        assert row["operating_expenses"] == sum(row[p] for p in parts)


def test_conversions_are_the_online_orders_of_the_day_and_region(company: Company, orders: list[dict]) -> None:
    online = defaultdict(set)
    for o in orders:
        if o["channel"] in ("web", "mobile"):
            online[o["date"], o["region"]].add(o["order_id"])
    converted: dict = defaultdict(int)
    for row in rows(company, "marketing"):
        converted[row["date"], row["region"]] += row["conversions"]
        assert row["visits"] >= row["conversions"]
    assert {k: v for k, v in converted.items() if v} == {k: len(v) for k, v in online.items()}


def test_the_month_that_is_not_over_has_no_finance_row(company: Company, sheet: dict) -> None:
    assert max(sheet) == (2026, 2)
    assert min(sheet) == (2024, 4)
    assert company.sheet("finance").data_through == date(2026, 2, 28)
    assert company.sheet("market").data_through == date(2026, 2, 28)
    assert company.sheet("orders").data_through == date(2026, 3, 18)


def test_weekly_sheets_hold_whole_weeks_only(company: Company) -> None:
    for key in ("survey", "operations"):
        days = {row["date"] for row in rows(company, key)}
        assert {d.weekday() for d in days} == {0}
        assert max(days) == date(2026, 3, 9)
        assert company.sheet(key).data_through == date(2026, 3, 15)


def test_answers_of_the_survey_add_up(company: Company) -> None:
    for row in rows(company, "survey"):
        assert row["promoters"] + row["detractors"] <= row["responses"]
        assert 1 <= row["satisfaction"] <= 5


def test_an_order_has_one_day_customer_region_and_channel(orders: list[dict]) -> None:
    seen: dict[str, tuple] = {}
    for o in orders:
        own = (o["date"], o["customer_id"], o["region"], o["channel"])
        assert seen.setdefault(o["order_id"], own) == own
