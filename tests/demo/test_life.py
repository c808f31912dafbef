"""Demand and customers behave: seasons, sales, arrivals, leavers, and figures a mid-size company could have."""
from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import mean

import numpy as np
import pytest

from dashapp.core.dataset import RoleOf
from dashapp.demo import arrow
from dashapp.demo.company import Company
from dashapp.demo.customers import customers
from dashapp.demo.lines import apart, order_numbers
from dashapp.demo.season import demand, easter, expected, holidays, lines_per_day, promotion_on, promotions
from dashapp.demo.shapes import DATASETS
from dashapp.demo.spec import Spec
from tests.demo.conftest import rows

SPEC = Spec(5, 730, 50_000, date(2026, 3, 18))


@pytest.mark.parametrize("sunday", [date(2000, 4, 23), date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5),
                                    date(2038, 4, 25)])
def test_easter_falls_where_the_church_says(sunday: date) -> None:
    assert easter(sunday.year) == sunday
    assert holidays(sunday.year)[sunday - timedelta(2)] == "Good Friday"


@pytest.mark.parametrize(("year", "monday"), [(2024, date(2024, 11, 18)), (2025, date(2025, 11, 24))])
def test_black_week_starts_on_the_monday_before_its_friday(year: int, monday: date) -> None:
    sale = promotions(year)[-1]
    assert (sale.start, (sale.end - sale.start).days) == (monday, 7)


def test_demand_follows_week_sale_holiday_and_year() -> None:
    assert demand(date(2025, 10, 14), 0) > 1.7 * demand(date(2025, 10, 18), 0)
    assert demand(date(2025, 11, 26), 0) > 1.4 * demand(date(2025, 11, 12), 0)
    assert demand(date(2025, 5, 1), 0) < 0.5 * demand(date(2025, 5, 8), 0)
    assert demand(date(2025, 11, 12), 0) > demand(date(2025, 6, 11), 0)
    assert demand(date(2025, 10, 14), 365) == pytest.approx(demand(date(2025, 10, 14), 0) * 1.13, rel=0.001)
    assert demand(date(2025, 12, 3), 0) < demand(date(2025, 12, 10), 0)


def test_lines_add_up_exactly_and_follow_what_is_expected() -> None:
    counts = lines_per_day(SPEC)
    assert counts.sum() == SPEC.orders
    assert expected(SPEC).sum() == pytest.approx(SPEC.orders)
    assert np.corrcoef(counts, expected(SPEC))[0, 1] > 0.95


@pytest.mark.parametrize("lines", [0, 1, 2, 7, 500])
def test_order_numbers_ascend_without_gaps(lines: int) -> None:
    numbers = order_numbers(lines, np.random.default_rng(1))
    assert len(numbers) == lines
    assert set(np.diff(numbers).tolist()) <= {0, 1}


def test_a_product_is_once_in_an_order() -> None:
    moved = apart(np.array([0, 0, 0, 1, 1]), np.array([2, 2, 2, 2, 0]), 3)
    assert sorted(moved[:3].tolist()) == [0, 1, 2]
    assert moved[3:].tolist() == [2, 0]


def test_customers_order_between_their_first_and_last_day_only(calm: Company, calm_orders: list[dict]) -> None:
    people, start = customers(calm.spec), calm.spec.start
    first: dict[int, int] = {}
    for o in calm_orders:
        who, day = int(o["customer_id"][1:]) - 1, (o["date"] - start).days
        assert people.arrives[who] <= day < people.leaves[who]
        first.setdefault(who, day)
    arrived = np.flatnonzero(people.arrives >= 0)
    assert [first[w] for w in arrived] == people.arrives[arrived].tolist()


def test_customers_come_stay_and_churn(calm_orders: list[dict]) -> None:
    active: dict[tuple[int, int], set[str]] = defaultdict(set)
    for o in calm_orders:
        active[o["date"].year, o["date"].month].add(o["customer_id"])
    months = [active[m] for m in sorted(active)][1:-1]
    retention = [len(a & b) / len(a) for a, b in pairwise(months)]
    assert 0.45 < mean(retention) < 0.8
    seen = set().union(*months[:12])
    fresh = []
    for month in months[12:]:
        fresh.append(len(month - seen) / len(month))
        seen |= month
    assert 0.05 < mean(fresh) < 0.25
    assert len(months[0] - set().union(*months[-3:])) > 0.3 * len(months[0])


def test_sales_lower_prices_and_lift_demand(calm_orders: list[dict]) -> None:
    rate: dict[bool, list[Decimal]] = {True: [], False: []}
    for o in calm_orders:
        rate[promotion_on(o["date"]) is not None].append(o["discount"] / (o["price"] * int(o["qty"])))
    assert mean(rate[True]) > mean(rate[False]) + Decimal("0.04")


def test_recent_orders_show_fewer_returns_because_they_are_not_back_yet(calm: Company, calm_orders: list[dict]) -> None:
    recent = [o for o in calm_orders if (calm.spec.end - o["date"]).days < 4]
    assert recent
    assert not any(o["returned"] for o in recent)


def test_the_figures_are_those_of_a_healthy_company(company: Company) -> None:
    for row in rows(company, "finance"):
        profit = row["booked_revenue"] - row["cogs"]
        assert Decimal("0.25") < profit / row["booked_revenue"] < Decimal("0.5")
        assert 1 < row["current_assets"] / row["current_liabilities"] < 4
        assert Decimal("0.02") < row["marketing_spend"] / row["booked_revenue"] < Decimal("0.08")
        assert Decimal("0.05") < row["mrr"] / row["booked_revenue"] < Decimal("0.4")
        assert row["headcount"] >= 5
    seen = rows(company, "marketing")
    assert 0.01 < sum(r["conversions"] for r in seen) / sum(r["visits"] for r in seen) < 0.05
    made = rows(company, "operations")
    assert 0.8 < sum(r["output"] for r in made) / sum(r["input"] for r in made) < 1
    assert 0.005 < sum(r["defects"] for r in made) / sum(r["units_produced"] for r in made) < 0.04
    assert {r["kpi"] for r in rows(company, "readings")} == {
        "Innovation Index", "Competitive Index", "Brand Recognition Index"}
    assert all(0 <= r["value"] <= 100 for r in rows(company, "readings"))


def test_a_bare_measure_name_means_one_dataset_only() -> None:
    names = [c.key for d in DATASETS for c in d.columns if c.role in (RoleOf.MEASURE, RoleOf.ENTITY, RoleOf.ID)]
    assert len(set(names)) == len(names)
    wanted = {"revenue": "orders", "qty": "orders", "order_id": "orders", "customer_id": "orders", "cogs": "finance",
              "cash_flow": "finance", "current_assets": "finance", "current_liabilities": "finance", "mrr": "finance",
              "operating_expenses": "finance", "marketing_spend": "finance", "headcount": "finance",
              "visits": "marketing", "conversions": "marketing", "satisfaction": "survey", "promoters": "survey",
              "detractors": "survey", "responses": "survey", "market_size": "market", "output": "operations",
              "input": "operations", "defects": "operations", "units_produced": "operations", "value": "readings"}
    home = {c.key: d.key for d in DATASETS for c in d.columns if c.role is not RoleOf.DATE}
    assert {n: home[n] for n in wanted} == wanted


@pytest.mark.parametrize("cents", [0, 1, -1, 99, 123456789012, -123456789012])
def test_cents_become_exact_decimals(cents: int) -> None:
    assert arrow.money([cents]).to_pylist() == [Decimal(cents).scaleb(-2)]
    assert str(arrow.money([cents]).type) == "decimal128(18, 4)"
