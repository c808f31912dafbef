"""Looking up: what every aggregate of a plan is in windows and segments, from the results of its scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashapp.query.arithmetic import ABSENT, EMPTY, NOBODY_BEFORE, UNKNOWN_THEN, Cell, NoValue, checked
from dashapp.query.columnwise import sound
from dashapp.query.evaluate import Look
from dashapp.query.needs import simplified, spans_of
from dashapp.query.partials import EMPTY_CELL
from dashapp.query.planned import Plan
from dashapp.query.scan import Lookup, Pieced, Scan, Span, Spans, presence
from dashapp.query.split import Split, level_of
from dashapp.query.tree import Agg
from dashapp.query.windows import Reach, Windows

ZEROED = ("sum", "count", "distinct", "new", "returning")
COUNTED = ("distinct", "new", "returning", "lost", "count")
UNANSWERED = "The engine could not compute this figure."


@dataclass(frozen=True, slots=True)
class Unanswered:
    """In place of a scan's result: why there is none. is_awaited: it is still being asked for."""

    reason: str
    is_awaited: bool = False


def looker(plan: Plan, results: Mapping[str, Any], split: Split | None = None) -> Look:
    """What every aggregate of the plan is in windows, from the results of its scans; for one split or the whole."""
    return View(Found(plan, results), level_of(split, len(plan.question.by)), (split,)).look


class Found:
    """The results of a plan's scans, read: scan name -> pyarrow table (or column -> list), or Unanswered."""

    def __init__(self, plan: Plan, results: Mapping[str, Any]) -> None:
        self.plan = plan
        self.lookups: dict[Agg, Lookup] = {}
        pieces: dict[Agg, list[Lookup]] = {}
        self.tables: dict[str, list[Lookup]] = {}
        self.unanswered: dict[Agg, Unanswered] = {}
        self.doubts: dict[Agg, Lookup] = {}
        for scan in plan.scans:
            result = results.get(scan.name)
            if isinstance(result, Unanswered):
                self.unanswered.update(dict.fromkeys(scan.aggs, result))
            elif scan.doubts:
                self._doubt(scan, result)
            elif result is not None:
                lookup = scan.read(_columns(result))
                for agg in scan.aggs:
                    pieces.setdefault(agg, []).append(lookup)
                self.tables.setdefault(scan.dataset, []).append(lookup)
        for agg, found in pieces.items():
            self.lookups[agg] = found[0] if len(found) == 1 else Pieced(found)

    def _doubt(self, scan: Scan, result: Any) -> None:
        """What tells where figures have no value; where nothing came of it, none of them has one."""
        if result is None:
            self.unanswered.update(dict.fromkeys(scan.aggs, Unanswered(UNANSWERED)))
        else:
            self.doubts.update(dict.fromkeys(scan.aggs, scan.read(_columns(result))))


class View:
    """The aggregates of a plan in some segments of one level of the split."""

    def __init__(self, found: Found, level: int, splits: Sequence[Split | None]) -> None:
        self.found, self.plan, self.level, self.splits = found, found.plan, level, splits
        self._present: dict[tuple[str, Spans], list[bool]] = {}

    def look(self, agg: Agg, windows: Windows, zero: bool) -> list[Cell]:
        """One aggregate in the windows of every segment; zero: the KPI says that absence is zero."""
        spans, dataset = spans_of(self.plan, agg, windows), agg.dataset or ""
        simple = simplified(agg, self.plan.datasets[dataset])
        rows, values = self.found.lookups.get(presence(dataset)), self.found.lookups.get(simple)
        said = self.found.unanswered.get(simple) or self.found.unanswered.get(presence(dataset))
        if said or rows is None or values is None:
            none: Cell = NoValue(said.reason if said else UNANSWERED)
            return [none if isinstance(s, Span) else NoValue(s) for s in spans.all] * len(self.splits)
        cells = _cells(values.values(simple, self.level, spans, self.splits), 0 if simple.func in COUNTED else EMPTY)
        if doubts := self.found.doubts.get(simple):
            reasons = doubts.values(simple, self.level, spans, self.splits)
            cells = [c if why is None else NoValue(why, unrated=True) for c, why in zip(cells, reasons, strict=True)]
        present = self._where(dataset, rows, spans.there)
        if all(present):
            return cells
        absent = [self._absent(agg, s, zero) for s in spans.all] * len(self.splits)  # the same in every segment
        return [c if there else a for c, there, a in zip(cells, present, absent, strict=True)]

    def _where(self, dataset: str, rows: Lookup, there: Spans) -> list[bool]:
        """Are there rows, by segment and window? Asked by every aggregate of a dataset, found once."""
        if (dataset, there) not in self._present:
            counts = rows.values(presence(dataset), self.level, there, self.splits)
            self._present[dataset, there] = [bool(n) for n in counts]
        return self._present[dataset, there]

    def _absent(self, agg: Agg, span: Span | str, zero: bool) -> Cell:
        """What an aggregate is where there are no rows."""
        if isinstance(span, str):
            return NoValue(span)
        if zero and agg.func in ZEROED and self._is_covered(agg, span.reach):
            return 0
        state = self.plan.state.get(agg.dataset or "")
        if self.plan.question.as_of and (state is None or state.first is None):
            return UNKNOWN_THEN
        return NOBODY_BEFORE if span.before else ABSENT

    def _is_covered(self, agg: Agg, reach: Reach) -> bool:
        """Does the reach touch the time the dataset covers, so that absence of rows means something?"""
        state = self.plan.state.get(agg.dataset or "")
        return bool(state and state.first and state.data_through
                    and reach.start <= state.data_through and reach.end >= state.first)


def _cells(values: Sequence[Any], empty: Cell) -> list[Cell]:
    """What was looked up as figures. empty: what it is where rows are there and values are not."""
    return sound(values) or [empty if v is None or v is EMPTY_CELL else checked(v) for v in values]


def _columns(table: Any) -> dict[str, list[Any]]:
    if isinstance(table, dict):
        return table
    return {n: _listed(c) for n, c in zip(table.column_names, table.columns, strict=True)}


def _listed(column: Any) -> list[Any]:
    """The values of an Arrow column; decimals by way of an array, which takes a third of the time."""
    import pyarrow.types as kinds

    values: list[Any] = column.to_numpy().tolist() if kinds.is_decimal(column.type) else column.to_pylist()
    return values
