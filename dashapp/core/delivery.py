"""When data come: the rhythm in which uploads advanced a dataset, and what is due or late by it.

Learned from what happened and declared by nobody: only uploads that brought later dates than all before count, so that
corrections and older months change nothing. Pure arithmetic, no clock.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_high
from typing import Any, Literal

from dashapp.core.calendar import Calendar
from dashapp.core.period import Grain, Period

LEAST = 4  # deliveries before a rhythm is seen
AGREE = 0.6  # share of the steps that must be of one period
REMEMBERED = 12  # deliveries that say how long after the end of a period data come
LOOKED = 60  # deliveries from which the periods are told
_GRAINS = (Grain.YEAR, Grain.QUARTER, Grain.MONTH, Grain.WEEK, Grain.DAY)  # of two that fit as well, the coarser
_PATIENCE = {Grain.DAY: 1, Grain.WEEK: 2, Grain.MONTH: 5, Grain.QUARTER: 10, Grain.YEAR: 20}  # days beyond the usual
SlotState = Literal["on time", "came late", "expected", "due", "late"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An upload that counts. day: business date of its commit; through: the last date its rows (or it) cover."""

    upload: str
    file: str
    by: str
    day: date
    through: date


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Data of a period (of `grain`) usually come `lag` days after its end, at most `latest`; negative: before it.

    working: both are counted in days from Monday to Friday. weekdays: those whose dates come (daily rhythms).
    """

    grain: Grain
    lag: int
    latest: int
    working: bool
    weekdays: frozenset[int]

    def due(self, period: Period) -> date:
        return _after(period.end, self.lag, self.working)

    def late_from(self, period: Period) -> date:
        """The last day on which the period's data are not late."""
        return _after(period.end, self.latest, self.working)


@dataclass(frozen=True, slots=True)
class Slot:
    """One period and its delivery; arrival None while there is none."""

    period: Period
    due: date
    latest: date
    state: SlotState
    arrival: Arrival | None

    def to_json(self) -> dict[str, Any]:
        found = self.arrival
        return {"period": self.period.label, "due": self.due.isoformat(), "latest": self.latest.isoformat(),
                "state": self.state, "arrived": found.day.isoformat() if found else None,
                "upload": (found.upload or None) if found else None, "file": (found.file or None) if found else None}


@dataclass(frozen=True, slots=True)
class Deliveries:
    """One dataset: its rhythm (None: none seen yet), its slots oldest first, its last arrival that brought later dates.

    """

    dataset: str
    name: str
    rhythm: Rhythm | None
    slots: tuple[Slot, ...]
    last: Arrival | None
    seen: int

    @property
    def state(self) -> Literal["late", "due", "expected", "unknown"]:
        """The worst of what has not come."""
        open_ = {s.state for s in self.slots if s.arrival is None}
        if self.rhythm is None:
            return "unknown"
        return "late" if "late" in open_ else "due" if "due" in open_ else "expected"

    @property
    def next(self) -> Slot | None:
        """The first period whose data have not come."""
        return next((s for s in self.slots if s.arrival is None), None)

    def to_json(self) -> dict[str, Any]:
        rhythm, following = self.rhythm, self.next
        return {
            "dataset": self.dataset, "name": self.name, "state": self.state, "seen": self.seen,
            "rhythm": None if rhythm is None else {
                "grain": rhythm.grain.value, "lag": rhythm.lag, "latest": rhythm.latest,
                "days": "working" if rhythm.working else "calendar", "weekdays": sorted(rhythm.weekdays)},
            "last_arrived": self.last.day.isoformat() if self.last else None,
            "through": self.last.through.isoformat() if self.last else None,
            "next_due": following.due.isoformat() if following else None,
            "next_period": following.period.label if following else None,
            "slots": [s.to_json() for s in self.slots],
        }


