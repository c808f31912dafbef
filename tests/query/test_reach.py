"""Figures over several datasets stop where the first of them ends, and say so."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from tests.query.shop import ask, kpis

KPIS = kpis(revenue="sum(orders.revenue)", cogs="sum(finance.cogs)", margin="(revenue - cogs) / revenue",
            grown="growth(margin)", smooth='rolling(margin, 2, "month")')
TODAY = date(2026, 3, 31)


def _tables(orders_until: date = date(2026, 3, 20), months: int = 26):
    """Orders of 10 a day from 2024-01-01; costs of 100 a month, the last one February 2026."""
    days = (orders_until - date(2024, 1, 1)).days + 1
    orders = [{"date": date(2024, 1, 1) + timedelta(n), "revenue": Decimal(10), "region": "EMEA"} for n in range(days)]
    finance = [{"date": date(2024 + n // 12, n % 12 + 1, 1), "cogs": Decimal(100)} for n in range(months)]
    return {"orders": orders, "finance": finance}


def _ask(key: str, tables=None, compare: str = "none", start=date(2026, 1, 1)):
    question = Question((key,), Grain.MONTH, DateRange(start, TODAY), compare=compare)  # type: ignore[arg-type]
    return ask(question, KPIS, tables or _tables(), today=TODAY)[0]


def test_a_ratio_never_divides_months_of_revenue_by_fewer_months_of_cost():
    series = _ask("margin")
    revenue = 10 * (31 + 28)  # January and February: March has no costs yet
    assert float(series.total.value) == pytest.approx((revenue - 200) / revenue)
    assert series.warnings == ("Counts until 28 Feb 2026: the data of finance end there.",)


def test_the_month_without_costs_has_no_margin_and_says_why():
    january, february, march = _ask("margin").points
    assert float(january.value) == pytest.approx((310 - 100) / 310)
    assert float(february.value) == pytest.approx((280 - 100) / 280)
    assert march.value is None
    assert march.reason == "Other data of this KPI end on 28 Feb 2026."


def test_a_kpi_on_one_dataset_is_not_touched():
    series = _ask("revenue")
    assert series.total.value == Decimal(10 * (31 + 28 + 20))
    assert series.warnings == ()


def test_the_comparison_covers_the_same_months():
    total = _ask("margin", compare="previous_year").total
    before = 10 * (31 + 28)
    assert float(total.compare.value) == pytest.approx((before - 200) / before)
    assert total.compare.part_until == date(2025, 2, 28)


def test_datasets_that_end_on_the_same_day_count_whole():
    series = _ask("margin", _tables(orders_until=date(2026, 2, 28)))
    assert series.warnings == ()
    assert [p.complete for p in series.points] == [True, True, False]


def test_time_functions_inside_keep_the_stop():
    revenue_1, revenue_2 = 310, 280
    margins = [(r - 100) / r for r in (revenue_1, revenue_2)]
    grown = _ask("grown").points
    assert float(grown[1].value) == pytest.approx((margins[1] - margins[0]) / abs(margins[0]))
    smooth = _ask("smooth").points
    assert float(smooth[1].value) == pytest.approx((590 - 200) / 590)


def test_data_that_ended_before_the_range_give_no_total():
    series = _ask("margin", _tables(months=20))
    assert series.total.value is None
    assert series.total.reason == "Other data of this KPI end on 31 Aug 2025."
