"""Sums and numbers of rows that leap: a period far from what comparable periods ever had."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from math import log10
from statistics import median

from dashapp.core.history import Past
from dashapp.core.period import Grain
from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.comparing import round_number, times
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage

ENOUGH, REACH = 6, 26  # comparable periods: at least, and how many of the latest
LEAST = 0.6  # decades (x4) that are no leap
MANY = 10  # rows a period from which their number is looked at
TOLD = frozenset({"scale-shift", "sign-shift"})  # whoever was told these knows


@dataclass
class Course:
    """Values of one kind of period (the same weekday, or the dataset's grain) until now, oldest first."""

    logs: list[float] = field(default_factory=list)

    def leap(self, value: float) -> float | None:
        """Decades from the usual, where that is further than ever; None where it is not, or too little is known."""
        recent = self.logs[-REACH:]
        if len(recent) < ENOUGH or value <= 0:
            return None
        usual = median(recent)
        width = 1.4826 * median(abs(x - usual) for x in recent)
        away = log10(value) - usual
        beyond = not min(self.logs) - 0.3 <= log10(value) <= max(self.logs) + 0.3
        return away if beyond and abs(away) > max(LEAST, 5 * width) else None


def run(stage: Stage) -> None:
    if comparing.is_grouped(stage) or "volume-shift" in stage.counts:
        return
    fields = [f for f in comparing.measures(stage) if not _is_told(stage, f)]
    own = comparing.periods(stage, fields)
    new, old = comparing.fresh(stage, own), comparing.past(stage, own)
    typical = median([p.rows for p in (*old, *new)] or [0])
    if typical >= MANY:
        _series(stage, None, {p.start: float(p.rows) for p in old}, {p.start: float(p.rows) for p in new})
    for n, f in enumerate(fields):
        known = stage.history.sums(f.key)
        _series(stage, f, {p.start: known[p.start] for p in old if p.start in known}, _sums(new, n))


def _is_told(stage: Stage, f: Field) -> bool:
    return any(i.code in TOLD and i.column == f.header for i in stage.issues)


def _sums(found: list[Past], n: int) -> dict[date, float]:
    return {p.start: s for p in found if (s := p.sums[n]) is not None}


def _series(stage: Stage, f: Field | None, old: dict[date, float], new: dict[date, float]) -> None:
    """Every new period against those before it; one that leaps does not count as usual for the next."""
    daily = not (stage.grain or Grain.EVENT).coarser_than(Grain.DAY)
    courses: dict[int, Course] = {}
    for day, value in old.items():
        if value > 0:
            courses.setdefault(day.weekday() if daily else 0, Course()).logs.append(log10(value))
    found: list[tuple[date, float, float]] = []
    last = max(new, default=None)
    for day, value in new.items():
        course = courses.setdefault(day.weekday() if daily else 0, Course())
        leap = course.leap(value)
        if leap is not None and not (leap < 0 and day == last):  # the last one may not be over yet
            found.append((day, value, leap))
        elif value > 0:
            course.logs.append(log10(value))
    if found:
        _tell(stage, f, found)


def _tell(stage: Stage, f: Field | None, found: list[tuple[date, float, float]]) -> None:
    what = f"The sum of {f.header!r}" if f else "The number of rows"
    found = sorted(found, key=lambda x: -abs(x[2]))
    told = "; ".join(f"{day}: {round_number(value)}, {times(leap)} than usual"
                     for day, value, leap in found[: comparing.SHOWN])
    more = f" And {len(found) - comparing.SHOWN} more." if len(found) > comparing.SHOWN else ""
    comparing.say(
        stage, "jump", f"{what} leaps - {told}.{more}", f, count=len(found),
        help="Compared with the same weekday for days, else with the periods before.",
    )


ENTRY = Check(
    "jumps", "Jumps", "Sums or numbers of rows of a period far from what comparable periods ever had.", run, 69
)
