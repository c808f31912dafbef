"""What is known of a dataset when its next file is checked: plain data that travels to the reading process.

Periods are days for rows of events and days, else those of the dataset's own grain. Magnitudes are compared in decades
(powers of ten), where a slip of units is a plain distance: x1000 is three.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from dashapp.core.calendar import Calendar
from dashapp.core.currency import Covered
from dashapp.core.dataset import Column
from dashapp.core.period import Grain

# Issues that tell something of the rows that are there: not for who may bring rows and not look at any.
TELLING = frozenset((
    "scale-shift", "sign-shift", "volume-shift", "mix-shift", "period-missing", "jump", "late-data", "nothing-later",
    "part-volume", "outlier", "value-implausible", "reference-unknown", "value-alike", "value-new", "rows-known",
    "days-overlap", "rows-displaced",
))


@dataclass(frozen=True, slots=True)
class Past:
    """One period with rows: its first day, how many rows, and the sum of each measure in the order of
    `History.measures` (None where no row has a value)."""

    start: date
    rows: int
    sums: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """How the values of a measure lie. values: how many; negative: share below zero, 0-1.

    level: median of log10 of the magnitudes other than zero; width: their median absolute deviation from it, in
    decades; least, most: the smallest and largest of them. group: the KPI in a dataset of readings, where each has a
    size of its own; else the empty text. by: the dimension whose value `group` is, where the spread is that of a part.
    """

    column: str
    values: int
    negative: float
    level: float
    width: float
    least: float = float("-inf")
    most: float = float("inf")
    group: str = ""
    by: str = ""

    @property
    def sigma(self) -> float:
        """The width as a standard deviation would be for values that scatter evenly around their level."""
        return 1.4826 * self.width


@dataclass(frozen=True, slots=True)
class Mix:
    """Rows of one value (the empty text where there is none) of a dimension in one calendar month (its first day).

    within: the value of the slice in which they are counted, for datasets whose files bring one slice each.
    """

    column: str
    month: date
    value: str
    rows: int
    within: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """Rows a period of one value of a dimension, among the periods in which it has rows.

    usual: the median; low, high: all but the oddest fiftieth on each side. share: periods in which it has rows, of
    those of the dataset since its first, 0-1. periods: how many it has rows in.
    """

    column: str
    value: str
    usual: float
    low: float
    high: float
    share: float
    periods: int


@dataclass(frozen=True, slots=True)
class Plausible:
    """A range that a KPI's definition gives for every row of a column: the KPI is a mean or a reading of it.

    group: the KPI's own rows in a dataset of readings; None for all rows.
    """

    column: str
    kpi: str
    name: str
    low: float | None
    high: float | None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A join: `column` of the file is looked up in `target` (`dataset.column`).

    path: Parquet file of the keys that are there, in a text column `k`.
    """

    column: str
    target: str
    path: str


@dataclass(frozen=True, slots=True)
class History:
    """rows: visible now. first, last: dates. dates: days with rows (first days of periods for coarser grains) of the
    last six years. periods: the last 400 of them with rows. lags: days from the last date of an earlier upload to its
    arrival. rates: days on which currencies have a rate, None where there are no rates at all. calendar: the
    organisation's. Everything within the data scope of who brings the file. An empty history is that of a new dataset.
    """

    rows: int = 0
    first: date | None = None
    last: date | None = None
    dates: tuple[date, ...] = ()
    measures: tuple[str, ...] = ()
    periods: tuple[Past, ...] = ()
    spreads: tuple[Spread, ...] = ()
    mixes: tuple[Mix, ...] = ()
    paces: tuple[Pace, ...] = ()
    plausible: tuple[Plausible, ...] = ()
    references: tuple[Reference, ...] = ()
    lags: tuple[int, ...] = ()
    rates: tuple[Covered, ...] | None = None
    calendar: Calendar = field(default_factory=Calendar)

    def spread(self, column: str, group: str = "", by: str = "") -> Spread | None:
        return next((s for s in self.spreads if (s.column, s.group, s.by) == (column, group, by)), None)

    def sums(self, column: str) -> dict[date, float]:
        """First day of a period -> sum of a measure, oldest first."""
        if column not in self.measures:
            return {}
        place = self.measures.index(column)
        return {p.start: s for p in self.periods if (s := p.sums[place]) is not None}


def group_of(columns: Iterable[Column]) -> str | None:
    """The column by whose values magnitudes differ by nature: `kpi` in a dataset of readings (date, KPI, value)."""
    types = {c.key: c.type for c in columns}
    return "kpi" if types.get("kpi") == "text" and types.get("value") in ("money", "number") else None


def paces(column: str, counts: Iterable[tuple[date, str, int]], every: Sequence[date]) -> tuple[Pace, ...]:
    """The pace of each value of a dimension. counts: (period, value, rows); every: the dataset's periods, in order."""
    rows: dict[str, dict[date, int]] = {}
    for period, value, count in counts:
        mine = rows.setdefault(value, {})
        mine[period] = mine.get(period, 0) + count
    out = []
    for value, mine in rows.items():
        seen, since = sorted(mine.values()), sum(p >= min(mine) for p in every)
        edge = len(seen) // 50
        out.append(Pace(column, value, float(median(seen)), float(seen[edge]), float(seen[-1 - edge]),
                        len(seen) / since if since else 0.0, len(seen)))
    return tuple(out)


def gathered(days: Sequence[Past], grain: Grain, calendar: Calendar) -> list[Past]:
    """Days put together to the periods of a coarser grain; as they are for days and events."""
    if not grain.coarser_than(Grain.DAY):
        return list(days)
    out: dict[date, Past] = {}
    for one in days:
        start = calendar.period(one.start, grain).start
        before = out.get(start)
        sums = one.sums if before is None else tuple(map(_added, before.sums, one.sums))
        out[start] = Past(start, one.rows + (before.rows if before else 0), sums)
    return list(out.values())


def _added(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other
