"""What may be asked about: ranges, periods and moments of this world, and a sentence for everything else."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core import bounds
from dashapp.core.calendar import Calendar
from dashapp.core.errors import Invalid
from dashapp.core.period import FIRST_DAY, LAST_DAY, QUESTION_GRAINS, DateRange, Grain
from dashapp.query import compile as compiling

TODAY = date(2026, 3, 16)
CALENDARS = [Calendar(), Calendar(4, 6), Calendar(2, 0, "4-4-5"), Calendar(1, 3, "5-4-4")]
OUTSIDE = "Dates lie between 1900-01-01 and 2199-12-31."


def refusal(act, *args: object) -> str:
    with pytest.raises(Invalid) as caught:
        act(*args)
    return caught.value.message


def test_a_range_ends_today_and_has_twelve_months_where_nothing_else_is_said() -> None:
    assert bounds.range_of(None, None, TODAY, Calendar()) == DateRange(date(2025, 4, 1), TODAY)
    assert bounds.range_of(date(2026, 1, 5), None, TODAY, Calendar()) == DateRange(date(2026, 1, 5), TODAY)
    assert bounds.range_of(None, date(2025, 1, 31), TODAY, Calendar()).start == date(2024, 2, 1)


@pytest.mark.parametrize(("start", "end", "told"), [
    (date.min, None, OUTSIDE), (None, date.max, OUTSIDE), (None, date.min, OUTSIDE), (date.max, date.max, OUTSIDE),
    (date(1899, 12, 31), TODAY, OUTSIDE), (TODAY, date(2200, 1, 1), OUTSIDE), (None, date(1900, 5, 5), OUTSIDE),
    (TODAY, TODAY - timedelta(1), "The range ends (2026-03-15) before it starts (2026-03-16)."),
    (TODAY + timedelta(1), None, "The range ends (2026-03-16) before it starts (2026-03-17)."),
])
def test_a_range_out_of_this_world_is_refused_with_a_sentence(start, end, told: str) -> None:
    assert refusal(bounds.range_of, start, end, TODAY, Calendar()) == told


@given(start=st.none() | st.dates(), end=st.none() | st.dates(), calendar=st.sampled_from(CALENDARS),
       grain=st.sampled_from(QUESTION_GRAINS))
def test_whatever_dates_are_said_the_answer_is_a_range_that_can_be_counted_or_a_refusal(
        start, end, calendar: Calendar, grain: Grain) -> None:
    try:
        span = bounds.countable(bounds.range_of(start, end, TODAY, calendar), grain)
    except Invalid:
        return
    assert FIRST_DAY <= span.start <= span.end <= LAST_DAY
    assert len(calendar.periods(span, grain)) <= bounds.MAX_PERIODS + 2  # both ends may cut a period


def test_the_most_periods_are_those_that_a_plan_takes() -> None:
    assert bounds.MAX_PERIODS == compiling.MAX_PERIODS
    most = DateRange(TODAY, TODAY + timedelta(bounds.MAX_PERIODS - 1))
    assert bounds.countable(most, Grain.DAY) is most
    more = DateRange(TODAY, TODAY + timedelta(bounds.MAX_PERIODS))
    assert "more than 4,000 periods" in refusal(bounds.countable, more, Grain.DAY)
    assert bounds.countable(DateRange(FIRST_DAY, LAST_DAY), Grain.MONTH)
    assert refusal(bounds.countable, DateRange(date(1899, 12, 31), TODAY), Grain.YEAR) == OUTSIDE


@pytest.mark.parametrize("calendar", CALENDARS, ids=str)
@pytest.mark.parametrize("label", ["9999", "9999-12", "9999-12-31", "9999-W52", "9999-Q4", "FY9999-Q4", "0001", "0000",
                                   "0001-01-01", "0001-W01", "1899-12-31", "2200", "FY0001-Q1"])
def test_a_period_at_the_end_of_time_is_refused(calendar: Calendar, label: str) -> None:
    assert refusal(bounds.period_of, label, calendar).endswith(".")


def test_a_period_of_this_world_is_read_as_the_calendar_reads_it() -> None:
    for label in ("2026-03-14", "2026-W11", "2026-03", "2026-Q1", "2026", " 1900-01-01 "):
        assert bounds.period_of(label, Calendar()) == Calendar().parse(label)
    assert "is not a period" in refusal(bounds.period_of, "soon", Calendar())


@pytest.mark.parametrize(("text", "zone", "found"), [
    ("2026-03-31", "UTC", datetime(2026, 3, 31, 23, 59, 59, 999999, UTC)),
    ("2026-03-31", "Europe/Berlin", datetime(2026, 3, 31, 21, 59, 59, 999999, UTC)),
    (" 2026-03-31T18:00 ", "Europe/Berlin", datetime(2026, 3, 31, 16, 0, tzinfo=UTC)),
    ("2026-03-31 18:00", "UTC", datetime(2026, 3, 31, 18, 0, tzinfo=UTC)),
    ("2026-03-31T18:00Z", "Europe/Berlin", datetime(2026, 3, 31, 18, 0, tzinfo=UTC)),
    ("2026-03-31T00:00-05:00", "UTC", datetime(2026, 3, 31, 5, 0, tzinfo=UTC)),
    ("2199-12-31", "America/New_York", datetime(2200, 1, 1, 4, 59, 59, 999999, UTC)),
])
def test_a_moment_without_a_zone_is_in_that_of_the_organisation(text: str, zone: str, found: datetime) -> None:
    assert bounds.moment_of(text, zone) == found


@pytest.mark.parametrize("text", ["", "soon", "20260331", "2026-W13", "2026-13-01", "2026-03-31T25:00", "2026-03",
                                  "9999-12-31", "0001-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00",
                                  "\u0662\u0660\u0662\u0666-03-31", "2026-03-31T18:00+25:00"])
def test_a_moment_that_is_none_is_refused(text: str) -> None:
    assert "moment" in refusal(bounds.moment_of, text, "Pacific/Kiritimati")


@pytest.mark.parametrize(("text", "zone", "found"), [
    ("2026-03-15", "UTC", datetime(2026, 3, 15, 23, 59, 59, 999999, UTC)),
    ("2026-03-16T09:00Z", "UTC", datetime(2026, 3, 16, 9, 0, tzinfo=UTC)),
    ("2026-03-16", "UTC", datetime(2026, 3, 16, 9, 0, tzinfo=UTC)),
    (" 2026-03-16 ", "Pacific/Kiritimati", datetime(2026, 3, 16, 9, 0, tzinfo=UTC)),
    ("2026-03-15", "Pacific/Honolulu", datetime(2026, 3, 16, 9, 0, tzinfo=UTC)),
    ("2026-03-16T11:00", "Africa/Cairo", datetime(2026, 3, 16, 9, 0, tzinfo=UTC)),
])
def test_what_was_known_at_a_moment_and_the_date_of_today_is_now(text: str, zone: str, found: datetime) -> None:
    """At nine in the evening of the fifteenth on Honolulu it is the sixteenth in Kiritimati already."""
    now = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
    assert bounds.known_at(text, zone, now) == found


@pytest.mark.parametrize(("text", "zone"), [
    ("2026-03-17", "UTC"), ("2026-03-16T09:01Z", "UTC"), ("2026-03-16T10:00", "Europe/London"),
    ("2026-03-16", "Pacific/Honolulu"), ("2199-12-31", "UTC"), ("2026-03-16T23:59:59.999999", "UTC"),
])
def test_a_moment_that_has_not_come_is_refused_by_its_name(text: str, zone: str) -> None:
    now = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
    said = refusal(bounds.known_at, text, zone, now)
    assert said == f"The moment {text} has not come yet. Leave as_of out for what is known now."
