"""A comparison that would begin before the data do is none, and says since when there are data."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.datastate import DataState
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.query.complete import speaks_from
from tests.query.shop import CATALOGUE, FINANCE, ORDERS, ask, kpis

KPIS = kpis(revenue="sum(orders.revenue)", cash="last(finance.cash)", both="sum(orders.revenue) - last(finance.cash)")


def _orders(first: date, days: int, weekdays=range(7)):
    every = (first + timedelta(n) for n in range(days))
    return [{"date": d, "revenue": Decimal(10)} for d in every if d.weekday() in weekdays]


def _asked(compare: str, start: date, end: date, tables, *keys: str):
    question = Question(keys or ("revenue",), Grain.MONTH, DateRange(start, end), compare=compare)  # type: ignore[arg-type]
    return ask(question, KPIS, tables, today=date(2026, 1, 31))


@pytest.mark.parametrize("compare", ["previous", "previous_year"])
def test_a_month_in_which_the_data_begin_is_nothing_to_compare_with(compare):
    tables = {"orders": _orders(date(2024, 11, 17), 420)}
    after = date(2025, 11, 1) if compare == "previous_year" else date(2024, 12, 1)
    (series,) = _asked(compare, after, after + timedelta(60), tables)
    early, fine = series.points[0].compare, series.points[1].compare
    assert (early.value, early.change, early.change_ratio) == (None, None, None)
    assert early.reason == "Data begin on 17 Nov 2024."
    assert early.label == "2024-11"
    assert fine.value == Decimal(310)
    assert fine.reason is None
    assert fine.kind == compare
    assert [p.label for p in fine.between] == ["2024-12", "2024-12"]


def test_a_whole_range_is_held_against_whole_ranges_only():
    tables = {"orders": _orders(date(2024, 11, 17), 420)}
    (series,) = _asked("previous", date(2025, 1, 1), date(2025, 3, 31), tables)
    assert series.total.value == Decimal(900)
    assert series.total.compare.value is None
    assert series.total.compare.reason == "Data begin on 17 Nov 2024."
    assert [p.label for p in series.total.compare.between] == ["2024-10", "2024-12"]
    (series,) = _asked("previous", date(2025, 3, 1), date(2025, 4, 30), tables)
    assert series.total.compare.value == Decimal(590)


def test_data_that_begin_after_days_off_begin_with_the_month():
    """1 and 2 March 2025 are a weekend: a shop that opens on weekdays missed nothing."""
    tables = {"orders": _orders(date(2025, 3, 3), 120, range(5))}
    (series,) = _asked("previous", date(2025, 4, 1), date(2025, 4, 30), tables)
    assert series.points[0].compare.value == Decimal(210)
    tables = {"orders": _orders(date(2025, 3, 4), 120, range(5))}
    (series,) = _asked("previous", date(2025, 4, 1), date(2025, 4, 30), tables)
    assert series.points[0].compare.value is None


def test_the_dataset_that_begins_last_decides():
    tables = {"orders": _orders(date(2024, 1, 1), 500),
              "finance": [{"date": date(2024, 5 + n, 1), "cash": Decimal(7)} for n in range(8)]}
    cash, both = _asked("previous", date(2024, 5, 1), date(2024, 6, 30), tables, "cash", "both")
    for series in (cash, both):
        assert series.points[0].compare.reason == "Data begin on 1 May 2024."
    assert cash.points[1].compare.value == Decimal(7), "a monthly row speaks for its whole month"
    assert both.points[1].compare.value == Decimal(303)


def test_data_speak_from_their_first_row_or_the_days_off_before_it():
    calendar, end = Calendar(), date(2025, 9, 1)
    state = DataState(date(2025, 3, 5), end, end, dict.fromkeys(range(7), 26))
    assert speaks_from(calendar, ORDERS, state) == date(2025, 3, 5)
    assert speaks_from(calendar, FINANCE, state) == date(2025, 3, 1)
    assert speaks_from(calendar, CATALOGUE, state) is None
    assert speaks_from(calendar, ORDERS, None) is None
    assert speaks_from(calendar, ORDERS, DataState(None, None, None)) is None
    monday = DataState(date(2025, 3, 3), end, end, dict.fromkeys(range(5), 26))
    assert speaks_from(calendar, ORDERS, monday) == date(2025, 3, 1)
