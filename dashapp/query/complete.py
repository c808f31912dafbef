"""When a period is complete, and what the elapsed part of an unfinished one is.

A period is complete when the data reach its last expected trading day, or when a later period has rows. Expected are
the weekdays on which at least half of the dates of the history have rows, learned from at least two weeks.
"""
from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState
from dashapp.core.period import Grain, Period

ENOUGH_DAYS = 14
TOO_MANY_MISSING = 2  # days with rows that the start of a period may not lack


def expected_weekdays(state: DataState) -> frozenset[int]:
    """The weekdays rows are expected on; all seven while the history is too short to tell."""
    if state.first is None or state.last is None or (state.last - state.first).days + 1 < ENOUGH_DAYS:
        return frozenset(range(7))
    return frozenset(w for w, share in _shares(state).items() if 2 * share >= 1)


def _shares(state: DataState) -> dict[int, Fraction]:
    """Weekday -> the share of its dates in the history that have rows; none where the history has no such date."""
    assert state.first is not None
    assert state.last is not None
    days, start = (state.last - state.first).days + 1, state.first.weekday()
    seen = {w: days // 7 + ((w - start) % 7 < days % 7) for w in range(7)}
    return {w: Fraction(state.weekdays.get(w, 0), seen[w] or 1) for w in range(7)}


def last_expected_day(dataset: Dataset, state: DataState, period: Period) -> date:
    """The last date of `period` on which rows are expected; its end for data of coarser rows than days."""
    expected = expected_weekdays(state)
    if dataset.grain.coarser_than(Grain.DAY) or not expected:
        return period.end
    day = period.end
    while day > period.start and day.weekday() not in expected:
        day -= timedelta(1)
    return day if day.weekday() in expected else period.end


def is_complete(dataset: Dataset, state: DataState | None, period: Period) -> bool:
    """Is everything expected of `period` there? False without any data; always true for data without dates."""
    if dataset.kind == "reference":
        return True
    if state is None or state.data_through is None:
        return False
    if state.last is not None and state.last > period.end:
        return True
    return state.data_through >= last_expected_day(dataset, state, period)


def speaks_from(calendar: Calendar, dataset: Dataset, state: DataState | None) -> date | None:
    """The first date the data of a dataset speak for: its first row, or before it as long as little can be missing.

    Little is less than two days with rows, by each weekday's share of dates with rows in the history: a holiday at the
    start of a year, the weekend before it, a few days of rare rows. None where there is no such date: without rows
    and for data without dates of their own.
    """
    if dataset.kind != "facts" or state is None or state.first is None:
        return None
    if dataset.grain.coarser_than(Grain.DAY):
        return calendar.period(state.first, dataset.grain).start
    shares, day = _shares(state), state.first
    missing = shares[(day - timedelta(1)).weekday()]
    while missing < TOO_MANY_MISSING:
        day -= timedelta(1)
        missing += shares[(day - timedelta(1)).weekday()]
    return day


def elapsed_until(calendar: Calendar, period: Period, reached: date, base: Period) -> date:
    """The date in `base` up to which as much has elapsed as in `period` up to `reached` (a date inside it).

    Months and their multiples match by month and day of month (the last day of a month is one), weeks by weekday,
    retail periods by day of the period.
    """
    if reached >= period.end:
        return base.end
    if period.grain in (Grain.DAY, Grain.WEEK) or calendar.family != "gregorian":
        return min(base.end, base.start + (reached - period.start))
    month = calendar.period(reached, Grain.MONTH)
    inside = calendar.period(base.start, Grain.MONTH)
    while calendar.period(period.start, Grain.MONTH) != month:
        month, inside = calendar.previous(month), calendar.next(inside)
    if reached == calendar.period(reached, Grain.MONTH).end:
        return inside.end
    return min(inside.end, inside.start.replace(day=1) + timedelta(reached.day - 1))
