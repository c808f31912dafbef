"""The calendar that dates teach, against calendars known otherwise."""
from __future__ import annotations

from datetime import date, timedelta

import pytest

from dashapp.core.trading import Trading, easter


def every(first: date, last: date, weekdays: str = "01234", off: tuple[date, ...] = ()) -> set[date]:
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return {d for d in days if str(d.weekday()) in weekdays and d not in off}


# Published dates of Easter Sunday.
@pytest.mark.parametrize("day", [date(1961, 4, 2), date(2000, 4, 23), date(2008, 3, 23), date(2019, 4, 21),
                                 date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2038, 4, 25)])
def test_easter_falls_when_it_did(day: date) -> None:
    assert easter(day.year) == day


def test_weekdays_are_learned() -> None:
    assert Trading.learned(every(date(2025, 1, 1), date(2025, 3, 31))).weekdays == {0, 1, 2, 3, 4}
    assert Trading.learned(every(date(2025, 1, 1), date(2025, 3, 31), "0123456")).weekdays == set(range(7))
    assert Trading.learned(every(date(2025, 1, 1), date(2025, 3, 31), "25")).weekdays == {2, 5}


@pytest.mark.parametrize("dates", [set(), {date(2025, 1, 1)}, every(date(2025, 1, 1), date(2025, 1, 10)),
                                   {date(2025, 1, 1) + timedelta(11 * n) for n in range(30)}])
def test_too_little_teaches_nothing(dates: set[date]) -> None:
    assert list(Trading.learned(dates).expected(date(2025, 1, 1), date(2025, 12, 31))) == []


def test_expected_are_the_trading_days_that_nobody_takes_off() -> None:
    off = (date(2023, 12, 25), date(2023, 5, 29), date(2023, 4, 10), date(2023, 7, 4),
           date(2024, 12, 25), date(2024, 5, 27), date(2024, 4, 1), date(2024, 7, 4))
    learned = Trading.learned(every(date(2023, 1, 2), date(2025, 2, 28), off=off))
    expected = set(learned.expected(date(2025, 3, 1), date(2025, 12, 31)))
    closed = {date(2025, 12, 25), date(2025, 4, 21), date(2025, 7, 4)}
    assert not closed & expected, "Christmas, Easter Monday, the fourth of July"
    assert date(2025, 12, 24) in expected
    assert all(d.weekday() < 5 for d in expected)


def test_a_day_that_was_worked_once_is_expected_again() -> None:
    off = (date(2023, 12, 27),)
    learned = Trading.learned(every(date(2023, 1, 2), date(2025, 6, 30), off=off))
    assert not learned.is_holiday(date(2025, 12, 24))
    assert date(2025, 12, 29) in set(learned.expected(date(2025, 12, 1), date(2025, 12, 31)))


def test_a_weekday_of_the_month_is_off_after_two_years_of_it() -> None:
    """Thanksgiving, the fourth Thursday of November: 2023-11-23, 2024-11-28, 2025-11-27."""
    off = (date(2023, 11, 23), date(2024, 11, 28))
    learned = Trading.learned(every(date(2023, 1, 2), date(2025, 6, 30), off=off))
    assert learned.is_holiday(date(2025, 11, 27))
    once = Trading.learned(every(date(2024, 1, 1), date(2025, 6, 30), off=off))
    assert not once.is_holiday(date(2025, 11, 27))
