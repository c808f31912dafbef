"""Answering: results of a plan's scans become series - values, completeness, comparisons and totals, with reasons."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain, Period
from dashapp.core.series import Compared, Number, Point, Series, Total
from dashapp.query.additive import EMPTY_CELL
from dashapp.query.arithmetic import ABSENT, EMPTY, NOBODY_BEFORE, Cell, NoValue, checked, combine, growth
from dashapp.query.complete import is_complete
from dashapp.query.evaluate import Evaluator, Look
from dashapp.query.needs import needs_of
from dashapp.query.planned import Plan
from dashapp.query.scan import Lookup, Need
from dashapp.query.split import OTHERS, Rest, Split, level_of, order, starts_of
from dashapp.query.tree import Agg
from dashapp.query.unlike import unlike
from dashapp.query.windows import Reach, Window

_Places = tuple[Need, Lookup, Need, Lookup]
Told = tuple[tuple[Period, Period] | None, str, date | None]
ZEROED = ("sum", "count", "distinct", "new", "returning")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """In place of a scan's result: why there is none. is_awaited: it is still being asked for."""

    reason: str
    is_awaited: bool = False


def answer(plan: Plan, results: Mapping[str, Any]) -> tuple[Series, ...]:
    """The series of a plan, one per asked KPI, in the order asked.

    results: scan name -> pyarrow table (or column -> list); a scan that failed is left out or Unanswered. What cannot
    be answered has no value and says why, and never affects another KPI.
    """
    desk = _Desk(plan, results)
    return tuple(desk.series(kpi) for kpi in plan.kpis)


def looker(plan: Plan, results: Mapping[str, Any], split: Split | None = None) -> Look:
    """What every aggregate of the plan is in a window, from the results of its scans; for one split or the whole."""
    desk = _Desk(plan, results)

    def look(agg: Agg, window: Window, zero: bool) -> Cell:
        return desk.look(agg, window, zero, split)

    return look


@dataclass(frozen=True)
class _Figures:
    """The evaluator of one split."""

    split: Split | None
    evaluator: Evaluator


