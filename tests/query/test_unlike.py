"""A 53rd week on one side of a comparison is said; so is a weekday that months do not have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from tests.query.shop import ask, days, kpis

KPIS = kpis(revenue="sum(orders.revenue)")
RETAIL = Calendar(1, 0, "4-4-5")
# One euro a day from the first day of retail 2019 on, so that a figure is a number of days.
ORDERS = [{"date": d, "revenue": Decimal(1)} for d in days(date(2018, 12, 31), 1500)]


def told(grain: Grain, first: str, last: str, compare: Any, calendar: Calendar) -> Any:
    span = DateRange(date.fromisoformat(first), date.fromisoformat(last))
    (series,) = ask(Question(("revenue",), grain, span, compare=compare), KPIS, {"orders": ORDERS}, calendar=calendar)
    return series


@pytest.mark.parametrize("compare", ["previous_year", "same_weekday"])
def test_a_range_of_weeks_across_a_53rd_week_says_how_many_weeks_it_is_compared_with(compare: str) -> None:
    series = told(Grain.WEEK, "2020-12-21", "2021-01-10", compare, Calendar())
    assert [p.period.label for p in series.points] == ["2020-W52", "2020-W53", "2021-W01"]
    assert [p.compare.value for p in series.points] == [7, None, 7]
    assert series.points[1].compare.reason == "A 53rd week has no year-ago value."
    assert (series.total.value, series.total.compare.value) == (21, 14)
    assert series.warnings == (
        "The whole range has 3 weeks and is compared with 2: one of the years has a 53rd week.",)
    assert told(Grain.WEEK, "2020-03-02", "2020-03-22", compare, Calendar()).warnings == ()


def test_a_range_that_ends_in_a_53rd_week_has_no_total_to_compare_with() -> None:
    series = told(Grain.WEEK, "2020-12-21", "2021-01-03", "previous_year", Calendar())
    assert series.total.compare.reason == "A 53rd week has no year-ago value."
    assert series.warnings == ()


def test_a_retail_month_with_a_53rd_week_says_so_and_others_say_nothing() -> None:
    december = told(Grain.MONTH, "2020-12-01", "2020-12-31", "previous_year", RETAIL)
    (point,) = [p for p in december.points if p.period.label == "2020-12"]
    assert (point.value, point.compare.value) == (42, 35)
    assert december.warnings == ("Compared with another number of weeks: 2020-12 has 6 weeks, 2019-12 had 5.",)
    year = told(Grain.YEAR, "2020-06-01", "2021-06-01", "previous_year", RETAIL)
    assert [p.value for p in year.points] == [371, 364]
    assert year.warnings == (
        "Compared with another number of weeks: 2020 has 53 weeks, 2019 had 52; 2021 has 52 weeks, 2020 had 53.",)
    assert told(Grain.MONTH, "2020-06-01", "2020-07-31", "previous_year", RETAIL).warnings == ()
    assert told(Grain.MONTH, "2020-12-01", "2020-12-31", "previous", RETAIL).warnings == ()


def test_weekdays_of_months_are_not_promised() -> None:
    said = ("Weekdays are kept by days and weeks: each month is compared with the same month of the year before.",)
    assert told(Grain.MONTH, "2021-03-01", "2021-03-31", "same_weekday", Calendar()).warnings == said
    assert told(Grain.MONTH, "2021-03-01", "2021-03-31", "previous_year", Calendar()).warnings == ()


def test_a_day_is_compared_with_the_same_weekday_fifty_two_weeks_before() -> None:
    series = told(Grain.DAY, "2021-03-01", "2021-03-07", "same_weekday", Calendar())
    for point in series.points:
        other = point.compare.between[0].start
        assert ((point.period.start - other).days, other.weekday()) == (364, point.period.start.weekday())
    assert series.warnings == ()
