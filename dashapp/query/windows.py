"""Windows: the stretch of dates a figure is computed over, and the arithmetic of the time functions on it.

A window is one or more whole periods as asked, then shifted (`previous`, `year_ago`), then possibly widened
(`rolling`, `to_date`). For an unfinished period a shifted window covers the same elapsed part, and a rolling one ends
with it, dataset by dataset: so many days are so many days on both sides of a comparison, and none lies in the future.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState
from dashapp.core.errors import Invalid
from dashapp.core.period import Grain, Period
from dashapp.query.complete import elapsed_until, is_complete, speaks_from

Shift = tuple[Literal["previous", "year_ago", "same_weekday"], int]
OUT_OF_REACH = "The calendar does not reach that far."
NOT_YET = "The data do not reach into this period yet."


@dataclass(frozen=True)
class Window:
    """first, last: the asked periods (one period: the same twice). widen: (`rolling` | `to_date`, n, unit).

    until: the last date that counts, where a KPI reads several datasets and one of them ends inside the window.
    """

    first: Period
    last: Period
    shifts: tuple[Shift, ...] = ()
    widen: tuple[str, int, str] | None = None
    until: date | None = None

    @cached_property
    def _hash(self) -> int:
        return hash((self.first, self.last, self.shifts, self.widen, self.until))

    def __hash__(self) -> int:
        """Worked out once: a window is part of the key of every figure."""
        return self._hash

    def shifted(self, shift: Shift) -> Window:
        return replace(self, shifts=(*self.shifts, shift))

    @property
    def rolls(self) -> bool:
        """Is it so many units back from its end?"""
        return self.widen is not None and self.widen[0] == "rolling"


@dataclass(frozen=True)
class Windows:
    """Windows whose figures are worked out together, in this order: all shifted as often, and widened alike."""

    all: tuple[Window, ...]
    _near: dict[Any, Windows] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def of(*windows: Window) -> Windows:
        """The windows, in the order given."""
        return Windows(windows)

    @cached_property
    def _hash(self) -> int:
        return hash(self.all)

    def __hash__(self) -> int:
        """Worked out once: windows are part of the key of every column of figures."""
        return self._hash

    def __len__(self) -> int:
        return len(self.all)

    @property
    def widen(self) -> tuple[str, int, str] | None:
        """How all of them are widened."""
        return self.all[0].widen if self.all else None

    @property
    def shifts(self) -> int:
        """How often all of them are shifted."""
        return len(self.all[0].shifts) if self.all else 0

    def shifted(self, name: str, by: Callable[[Window], int]) -> Windows:
        """Every window shifted once more, each by its own count."""
        return self._each(name, lambda w: w.shifted((name, by(w))))  # type: ignore[arg-type]

    def widened(self, func: str, n: int, unit: str) -> Windows:
        """Every window widened by `rolling` or `to_date`."""
        return self._each((func, n, unit), lambda w: replace(w, widen=(func, n, unit)))

    def _each(self, key: Any, moved: Callable[[Window], Window]) -> Windows:
        """Every window moved, once per key: many formulas look at the same windows beside."""
        if key not in self._near:
            self._near[key] = Windows(tuple(map(moved, self.all)))
        return self._near[key]


@dataclass(frozen=True, slots=True)
class Reach:
    """The dates a window covers in one dataset, both inside."""

    start: date
    end: date


@dataclass(frozen=True)
class Clock:
    """Resolves windows to dates for one plan: calendar, datasets and how far each reaches."""

    calendar: Calendar
    datasets: Mapping[str, Dataset]
    state: Mapping[str, DataState]
    _known: dict[tuple[Window, str], Reach | str] = field(default_factory=dict)
    _since: dict[str, date | None] = field(default_factory=dict)

    def reach(self, window: Window, dataset: str) -> Reach | str:
        """The dates of `window` in `dataset`, or the reason why there are none."""
        known = self._known.get((window, dataset))
        if known is None:
            known = self._known[(window, dataset)] = self._within_calendar(window, dataset)
        return known

    def _within_calendar(self, window: Window, dataset: str) -> Reach | str:
        try:
            return self._reach(window, dataset)
        except Invalid:
            return OUT_OF_REACH

    def preceding(self, window: Window, dataset: str) -> Reach | str:
        """The dates just before the window, of the same kind and length: what `lost` compares with."""
        if window.widen is None:
            return self.reach(
                window.shifted(("previous", self.count(window))), dataset
            )
        name, n, unit = window.widen
        reach = self.reach(window, dataset)
        if isinstance(reach, str) or name == "to_date":
            return reach if isinstance(reach, str) else "lost() has no preceding period inside to_date()."
        end = reach.start - timedelta(1)
        try:
            return Reach(self._rolled(end, n, Grain(unit)), end)
        except Invalid:
            return OUT_OF_REACH

    def since(self, dataset: str) -> date | None:
        """The first date the data of a dataset speak for, None where there is no such date."""
        if dataset not in self._since:
            self._since[dataset] = speaks_from(self.calendar, self.datasets[dataset], self.state.get(dataset))
        return self._since[dataset]

    def early(self, reach: Reach, dataset: str) -> str | None:
        """Why these dates give no figure to build on: they begin before the data, a part would pass for the whole."""
        since = self.since(dataset)
        return self.beginning(dataset) if since is not None and reach.start < since else None

    def beginning(self, dataset: str) -> str:
        """Since when a dataset has rows, as a sentence; for one that has some."""
        first = self.state[dataset].first
        assert first is not None
        return f"Data begin on {first.day} {first:%b %Y}."

    def count(self, window: Window) -> int:
        """How many periods the window was asked for."""
        n, period = 1, window.first
        while period.end < window.last.end:
            n, period = n + 1, self.calendar.next(period)
        return n

    def is_cut(self, window: Window, dataset: str) -> bool:
        """Does the window cover less than its periods, because only the elapsed part is compared?"""
        reach, last = self.reach(window, dataset), self.shifted(window.last, window.shifts)
        return isinstance(reach, Reach) and last is not None and reach.end < last.end

    def is_complete(self, window: Window, dataset: str) -> bool:
        """Is everything expected of the (shifted) window there in `dataset`?"""
        last = self.shifted(window.last, window.shifts)
        return last is not None and is_complete(self.datasets[dataset], self.state.get(dataset), last)

    def shifted(self, period: Period, shifts: tuple[Shift, ...]) -> Period | None:
        """The period that stands for `period` after the shifts; None where there is none: a 53rd week a year ago, or
        a time the calendar does not reach."""
        try:
            return self._moved(period, shifts)
        except Invalid:
            return None

    def _moved(self, period: Period, shifts: tuple[Shift, ...]) -> Period | None:
        for name, n in shifts:
            if name == "previous":
                period = self.calendar.previous(period, n)
            else:
                found = self.calendar.year_ago(period, same_weekday=name == "same_weekday")
                if found is None:
                    return None
                period = found
        return period

    def _reach(self, window: Window, dataset: str) -> Reach | str:
        first, last = self._moved(window.first, window.shifts), self._moved(window.last, window.shifts)
        if first is None or last is None:
            return "A 53rd week has no year-ago value."
        end = self._end(window, dataset, last)
        start = self._start(window, first, last, end) if end else None
        if start and end and start <= end:
            return Reach(start, end)
        if window.until is None or window.shifts:
            return NOT_YET
        return f"Other data of this KPI end on {window.until.day} {window.until:%b %Y}."

    def _end(self, window: Window, dataset: str, last: Period) -> date | None:
        """The last date that counts, None where nothing has elapsed. Only what looks back cares for how much has."""
        if window.shifts or window.rolls:
            until = self._elapsed(window, dataset, last)
            return min(last.end, until) if until else None
        return min(last.end, window.until or last.end)

    def _elapsed(self, window: Window, dataset: str, last: Period) -> date | None:
        """Up to which date the (shifted) window counts, so that both sides have the same elapsed part."""
        state, table = self.state.get(dataset), self.datasets[dataset]
        if table.kind == "reference" or (window.until is None and is_complete(table, state, window.last)):
            return last.end
        reached = self._reached(window, dataset)
        if reached is None or reached < window.first.start:
            return None
        asked = self.calendar.period(reached, window.first.grain)
        base = self.shifted(asked, window.shifts)
        if base is None:
            return None
        until = (
            base.end
            if is_complete(table, state, asked) and (window.until is None or window.until >= asked.end)
            else elapsed_until(self.calendar, asked, reached, base)
        )
        return self.calendar.period(until, table.grain).end if table.grain.coarser_than(Grain.DAY) else until

    def _reached(self, window: Window, dataset: str) -> date | None:
        """How far the dataset counts in this window."""
        state = self.state.get(dataset)
        through = state.data_through if state else None
        return min(through, window.until) if through and window.until else through

    def _start(self, window: Window, first: Period, last: Period, end: date) -> date:
        if window.widen is None:
            return first.start
        name, n, unit = window.widen
        return self._rolled(end, n, Grain(unit)) if name == "rolling" else self.calendar.start_of(Grain(unit), last.end)

    def _rolled(self, end: date, n: int, unit: Grain) -> date:
        """First date of the n units that end at `end`: whole units at a unit's end, else back to the day after."""
        if unit in (Grain.DAY, Grain.WEEK):
            return end - timedelta(n * (7 if unit is Grain.WEEK else 1) - 1)
        period = self.calendar.period(end, unit)
        if end == period.end:
            return self.calendar.previous(period, n - 1).start
        before = self.calendar.previous(period, n)
        return elapsed_until(self.calendar, period, end, before) + timedelta(1)