class _Desk:
    def __init__(self, plan: Plan, results: Mapping[str, Any]) -> None:
        self.plan = plan
        self.lookups: dict[Need, Lookup] = {}
        self.tables: dict[str, list[Lookup]] = {}
        self.unanswered: dict[Need, Unanswered] = {}
        for scan in plan.scans:
            if scan.name not in results:
                continue
            if isinstance(results[scan.name], Unanswered):
                self.unanswered.update(dict.fromkeys(scan.needs, results[scan.name]))
                continue
            lookup = scan.read(_columns(results[scan.name]))
            self.lookups.update(dict.fromkeys(scan.needs, lookup))
            self.tables.setdefault(scan.dataset, []).append(lookup)
        self._figures: dict[Split | None, _Figures] = {}
        self._places: dict[tuple[Agg, Window, int], _Places | NoValue] = {}
        self.periods = [(p, Window(p, p)) for p in plan.periods]

    # aggregates --------------------------------------------------------------------------------------------------
    def figures(self, split: Split | None) -> Evaluator:
        """The evaluator for one split; None is the whole."""
        if split not in self._figures:
            def look(agg: Agg, window: Window, zero: bool) -> Cell:
                return self.look(agg, window, zero, split)
            self._figures[split] = _Figures(split, Evaluator(self.plan.definitions, look, self.plan.clock.count))
        return self._figures[split].evaluator

    def look(self, agg: Agg, window: Window, zero: bool, split: Split | None) -> Cell:
        """One aggregate in a window and split; zero: the KPI says that absence is zero."""
        level = level_of(split, len(self.plan.question.by))
        places = self._places.get((agg, window, level))
        if places is None:
            places = self._places[(agg, window, level)] = self._placed(agg, window, level)
        if isinstance(places, NoValue):
            return places
        presence, there, need, found = places
        if not there.value(presence, split):
            missing = NOBODY_BEFORE if need.before else ABSENT
            return 0 if zero and agg.func in ZEROED and self._is_covered(agg, need.reach) else missing
        value = found.value(need, split)
        if value is None and need.agg.func in ("distinct", "new", "returning", "lost", "count"):
            return 0
        if value is None or value is EMPTY_CELL:
            return EMPTY
        return checked(value)

    def _placed(self, agg: Agg, window: Window, level: int) -> _Places | NoValue:
        """Where the presence of rows and the value of an aggregate stand, the same for all segments of a level; or why
        nowhere."""
        needs = needs_of(self.plan, agg, window, level)
        if isinstance(needs, str):
            return NoValue(needs)
        presence, need = needs
        there, found = self.lookups.get(presence), self.lookups.get(need)
        if there is None or found is None:
            said = self.unanswered.get(need) or self.unanswered.get(presence)
            return NoValue(said.reason if said else "The engine could not compute this figure.")
        return presence, there, need, found

    def _is_covered(self, agg: Agg, reach: Reach) -> bool:
        """Does the reach touch the time the dataset covers, so that absence of rows means something?"""
        state = self.plan.state.get(agg.dataset or "")
        return bool(state and state.first and state.data_through
                    and reach.start <= state.data_through and reach.end >= state.first)

    # series ------------------------------------------------------------------------------------------------------
    def series(self, kpi: Kpi) -> Series:
        """The whole answer for one KPI."""
        plan, question = self.plan, self.plan.question
        used = plan.datasets_of(kpi.key)
        splits = self._splits(used) if question.by else []
        sound = plan.is_sound(kpi.key)
        partial = {p: self._partial(used, p) for p in plan.periods}
        complete = {p: sound and all(self._is_over(d, p) for d in used) for p in plan.periods}
        keys: list[Split | None] = list(splits) if question.by else [None]
        above: list[Split | None] = [None, *starts_of(splits, len(question.by))] if question.subtotals else [None]
        said = [(period, window, complete[period], partial[period]) for period, window in self.periods]

        def over_time(wanted: list[Split | None]) -> tuple[Point, ...]:
            return tuple(p for key in wanted for p in self._points(kpi, key, said))

        points = () if plan.only_ranked else over_time(keys)
        sums = over_time(above) if question.by and question.subtotals else ()
        listed = splits if plan.only_ranked else [*above, *splits]
        totals = [self._total(kpi, s) for s in sorted(listed, key=lambda s: order(s or ()))]
        throughs = [s.data_through for d in used if (s := plan.state.get(d)) and s.data_through]
        return Series(kpi.key, kpi.name, kpi.unit, kpi.decimals, kpi.direction, question.grain, plan.periods[0].start,
                      plan.periods[-1].end, points, tuple(totals), question.by, question.as_of, (),
                      min(throughs, default=None),
                      (*self._warnings(used), *self._stops(kpi, used), *self._starts(partial), *unlike(plan)),
                      kpi.version, sums, plan.kept.ranking if plan.kept else None, *self._waited(used))

    def _waited(self, used: tuple[str, ...]) -> tuple[bool, bool]:
        """Is something of it without an answer; is that still being asked for?"""
        mine = [u for n, u in self.unanswered.items() if n.agg.dataset in used]
        return bool(mine), any(u.is_awaited for u in mine)

    def _is_over(self, dataset: str, period: Period) -> bool:
        return is_complete(self.plan.datasets[dataset], self.plan.state.get(dataset), period)

    def _partial(self, used: tuple[str, ...], period: Period) -> str | None:
        """Why the period is a part although it is over: the first row of a dataset lies inside it, and not at its
        start. A period before all rows has nothing that could be a part."""
        clock = self.plan.clock
        inside = (clock.beginning(d) for d in used if (s := clock.since(d)) and period.start < s
                  and (first := self.plan.state[d].first) and first in period)
        return next(inside, None)

    def _starts(self, partial: Mapping[Period, str | None]) -> tuple[str, ...]:
        """Says which asked periods are a part because the data begin inside them."""
        return tuple(f"{p.label} is not a whole {p.grain.value}: {why[:1].lower()}{why[1:]}"
                     for p, why in partial.items() if why)

    def _splits(self, used: tuple[str, ...]) -> list[Split]:
        found = {s for d in used for t in self.tables.get(d, []) for s in t.splits()}
        top = self.plan.question.top
        return sorted((s for s in found if s[-1] is not OTHERS or top is None or top.others), key=order)

    def _points(self, kpi: Kpi, split: Split | None,
                said: Sequence[tuple[Period, Window, bool, str | None]]) -> Iterator[Point]:
        """The points of one segment; said: period, window, and what is known of its completeness."""
        figure, named, others = self.figures(split).kpi, self._named(split), self._others(split)
        for period, asked, complete, partial in said:
            window = self.plan.within_reach(kpi.key, asked)
            value, reason = _apart(figure(kpi.key, window))
            compared = self._compare(kpi, window, split, value, reason)
            yield Point(period, named, value, complete, reason, compared, partial, others)

    def _total(self, kpi: Kpi, split: Split | None) -> Total:
        whole = self.plan.within_reach(kpi.key, self.plan.whole)
        value, reason = _apart(self.figures(split).kpi(kpi.key, whole))
        compared = self._compare(kpi, whole, split, value, reason)
        return Total(self._named(split), value, reason, compared, self._others(split))

    def _named(self, split: Split | None) -> tuple[tuple[str, str | None], ...]:
        named = zip(self.plan.question.by, split or (), strict=False)
        return tuple((name, value) for name, value in named if not isinstance(value, Rest))

    def _others(self, split: Split | None) -> int | None:
        """How many segments are in the one of all others; None for a segment of its own."""
        if not split or split[-1] is not OTHERS or self.plan.kept is None:
            return None
        return self.plan.kept.held.get(split[:-1], 0)

    def _compare(self, kpi: Kpi, window: Window, split: Split | None, value: Number | None,
                 reason: str | None) -> Compared | None:
        base = self.plan.compared(window)
        if base is None:
            return None
        told: Told = (*self._between(base), self._part_until(kpi, base))
        before = self.figures(split).kpi(kpi.key, base)
        number, why = _apart(before)
        if value is None or isinstance(before, NoValue):
            return self._compared((number, None, None), why or reason, told)
        change, ratio = combine("-", value, before), growth(value, before)
        if isinstance(ratio, NoValue):
            return self._compared((number, _apart(change)[0], None), ratio.reason, told)
        return self._compared((number, _apart(change)[0], float(ratio)), None, told)

    def _compared(self, figures: tuple[Number | None, Number | None, float | None], reason: str | None,
                  told: Told) -> Compared:
        between, label, part = told
        return Compared(*figures, label, reason, part, self.plan.question.compare, between)

    def _between(self, window: Window) -> tuple[tuple[Period, Period] | None, str]:
        """The first and the last period of a shifted window, and both as one label."""
        first, last = (self.plan.clock.shifted(p, window.shifts) for p in (window.first, window.last))
        if first is None or last is None:
            return None, ""
        return (first, last), first.label if first == last else f"{first.label} – {last.label}"

    def _part_until(self, kpi: Kpi, base: Window) -> date | None:
        """The last day that counts on the other side, when that side was cut to the elapsed part."""
        last = self.plan.clock.shifted(base.last, base.shifts)
        reaches = [self.plan.clock.reach(base, d) for d in self.plan.datasets_of(kpi.key)]
        ends = [r.end for r in reaches if isinstance(r, Reach)]
        return min(ends) if last is not None and ends and min(ends) < last.end else None

    def _stops(self, kpi: Kpi, used: tuple[str, ...]) -> tuple[str, ...]:
        """Says where figures over several datasets stop, when that is inside the range."""
        until = self.plan.within_reach(kpi.key, self.plan.whole).until
        if until is None:
            return ()
        first = [d for d in used if (s := self.plan.state.get(d)) and s.data_through == until]
        return (f"Counts until {until.day} {until:%b %Y}: the data of {', '.join(first)} end there.",)

    def _warnings(self, used: tuple[str, ...]) -> tuple[str, ...]:
        out = []
        for key in used:
            dataset = self.plan.datasets[key]
            is_weekly = dataset.kind == "facts" and dataset.grain is Grain.WEEK
            if is_weekly and self.plan.question.grain.coarser_than(Grain.WEEK):
                out.append(f"{key} has weekly rows: each week counts wholly in the period that holds its date.")
        return tuple(out)


def _apart(cell: Cell) -> tuple[Number | None, str | None]:
    return (None, cell.reason) if isinstance(cell, NoValue) else (cell, None)


def _columns(table: Any) -> dict[str, list[Any]]:
    if isinstance(table, dict):
        return table
    return {n: c.to_pylist() for n, c in zip(table.column_names, table.columns, strict=True)}
