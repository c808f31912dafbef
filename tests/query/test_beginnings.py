"""A comparison that would begin before the data do is none, and says since when there are data."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.card import headline
from dashapp.core.datastate import DataState
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.query.complete import speaks_from
from tests.query.shop import CATALOGUE, FINANCE, ORDERS, ask, kpis

KPIS = kpis(revenue="sum(orders.revenue)", cash="last(finance.cash)", both="sum(orders.revenue) - last(finance.cash)",
             before="previous(revenue)", last_year="year_ago(revenue)", growing="growth(revenue)",
             recent="rolling(revenue, 28)", quarter='rolling(revenue, 3, "month")', gone="lost(orders.customer_id)",
             people="distinct(orders.customer_id)", back="returning(orders.customer_id)",
             retention="1 - gone / previous(people)", ytd='to_date(revenue, "year")')


def _orders(first: date, days: int, weekdays=range(7)):
    every = (first + timedelta(n) for n in range(days))
    return [{"date": d, "revenue": Decimal(10), "customer_id": "a"} for d in every if d.weekday() in weekdays]


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
    tables = {"orders": _orders(date(2025, 3, 5), 120, range(5))}
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


@pytest.mark.parametrize(("first", "growth"), [
    (date(2025, 1, 1), 0), (date(2025, 1, 2), 0), (date(2025, 1, 3), None), (date(2025, 1, 20), None)])
def test_one_holiday_at_the_start_of_the_first_year_is_no_gap_two_days_are(first, growth):
    tables = {"orders": [{**r, "revenue": Decimal(310 if r["date"].month == 1 else 1)} for r in _orders(first, 120)]}
    (series,) = _asked("none", date(2025, 2, 1), date(2025, 3, 31), tables, "growing")
    assert (series.points[0].value is None) == (growth is None)
    assert series.points[1].value is not None


def test_the_first_days_of_rare_rows_are_no_gap():
    every_fourth_day = [{"date": date(2025, 1, 5) + timedelta(4 * n), "revenue": Decimal(10)} for n in range(60)]
    (series,) = _asked("none", date(2025, 1, 1), date(2025, 2, 28), {"orders": every_fourth_day}, "growing")
    assert series.points[1].value == Decimal(70) / Decimal(70) - 1
    late = [{**r, "date": r["date"] + timedelta(10)} for r in every_fourth_day]
    (series,) = _asked("none", date(2025, 1, 1), date(2025, 2, 28), {"orders": late}, "growing")
    assert series.points[1].reason == "Data begin on 15 Jan 2025."


def test_data_speak_from_their_first_row_or_as_long_before_it_as_little_can_be_missing():
    calendar, end = Calendar(), date(2025, 9, 1)
    state = DataState(date(2025, 3, 5), end, end, dict.fromkeys(range(7), 26))
    assert speaks_from(calendar, ORDERS, state) == date(2025, 3, 4)
    assert speaks_from(calendar, FINANCE, state) == date(2025, 3, 1)
    assert speaks_from(calendar, CATALOGUE, state) is None
    assert speaks_from(calendar, ORDERS, None) is None
    assert speaks_from(calendar, ORDERS, DataState(None, None, None)) is None
    monday = DataState(date(2025, 3, 3), end, end, dict.fromkeys(range(5), 26))
    assert speaks_from(calendar, ORDERS, monday) == date(2025, 2, 28), "one Friday may be missing"


NOVEMBER = {"orders": _orders(date(2024, 11, 21), 420)}
BEGIN = "Data begin on 21 Nov 2024."


@pytest.mark.parametrize(("key", "first", "value"), [
    ("before", "2025-01", Decimal(310)), ("last_year", "2025-12", Decimal(310)), ("growing", "2025-01", 0),
    ("recent", "2024-12", Decimal(280)), ("quarter", "2025-02", Decimal(900)), ("gone", "2025-01", 0),
    ("retention", "2025-01", 1), ("back", "2024-11", 0), ("ytd", "2024-11", Decimal(100)),
])
def test_a_formula_that_looks_back_has_no_value_before_it_has_a_whole_time_to_look_at(key, first, value):
    (series,) = _asked("none", date(2024, 11, 1), date(2025, 12, 31), NOVEMBER, key)
    told = {p.period.label: p for p in series.points}
    early = [p for p in series.points if p.period.label < first]
    assert [(p.value, p.reason) for p in early] == [(None, BEGIN)] * len(early)
    assert told[first].value == value


def test_the_growth_of_the_month_after_a_part_is_none_and_so_is_its_own_comparison():
    (series,) = _asked("previous", date(2024, 11, 1), date(2025, 1, 31), NOVEMBER, "growing")
    november, december, january = series.points
    assert (november.reason, december.reason) == (BEGIN, BEGIN)
    assert january.value == 0
    assert (january.compare.value, january.compare.change, january.compare.reason) == (None, None, BEGIN)


def test_the_month_in_which_the_data_begin_is_over_but_not_whole_and_says_why():
    (series,) = _asked("none", date(2024, 10, 1), date(2025, 1, 31), NOVEMBER)
    october, november, december, _ = series.points
    assert (november.value, november.complete, november.partial, november.whole) == (Decimal(100), True, BEGIN, False)
    assert november.state == "not whole: data begin on 21 Nov 2024"
    assert (december.whole, december.partial, december.state) == (True, None, "")
    assert (october.value, october.partial) == (None, None)
    assert series.warnings == ("2024-11 is not a whole month: data begin on 21 Nov 2024.",)
    assert series.to_json()["points"][1]["partial"] == BEGIN
    assert headline(series.points[:3]) == (december, None)


def test_a_period_is_whole_where_the_data_begin_with_it():
    (series,) = _asked("none", date(2024, 12, 1), date(2025, 1, 31), {"orders": _orders(date(2024, 12, 1), 420)})
    assert [p.whole for p in series.points] == [True, True]
    assert series.warnings == ()


@pytest.mark.parametrize("first", [date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 20)])
def test_a_month_wholly_before_the_data_is_no_part(first):
    (series,) = _asked("none", date(2024, 11, 1), date(2025, 2, 28), {"orders": _orders(first, 120)})
    november, december, january, _ = series.points
    assert [(p.value, p.partial) for p in (november, december)] == [(None, None)] * 2
    assert january.partial == ("Data begin on 20 Jan 2025." if first.day == 20 else None)
    assert series.warnings == (("2025-01 is not a whole month: data begin on 20 Jan 2025.",) if first.day == 20 else ())
