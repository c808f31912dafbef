"""Calendars: every date lies in exactly one period of a grain, labels read back, and years have 52 or 53 weeks."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.errors import Invalid
from dashapp.core.period import QUESTION_GRAINS, DateRange, Grain

dates = st.dates(date(1990, 1, 1), date(2060, 12, 31))
calendars = st.builds(
    Calendar, st.integers(1, 12), st.integers(0, 6), st.sampled_from(["gregorian", "4-4-5", "4-5-4", "5-4-4"])
)
grains = st.sampled_from(QUESTION_GRAINS)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(calendars, dates, grains)
def test_a_period_holds_its_dates_and_its_label_reads_back(calendar: Calendar, day: date, grain: Grain) -> None:
    period = calendar.period(day, grain)
    assert day in period
    assert calendar.period(period.start, grain) == calendar.period(period.end, grain) == period
    if not (calendar.family != "gregorian" and grain is Grain.MONTH and period.label.startswith("FY")):
        assert calendar.parse(period.label) == period


@settings(max_examples=200, derandomize=True, deadline=None)
@given(calendars, dates, grains, st.integers(0, 900))
def test_periods_follow_each_other_without_gap_or_overlap(
    calendar: Calendar, day: date, grain: Grain, length: int
) -> None:
    found = calendar.periods(DateRange(day, day + timedelta(length)), grain)
    assert day in found[0]
    assert day + timedelta(length) in found[-1]
    for left, right in itertools.pairwise(found):
        assert right.start == left.end + timedelta(1)
        assert calendar.next(left) == right
        assert calendar.previous(right) == left
    assert len({p.label for p in found}) == len(found)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(calendars, dates, grains)
def test_a_year_ago_is_a_year_ago(calendar: Calendar, day: date, grain: Grain) -> None:
    period = calendar.period(day, grain)
    before = calendar.year_ago(period)
    if before is None:
        assert grain is Grain.WEEK
        assert period.label.endswith("W53")
        return
    assert before.grain is period.grain
    assert 350 <= (period.start - before.start).days <= 380


@pytest.mark.parametrize(
    ("calendar", "day", "grain", "label"),
    [
        (Calendar(), date(2011, 11, 14), Grain.WEEK, "2011-W46"),
        (Calendar(), date(2021, 1, 3), Grain.WEEK, "2020-W53"),
        (Calendar(week_start=6), date(2026, 3, 1), Grain.WEEK, "2026-W09"),
        (Calendar(), date(2011, 11, 14), Grain.QUARTER, "2011-Q4"),
        (Calendar(4), date(2026, 3, 31), Grain.QUARTER, "FY2026-Q4"),
        (Calendar(4), date(2026, 4, 1), Grain.YEAR, "FY2027"),
        (Calendar(4), date(2026, 4, 1), Grain.MONTH, "2026-04"),
    ],
)
def test_periods_are_called_what_people_call_them(calendar: Calendar, day: date, grain: Grain, label: str) -> None:
    assert calendar.period(day, grain).label == label


@pytest.mark.parametrize("year", range(2000, 2040))
def test_a_retail_year_has_52_or_53_whole_weeks_in_its_pattern(year: int) -> None:
    calendar = Calendar(2, 6, "4-5-4")
    whole = calendar.period(date(year, 6, 1), Grain.YEAR)
    months = calendar.periods(DateRange(whole.start, whole.end), Grain.MONTH)
    weeks = [m.days / 7 for m in months]
    assert weeks[:11] == [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5]
    assert weeks[11] in (4, 5)
    assert whole.start.weekday() == 6
    assert abs((whole.start - date(whole.start.year, 2, 1)).days) <= 3


def test_leap_day_and_weekdays_a_year_ago() -> None:
    calendar = Calendar()
    leap = calendar.period(date(2024, 2, 29), Grain.DAY)
    assert calendar.year_ago(leap) == calendar.period(date(2023, 2, 28), Grain.DAY)
    same = calendar.year_ago(leap, same_weekday=True)
    assert same
    assert same.start == date(2023, 3, 2)
    assert same.start.weekday() == leap.start.weekday()


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-W54", "2025-W53", "2026-02-30", "26-01", "2026-Q5", "soon", "0000"]
)
def test_what_is_no_period_is_refused_with_examples(text: str) -> None:
    with pytest.raises(Invalid, match="2026-W13"):
        Calendar().parse(text)