def advances(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Those that brought later dates than all before them; arrivals in the order of their commits."""
    out: list[Arrival] = []
    for one in arrivals:
        if not out or one.through > out[-1].through:
            out.append(one)
    return out


def rhythm_of(found: Sequence[Arrival], calendar: Calendar) -> Rhythm | None:
    """The rhythm of these advances; None with fewer than four, or where they come as it happens."""
    if len(found) < LEAST:
        return None
    weekdays = frozenset(a.through.weekday() for a in found)
    shares = {grain: _share(found, grain, calendar, weekdays) for grain in _GRAINS}
    grain = max(_GRAINS, key=lambda g: shares[g])
    if shares[grain] < AGREE:
        return None
    recent = [(calendar.period(a.through, grain).end, a.day) for a in found[1:]][-REMEMBERED:]
    working = all(day.weekday() < 5 and day >= end for end, day in recent)
    lags = [_between(end, day, working) for end, day in recent]
    usual = median_high(lags)
    return Rhythm(grain, usual, min(max(lags), usual + _PATIENCE[grain]), working, weekdays)


def slots(found: Sequence[Arrival], rhythm: Rhythm, calendar: Calendar, today: date,
          most: int = 14) -> tuple[Slot, ...]:
    """The latest periods of the rhythm, oldest first, up to the first one that is not due yet."""
    period, out = calendar.period(found[max(0, len(found) - LOOKED)].through, rhythm.grain), list[Slot]()
    while True:
        if rhythm.grain is not Grain.DAY or period.start.weekday() in rhythm.weekdays:
            arrival = next((a for a in found if a.through >= period.start), None)
            out.append(_slot(period, rhythm, arrival, today))
            if out[-1].state == "expected":
                break
        period = calendar.next(period)
    return tuple(out[-most:])


def _slot(period: Period, rhythm: Rhythm, arrival: Arrival | None, today: date) -> Slot:
    due, latest = rhythm.due(period), rhythm.late_from(period)
    state: SlotState
    if arrival is not None:
        state = "on time" if arrival.day <= latest else "came late"
    else:
        state = "expected" if today < due else "due" if today <= latest else "late"
    return Slot(period, due, latest, state, arrival)


def _share(found: Sequence[Arrival], grain: Grain, calendar: Calendar, weekdays: frozenset[int]) -> float:
    """How many steps from one advance to the next are of exactly one period."""
    steps = [_is_next(a.through, b.through, grain, calendar, weekdays)
             for a, b in pairwise(found)]
    return sum(steps) / len(steps)


def _is_next(one: date, other: date, grain: Grain, calendar: Calendar, weekdays: frozenset[int]) -> bool:
    if grain is Grain.DAY:
        between = range(1, min((other - one).days, 8))
        return (other - one).days < 8 and not any((one + timedelta(n)).weekday() in weekdays for n in between)
    return calendar.next(calendar.period(one, grain)).start == calendar.period(other, grain).start


def _between(end: date, day: date, working: bool) -> int:
    """Days from the end of a period to a day."""
    if not working:
        return (day - end).days
    return sum((end + timedelta(n)).weekday() < 5 for n in range(1, (day - end).days + 1))


def _after(end: date, days: int, working: bool) -> date:
    """The day that many days after the end of a period."""
    if not working:
        return end + timedelta(days)
    day = end
    while days > 0:
        day += timedelta(1)
        days -= day.weekday() < 5
    return day


def rhythm_words(found: Deliveries) -> str:
    """`monthly, usually 3 working days after the month's end`, or why there is none."""
    rhythm = found.rhythm
    if rhythm is None:
        return "too few deliveries to see a rhythm" if found.seen < LEAST else "no rhythm: it comes as it happens"
    word = {Grain.DAY: "daily", Grain.WEEK: "weekly", Grain.MONTH: "monthly", Grain.QUARTER: "quarterly",
            Grain.YEAR: "yearly"}[rhythm.grain]
    kind = "working day" if rhythm.working else "day"
    days = f"{abs(rhythm.lag)} {kind}{'' if abs(rhythm.lag) == 1 else 's'}"
    side = "on the day of" if rhythm.lag == 0 else f"{days} {'after' if rhythm.lag > 0 else 'before'}"
    return f"{word}, usually {side} the {rhythm.grain.value}'s end"
