"""The rhythm of a shop: which weekdays are expected, when a period is over, from when on the data speak."""
from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState
from dashapp.core.period import Grain
from dashapp.query.complete import (
    ENOUGH_DAYS,
    elapsed_until,
    expected_weekdays,
    is_complete,
    last_expected_day,
    speaks_from,
)

CAL = Calendar()
SHOP, PRICES = Dataset("shop", "Shop"), Dataset("prices", "Prices", kind="reference")
WEEKLY, MONTHLY = (Dataset(g.value, g.value, grain=g) for g in (Grain.WEEK, Grain.MONTH))
MONDAY = date(2026, 3, 2)
EVERY = frozenset(range(7))


def state(first: date, last: date, weekdays: dict[int, int], through: date | None = None) -> DataState:
    return DataState(first, last, through or last, weekdays)


def opened(first: date, days: int, *weekdays: int) -> DataState:
    """Rows on these weekdays, from the first such day on."""
    dates = [d for n in range(days) if (d := first + timedelta(n)).weekday() in weekdays]
    return state(dates[0], dates[-1], dict(Counter(d.weekday() for d in dates)))


@pytest.mark.parametrize(("days", "weekdays", "expected"), [
    (13, {0: 1}, EVERY), (14, {0: 2, 1: 1}, frozenset({0, 1})),
    (ENOUGH_DAYS, dict.fromkeys(range(7), 2), EVERY), (ENOUGH_DAYS, {}, frozenset()),
    (21, {0: 2, 1: 1, 2: 3}, frozenset({0, 2})), (28, {0: 2, 1: 1, 2: 4}, frozenset({0, 2})),
    (15, {0: 1, 1: 1, 2: 1}, frozenset({1, 2})), (15, {0: 2}, frozenset({0})), (20, {5: 1, 6: 1}, frozenset({6})),
])
def test_a_weekday_is_expected_when_half_of_its_dates_had_rows(
    days: int, weekdays: dict[int, int], expected: frozenset[int]
) -> None:
    """Counted from a Monday: in 15 days there are three Mondays and two of each other weekday."""
    assert expected_weekdays(state(MONDAY, MONDAY + timedelta(days - 1), weekdays)) == expected


@given(st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.integers(ENOUGH_DAYS, 60), st.integers(0, 9))
def test_weekdays_are_counted_as_the_calendar_has_them(first: date, days: int, n: int) -> None:
    dates = [first + timedelta(i) for i in range(days)]
    told = expected_weekdays(state(first, dates[-1], dict.fromkeys(range(7), n)))
    assert told == {w for w in range(7) if 2 * n >= sum(d.weekday() == w for d in dates)}


def test_without_rows_every_day_is_expected() -> None:
    assert expected_weekdays(DataState(None, None, None)) == EVERY
    assert expected_weekdays(DataState(MONDAY, None, None)) == EVERY


@pytest.mark.parametrize(("dataset", "weekdays", "label", "day"), [
    (SHOP, range(5), "2026-05", "2026-05-29"), (SHOP, range(7), "2026-05", "2026-05-31"),
    (SHOP, range(5), "2026-04", "2026-04-30"),
    (SHOP, [6], "2026-04", "2026-04-26"), (SHOP, range(5), "2026-03-07", "2026-03-07"),
    (SHOP, range(5), "2026-03-06", "2026-03-06"), (SHOP, range(5), "2026-W10", "2026-03-06"),
    (WEEKLY, range(5), "2026-05", "2026-05-31"), (MONTHLY, [0], "2026-05", "2026-05-31"),
])
def test_the_last_expected_day_of_a_period(dataset: Dataset, weekdays, label: str, day: str) -> None:
    known = opened(date(2025, 9, 1), 120, *weekdays)
    assert last_expected_day(dataset, known, CAL.parse(label)) == date.fromisoformat(day)


def test_where_no_weekday_has_a_rhythm_the_period_ends_with_its_last_day() -> None:
    rare = state(MONDAY, MONDAY + timedelta(60), {0: 1})
    assert last_expected_day(SHOP, rare, CAL.parse("2026-03")) == date(2026, 3, 31)


