"""Histories kept while file after file comes in: what new uploads touch is counted anew, the rest is carried on.

A burst of small files would otherwise read all rows of a large dataset once per file. Days and their sums are those of
the rows; magnitudes and shares are those of the last full measurement, and are carried only while few rows came since.
A row that a correction moved to another day counts on its former day as well until then. Within a data scope, where
the dates of uploads say nothing, all is counted anew each time.
"""
from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.history import History, Past
from dashapp.core.period import DateRange
from dashapp.core.vintage import Vintage
from dashapp.core.where import Where
from dashapp.facts.history import PERIODS, history_of, oldest_told, periods_of
from dashapp.facts.state import rows_in
from dashapp.facts.tables import TableAt, Tables

KEPT = 20  # datasets and scopes
SHARE = 10  # rows since the last full measurement are at most a tenth of those it saw
Name = tuple[str, tuple[Where, ...]]
Open = Callable[[], Tables]


@dataclass(frozen=True, slots=True)
class Kept:
    """A history and what it speaks of. seen: rows when all was measured; since: rows of the uploads since."""

    dataset: Dataset
    live: tuple[Vintage, ...]
    history: History
    seen: int
    since: int = 0

    def is_of(self, table: TableAt, calendar: Calendar) -> bool:
        """Does it speak of this dataset, and of uploads with which those of `table` begin?"""
        return (self.dataset == _shape(table.dataset) and self.history.calendar == calendar
                and _named(table.live[:len(self.live)]) == _named(self.live))


class Histories:
    """The histories of one ledger, by dataset and data scope; shared by all threads of a process."""

    def __init__(self, root: Path, config: dict[str, Any]) -> None:
        self._root, self._config = root, config
        self._kept: OrderedDict[Name, Kept] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, table: TableAt, scope: tuple[Where, ...], calendar: Calendar, tables: Open) -> History:
        """The history of the rows that `tables` opens, carried on where an earlier one can be."""
        with self._guard:
            kept = self._kept.get((table.dataset.key, scope))
        if kept is None or not kept.is_of(table, calendar):
            return self.measure(table, scope, calendar, tables)
        newer = table.live[len(kept.live):]
        carried = self._carried(kept, table, newer, scope, tables) if newer else kept
        return self._keep(scope, carried) if carried else self.measure(table, scope, calendar, tables)

    def measure(self, table: TableAt, scope: tuple[Where, ...], calendar: Calendar, tables: Open) -> History:
        """All of it counted anew."""
        found = history_of(tables(), table.dataset, scope, calendar)
        return self._keep(scope, Kept(_shape(table.dataset), table.live, found, found.rows))

    def _keep(self, scope: tuple[Where, ...], made: Kept) -> History:
        with self._guard:
            name = (made.dataset.key, scope)
            self._kept[name] = made
            self._kept.move_to_end(name)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made.history

    def _carried(self, kept: Kept, table: TableAt, newer: Sequence[Vintage], scope: tuple[Where, ...],
                 tables: Open) -> Kept | None:
        """None where too much came, or where it reaches further back than single periods are known."""
        former, since = kept.history, kept.since + sum(map(rows_in, newer))
        span = None if scope else _span(table.dataset, newer, former.calendar)
        if span is None or not former.periods or since * SHARE > kept.seen or span.start < former.periods[0].start:
            return None
        is_touched = former.last is None or span.start <= former.last  # else only what is new needs to be read
        rows = tables() if is_touched else Tables(self._root, [TableAt(table.dataset, tuple(newer))], self._config)
        found = periods_of(rows, table.dataset, scope, former.measures, former.calendar, span.start, span.end)
        return replace(kept, live=table.live, history=_merged(former, found, span, newer), since=since)


def _shape(dataset: Dataset) -> Dataset:
    return replace(dataset, version=0)


def _named(live: Sequence[Vintage]) -> list[tuple[str, str]]:
    return [(v.id, v.sha256) for v in live]


def _span(dataset: Dataset, newer: Sequence[Vintage], calendar: Calendar) -> DateRange | None:
    """The whole periods that new uploads touch; None where that cannot be told from their dates."""
    if dataset.date_column is None or any(v.mode == "replace-period" or not v.first or not v.last for v in newer):
        return None
    first, last = min(v.first for v in newer if v.first), max(v.last for v in newer if v.last)
    return DateRange(calendar.period(first, dataset.grain).start, calendar.period(last, dataset.grain).end)


def _merged(former: History, found: Sequence[Past], span: DateRange, newer: Sequence[Vintage]) -> History:
    """The former history with the periods of `span` as they were found."""
    def outside(day: date) -> bool:
        return not span.start <= day <= span.end

    kept = [p for p in former.periods if outside(p.start)]
    dates = sorted({*filter(outside, former.dates), *(p.start for p in found)})
    first = min(d for d in (former.first, *(v.first for v in newer)) if d)
    last = max(d for d in (former.last, *(v.last for v in newer)) if d)
    rows = former.rows + sum(p.rows for p in found) - sum(p.rows for p in former.periods if not outside(p.start))
    return replace(former, rows=rows, first=first, last=last, dates=tuple(d for d in dates if d >= oldest_told(last)),
                   periods=tuple(sorted((*kept, *found), key=lambda p: p.start)[-PERIODS:]))
