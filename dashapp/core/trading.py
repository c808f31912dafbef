"""The trading calendar that a dataset's own dates teach: weekdays with rows, and the days off of earlier years."""
from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

ENOUGH_DAYS = 14  # from the first to the last date before anything is expected
USUAL = 0.5  # share of a weekday's dates with rows from which it is a trading day
STEADY = 0.8  # share of the trading days with rows below which rows are too rare to miss one


@dataclass(frozen=True)
class Trading:
    """weekdays: 0 Monday ... 6 Sunday on which rows are expected, none while nothing is. closed: days without rows on
    such a weekday; first, last: the dates it was learned from."""

    weekdays: frozenset[int] = frozenset()
    closed: frozenset[date] = frozenset()
    first: date | None = None
    last: date | None = None

    @classmethod
    def learned(cls, dates: Collection[date]) -> Trading:
        """What dates with rows teach: nothing from less than two weeks, or where rows are rare."""
        if not dates:
            return cls()
        first, last = min(dates), max(dates)
        if (last - first).days + 1 < ENOUGH_DAYS:
            return cls()
        there = set(dates)
        every = [first + timedelta(n) for n in range((last - first).days + 1)]
        weekdays = frozenset(w for w in range(7) if _share([d for d in every if d.weekday() == w], there) >= USUAL)
        trading = [d for d in every if d.weekday() in weekdays]
        if not trading or _share(trading, there) < STEADY:
            return cls()
        return cls(weekdays, frozenset(d for d in trading if d not in there), first, last)

    def expected(self, first: date, last: date) -> Iterator[date]:
        """The days of a range on which rows are expected, oldest first."""
        for n in range((last - first).days + 1):
            day = first + timedelta(n)
            if day.weekday() in self.weekdays and not self.is_holiday(day):
                yield day

    def is_holiday(self, day: date) -> bool:
        """Did the day's fellows have no rows in every earlier year that is known?

        Fellows are the same date, the same distance from Easter, or the same weekday of the month - the last only in
        two years and more: in one, the fourth Wednesday of December may just have been Christmas.
        """
        return any(self._was_closed([name(day, year) for year in range(self._since(), day.year)], least)
                   for name, least in ((_same_date, 1), (_same_from_easter, 1), (_same_weekday, 2)))

    def _since(self) -> int:
        return self.first.year if self.first else 9999

    def _was_closed(self, fellows: list[date | None], least: int) -> bool:
        asked = [d for d in fellows if d and self.first and self.first <= d and d.weekday() in self.weekdays]
        return len(asked) >= least and all(d in self.closed for d in asked)


def _share(days: list[date], there: set[date]) -> float:
    return sum(d in there for d in days) / len(days) if days else 0.0


def _same_date(day: date, year: int) -> date | None:
    return None if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _same_weekday(day: date, year: int) -> date | None:
    """The third Monday of January of another year for a third Monday of January."""
    first = date(year, day.month, 1)
    found = first + timedelta((day.weekday() - first.weekday()) % 7 + 7 * ((day.day - 1) // 7))
    return found if found.month == day.month else None


def _same_from_easter(day: date, year: int) -> date | None:
    """The day as far from Easter Sunday; only within the weeks in which feasts move with it."""
    distance = day - easter(day.year)
    return easter(year) + distance if -50 <= distance.days <= 61 else None


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher: *Astronomical Algorithms*, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return date(year, month, day + 1)