@pytest.mark.parametrize(("dataset", "last", "through", "complete"), [
    (SHOP, "2026-03-31", "2026-03-31", True), (SHOP, "2026-03-30", "2026-03-30", False),
    (SHOP, "2026-03-30", "2026-03-31", True),
    (SHOP, "2026-04-01", "2026-03-10", True), (SHOP, "2026-03-31", "2026-03-10", False),
    (MONTHLY, "2026-03-01", "2026-03-31", True),
    (MONTHLY, "2026-03-01", "2026-03-30", False), (PRICES, "2026-01-01", "2026-01-01", True),
])
def test_a_month_is_complete_when_the_data_reach_its_end_or_beyond(
    dataset: Dataset, last: str, through: str, complete: bool
) -> None:
    rhythm = dict.fromkeys(range(7), 99)
    known = DataState(date(2026, 1, 1), date.fromisoformat(last), date.fromisoformat(through), rhythm)
    assert is_complete(dataset, known, CAL.parse("2026-03")) is complete


@pytest.mark.parametrize(("dataset", "first", "weekdays", "since"), [
    (SHOP, "2026-03-02", range(7), "2026-03-01"), (SHOP, "2026-03-02", range(5), "2026-02-27"),
    (SHOP, "2026-03-03", range(5), "2026-02-28"), (SHOP, "2026-03-01", [6], "2026-02-16"),
    (WEEKLY, "2026-03-04", range(7), "2026-03-02"), (MONTHLY, "2026-03-04", range(7), "2026-03-01"),
])
def test_data_speak_from_where_less_than_two_days_with_rows_can_be_missing(
    dataset: Dataset, first: str, weekdays, since: str
) -> None:
    known = opened(date.fromisoformat(first), 120, *weekdays)
    assert speaks_from(CAL, dataset, known) == date.fromisoformat(since)


def test_rare_rows_are_missed_as_rarely() -> None:
    """Rows on half of the Mondays and nothing else: two are missing after four weeks."""
    rare = state(MONDAY, MONDAY + timedelta(69), {0: 5})
    assert speaks_from(CAL, SHOP, rare) == MONDAY - timedelta(27)


# the elapsed part ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("calendar", "here", "reached", "there", "until"), [
    (CAL, "2026-03-10", "2026-03-10", "2026-03-09", "2026-03-09"),
    (CAL, "2026-W11", "2026-03-09", "2026-W10", "2026-03-02"),
    (CAL, "2026-W11", "2026-03-15", "2026-W10", "2026-03-08"), (CAL, "2026-03", "2026-03-01", "2026-02", "2026-02-01"),
    (CAL, "2026-03", "2026-03-28", "2026-02", "2026-02-28"), (CAL, "2026-03", "2026-03-29", "2026-02", "2026-02-28"),
    (CAL, "2026-02", "2026-02-27", "2026-01", "2026-01-27"), (CAL, "2026-02", "2026-02-28", "2026-01", "2026-01-31"),
    (CAL, "2024-02", "2024-02-28", "2023-02", "2023-02-28"), (CAL, "2026-Q1", "2026-01-01", "2025-Q4", "2025-10-01"),
    (CAL, "2026-Q1", "2026-02-28", "2025-Q4", "2025-11-30"), (CAL, "2026-Q1", "2026-03-30", "2025-Q4", "2025-12-30"),
    (CAL, "2026-Q1", "2026-03-31", "2025-Q4", "2025-12-31"), (CAL, "2026", "2026-11-30", "2025", "2025-11-30"),
    (CAL, "2025", "2025-02-28", "2024", "2024-02-29"), (Calendar(7), "FY2026", "2026-01-15", "FY2025", "2025-01-15"),
    (Calendar(7), "FY2026-Q2", "2025-12-05", "FY2026-Q1", "2025-09-05"),
])
def test_as_much_has_elapsed_on_the_other_side(
    calendar: Calendar, here: str, reached: str, there: str, until: str
) -> None:
    found = elapsed_until(calendar, calendar.parse(here), date.fromisoformat(reached), calendar.parse(there))
    assert found == date.fromisoformat(until)


@given(st.dates(date(2020, 1, 1), date(2026, 1, 1)),
       st.sampled_from([Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR]),
       st.sampled_from([CAL, Calendar(4, 6), Calendar(2, 6, "4-5-4"), Calendar(1, 0, "5-4-4")]))
def test_more_elapsed_here_is_never_less_there_and_all_is_all(day: date, grain: Grain, calendar: Calendar) -> None:
    here = calendar.period(day, grain)
    for there in (calendar.previous(here), calendar.year_ago(here)):
        if there is None:
            continue
        course = [elapsed_until(calendar, here, here.start + timedelta(n), there) for n in range(here.days)]
        assert course == sorted(course)
        assert course[0] == there.start
        assert course[-1] == there.end
        assert {d in there for d in course} == {True}
    same = [elapsed_until(calendar, here, here.start + timedelta(n), here) for n in range(here.days)]
    assert same == [here.start + timedelta(n) for n in range(here.days)]
