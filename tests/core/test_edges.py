"""The first and the last day the product knows: everything inside is safe, everything outside is one sentence."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.errors import Invalid
from dashapp.core.filters import Filters, filters_from_query
from dashapp.core.period import FIRST_DAY, LAST_DAY, OUTSIDE, QUESTION_GRAINS, DateRange, Grain, supported

LABEL = r"(FY)?(0000|0001|1899|1900|2199|2200|9998|9999)(-(W[0-9]{2}|Q[1-4]|[0-9]{2}(-[0-9]{2})?))?"
calendars = st.builds(
    Calendar, st.integers(1, 12), st.integers(0, 6), st.sampled_from(["gregorian", "4-4-5", "4-5-4", "5-4-4"])
)
grains = st.sampled_from(QUESTION_GRAINS)
near = st.one_of(
    st.integers(0, 800).map(lambda n: FIRST_DAY + timedelta(n)),
    st.integers(0, 800).map(lambda n: LAST_DAY - timedelta(n)),
)
beyond = st.one_of(
    st.dates(date.min, FIRST_DAY - timedelta(1)), st.dates(LAST_DAY + timedelta(1), date.max), st.just(date.min),
    st.just(date.max),
)


@settings(max_examples=150)
@given(calendars, near, grains)
def test_every_supported_day_has_a_period_and_its_neighbours_or_a_sentence(
    calendar: Calendar, day: date, grain: Grain
) -> None:
    period = calendar.period(day, grain)
    assert day in period
    for move in (calendar.next, calendar.previous, calendar.year_ago):
        if FIRST_DAY + timedelta(740) < day < LAST_DAY - timedelta(740):
            found = move(period)
            assert found is None or found.grain is period.grain
        else:
            with suppress(Invalid):
                assert day not in (move(period) or ())
    assert calendar.periods(DateRange(period.start, period.end), grain) == [period]


@settings(max_examples=100)
@given(calendars, beyond, grains)
def test_a_day_outside_is_refused_with_the_range(calendar: Calendar, day: date, grain: Grain) -> None:
    with pytest.raises(Invalid, match="between 1900-01-01 and 2199-12-31"):
        calendar.period(day, grain)
    with pytest.raises(Invalid, match="between 1900-01-01 and 2199-12-31"):
        supported(day)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date.min, date(2025, 1, 1)),
        (date(2025, 1, 1), date.max),
        (date.min, date.max),
        (date.max, date.max),
        (date.min, date.min),
    ],
)
@pytest.mark.parametrize("grain", QUESTION_GRAINS)
def test_a_range_over_the_edge_is_refused_before_its_periods_are_counted(start: date, end: date, grain: Grain) -> None:
    with pytest.raises(Invalid, match=OUTSIDE):
        Calendar().periods(DateRange(start, end), grain)


@settings(max_examples=300)
@given(calendars, st.from_regex(LABEL, fullmatch=True))
@example(Calendar(), "9999-W53")
@example(Calendar(), "9999-12-31")
@example(Calendar(2, 6, "4-4-5"), "FY9999-12")
@example(Calendar(12), "FY0001")
def test_a_label_at_the_edge_is_a_period_or_a_sentence(calendar: Calendar, label: str) -> None:
    with suppress(Invalid):
        period = calendar.parse(label)
        assert period.start <= LAST_DAY
        assert period.end >= FIRST_DAY


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "9999-12-31T23:59+00:00", "0001-01-01T00:00+14:00"])
def test_a_moment_no_calendar_reaches_means_now(text: str) -> None:
    assert filters_from_query({"as_of": text}, "Pacific/Kiritimati").as_of is None


def test_a_custom_range_keeps_its_dates_so_that_the_refusal_names_them() -> None:
    found = filters_from_query({"from": "9999-12-01", "to": "9999-12-31"})
    assert found == Filters("custom", date(9999, 12, 1), date(9999, 12, 31))
    span = found.span(date(2026, 3, 16), Calendar())
    with pytest.raises(Invalid, match=OUTSIDE):
        Calendar().supported(span, Grain.DAY)
