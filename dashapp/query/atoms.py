"""Time cut where windows begin and end.

Overlapping windows share work: all their boundaries cut time into *atoms*; rows are aggregated once per atom and
split, and a window is a run of atoms. An atom is known by its first day, counted in days from 1970-01-01.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from dashapp.query.windows import Reach

EPOCH = date(1970, 1, 1)
FEW, MAX_EXTRAS = 4, 12
MAX_RANGES = 4


@dataclass(frozen=True, slots=True)
class Atoms:
    """Disjoint stretches of days that every reach of a scan is made of: a regular grid, cut further where needed.

    grid: `day`, `week`, `month` or `none`; extras: first days of atoms that are not on the grid. hull: the dates
    covered. Regular grids keep statements short: a month is one expression, not a comparison per month.
    """

    grid: str
    extras: tuple[date, ...]
    hull: Reach
    weekday: int = 0

    @staticmethod
    def of(reaches: Iterable[Reach]) -> Atoms:
        edges = sorted({d for r in reaches for d in (r.start, r.end + timedelta(1))})
        hull, starts = Reach(edges[0], edges[-1] - timedelta(1)), edges[:-1]
        if len(starts) <= FEW:
            return Atoms("none", tuple(starts), hull)
        off_month = tuple(d for d in starts if d.day != 1)
        weekday = Counter(d.weekday() for d in starts).most_common(1)[0][0]
        off_week = tuple(d for d in starts if d.weekday() != weekday)
        if len(off_month) <= MAX_EXTRAS:
            return Atoms("month", off_month, hull)
        return Atoms("week", off_week, hull, weekday) if len(off_week) <= MAX_EXTRAS else Atoms("day", (), hull)

    @property
    def starts(self) -> tuple[date, ...]:
        """First day of every atom, oldest first."""
        return _starts(self)

    def spans(self) -> list[Reach]:
        """The atoms as stretches of dates."""
        starts = self.starts
        ends = [*(s - timedelta(1) for s in starts[1:]), self.hull.end]
        return [Reach(s, e) for s, e in zip(starts, ends, strict=True)]

    def of_column(self, day: Any) -> Any:
        """An Ibis integer column: the atom that holds the date (inside the hull)."""
        import ibis

        if self.grid == "none":
            return stepped(day, self.extras, [number(s) for s in self.extras])
        extras = sorted({self.hull.start, *self.extras})
        return ibis.greatest(self._grid_column(day), stepped(day, extras, [number(s) for s in extras]))

    def _grid_column(self, day: Any) -> Any:
        if self.grid == "month":
            return epoch_day(day.truncate("M"))
        ordinal = epoch_day(day)
        if self.grid == "day":
            return ordinal
        return ordinal - (ordinal + (EPOCH.weekday() - self.weekday) % 7) % 7


@lru_cache(maxsize=256)
def _starts(atoms: Atoms) -> tuple[date, ...]:
    found = {atoms.hull.start, *atoms.extras}
    if atoms.grid != "none":
        every = (atoms.hull.start + timedelta(i) for i in range((atoms.hull.end - atoms.hull.start).days + 1))
        found.update(
            d
            for d in every
            if atoms.grid == "day" or (d.day == 1 if atoms.grid == "month" else d.weekday() == atoms.weekday)
        )
    return tuple(sorted(found))


def number(day: date) -> int:
    return (day - EPOCH).days


def epoch_day(day: Any) -> Any:
    """A date column as days from 1970-01-01."""
    import ibis

    return day.delta(ibis.date(EPOCH), unit="day")


def stepped(column: Any, edges: Sequence[Any], values: Sequence[int]) -> Any:
    """The value of the last edge not above the column: a balanced tree of comparisons, five deep for thirty edges."""
    import ibis

    if len(values) == 1:
        return ibis.literal(values[0], "int64")
    middle = len(values) // 2
    return ibis.ifelse(
        column < edges[middle],
        stepped(column, edges[:middle], values[:middle]),
        stepped(column, edges[middle:], values[middle:]),
    )


def within(day: Any, reaches: Iterable[Reach]) -> Any:
    """The condition that a date lies in one of the reaches; a few disjoint ranges, or the hull of many."""
    ranges = disjoint(reaches)
    if len(ranges) > MAX_RANGES:
        ranges = [Reach(ranges[0].start, ranges[-1].end)]
    tests = [day.between(r.start, r.end) for r in ranges]
    out = tests[0]
    for test in tests[1:]:
        out = out | test
    return out


def disjoint(reaches: Iterable[Reach]) -> list[Reach]:
    """The union of the reaches as disjoint stretches, oldest first."""
    out: list[Reach] = []
    for reach in sorted(set(reaches), key=lambda r: (r.start, r.end)):
        if out and reach.start <= out[-1].end + timedelta(1):
            out[-1] = Reach(out[-1].start, max(out[-1].end, reach.end))
        else:
            out.append(reach)
    return out


def listed(rows: Iterable[tuple[int, ...]], *names: str) -> Any:
    """A small Ibis table of integers, carried by one text literal: thousands of literals would cost a second."""
    import ibis

    text = ",".join(":".join(map(str, row)) for row in rows)
    table = ibis.literal(text).split(",").unnest().name("row").as_table()
    part = _split_part()
    return table.select(**{name: part(table.row, ":", i).cast("int64") for i, name in enumerate(names, 1)})


@lru_cache(maxsize=1)
def _split_part() -> Any:
    import ibis

    def split_part(text: str, separator: str, number: int) -> str:  # type: ignore[empty-body]
        """The part of that number, from one: a function of every engine, where indexing texts differs."""

    return ibis.udf.scalar.builtin(split_part, name="split_part")


def members(windows: Mapping[int, Reach], atoms: Atoms | None) -> Any:
    """A small Ibis table (atom, window): the atoms each window consists of; without dates (None) atom 0 is all."""
    if atoms is None:
        return listed(((0, i) for i in windows), "atom", "window")
    spans = listed(((i, number(r.start), number(r.end)) for i, r in windows.items()), "window", "start", "end")
    starts = listed(((number(s),) for s in atoms.starts), "atom")
    return starts.inner_join(spans, [starts.atom >= spans.start, starts.atom <= spans.end]).select("atom", "window")
