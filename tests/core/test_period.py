"""Grains in their order, periods and ranges with both their ends, the first and the last day."""
from __future__ import annotations

from datetime import date, timedelta

import pytest

from dashapp.core.errors import Invalid
from dashapp.core.period import FIRST_DAY, LAST_DAY, QUESTION_GRAINS, DateRange, Grain, Period, supported

ORDER = [Grain.EVENT, Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR]


@pytest.mark.parametrize("left", ORDER)
@pytest.mark.parametrize("right", ORDER)
def test_a_grain_is_coarser_than_those_before_it_but_a_day_is_not_than_an_event(left: Grain, right: Grain) -> None:
    later = ORDER.index(left) > ORDER.index(right)
    assert left.coarser_than(right) is (later and (left, right) != (Grain.DAY, Grain.EVENT))
    assert (left.rank > right.rank) is later


def test_questions_are_asked_by_every_grain_but_the_event() -> None:
    assert QUESTION_GRAINS == (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def test_a_period_holds_both_its_ends() -> None:
    march = Period(date(2026, 3, 1), date(2026, 3, 31), Grain.MONTH, "2026-03")
    assert march.days == 31
    assert [d in march for d in (date(2026, 2, 28), march.start, march.end, date(2026, 4, 1))] == [
        False, True, True, False]
    assert "2026-03-05" not in march
    assert None not in march


def test_a_range_has_a_day_at_least() -> None:
    day = date(2026, 3, 1)
    assert DateRange(day, day).start == day
    with pytest.raises(ValueError, match="ends before it starts: 2026-03-01 - 2026-02-28"):
        DateRange(day, day - timedelta(1))


@pytest.mark.parametrize(("day", "is_fine"), [
    (FIRST_DAY, True), (LAST_DAY, True), (FIRST_DAY - timedelta(1), False), (LAST_DAY + timedelta(1), False),
])
def test_the_first_and_the_last_day_are_inside(day: date, is_fine: bool) -> None:
    assert date(1900, 1, 1) == FIRST_DAY
    assert date(2199, 12, 31) == LAST_DAY
    if is_fine:
        assert supported(day) == day
    else:
        with pytest.raises(Invalid, match=r"Dates lie between 1900-01-01 and 2199-12-31\."):
            supported(day)
