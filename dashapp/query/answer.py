"""Answering: results of a plan's scans become series - values, completeness, comparisons and totals, with reasons."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashapp.core.errors import Invalid
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain, Period
from dashapp.core.series import Point, Series, Total
from dashapp.query.arithmetic import NoValue
from dashapp.query.comparing import Comparing, apart
from dashapp.query.complete import is_complete
from dashapp.query.evaluate import Evaluator
from dashapp.query.looking import Found, View
from dashapp.query.needs import windows_of
from dashapp.query.planned import Plan
from dashapp.query.split import OTHERS, Rest, Split, order, starts_of
from dashapp.query.unlike import unlike
from dashapp.query.windows import Windows

MAX_POINTS = 100_000  # of one KPI: seconds of work, and more than anybody reads
State = tuple[Period, bool, str | None]


def answer(plan: Plan, results: Mapping[str, Any]) -> tuple[Series, ...]:
    """The series of a plan, one per asked KPI, in the order asked.

    results: scan name -> pyarrow table (or column -> list); a scan that failed is left out or Unanswered. What cannot
    be answered has no value and says why, and never affects another KPI. Raises Invalid for a split with more than
    100,000 figures.
    """
    desk = _Desk(plan, results)
    return tuple(desk.series(kpi) for kpi in plan.kpis)


@dataclass(frozen=True, slots=True)
class _Level:
    """The segments of one level of the split: the windows they are asked in, and the evaluator of their figures."""

    splits: tuple[Split | None, ...]
    windows: Windows
    figures: Evaluator


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment: its points and its total."""

    points: list[Point]
    total: Total


class _Desk:
    def __init__(self, plan: Plan, results: Mapping[str, Any]) -> None:
        self.plan, self.found, self.comparing = plan, Found(plan, results), Comparing(plan)
        self.windows, self.unlike = windows_of(plan), unlike(plan)
        self._levels: dict[tuple[str, ...], tuple[_Level, ...]] = {}
        self._states: dict[tuple[str, ...], list[State]] = {}

    def series(self, kpi: Kpi) -> Series:
        """The whole answer for one KPI."""
        plan, question = self.plan, self.plan.question
        used = plan.datasets_of(kpi.key)
        levels, said = self._levels_of(used), self._said(used)
        sound = plan.is_sound(kpi.key)
        states = said if sound else [(p, False, why) for p, _, why in said]
        parts = {split: part for level in levels for split, part in self._parts(kpi, level, states)}
        inner: list[Split | None] = [None, *starts_of((s for s in levels[-1].splits if s), len(question.by))]
        above = inner if question.subtotals else inner[:1]
        leaves = levels[-1].splits
        listed = leaves if plan.only_ranked or not question.by else (*above, *leaves)
        sums = (p for s in above for p in parts[s].points) if question.by and question.subtotals else ()
        throughs = [s.data_through for d in used if (s := plan.state.get(d)) and s.data_through]
        return Series(kpi.key, kpi.name, kpi.unit, kpi.decimals, kpi.direction, question.grain, plan.periods[0].start,
                      plan.periods[-1].end, tuple(p for s in leaves for p in parts[s].points),
                      tuple(parts[s].total for s in sorted(listed, key=lambda s: order(s or ()))), question.by,
                      question.as_of, (), min(throughs, default=None),
                      (*self._warnings(used), *self._stops(kpi, used), *_starts(said), *self.unlike),
                      kpi.version, tuple(sums), plan.kept.ranking if plan.kept else None, *self._waited(used))

    # segments ----------------------------------------------------------------------------------------------------
    def _levels_of(self, used: tuple[str, ...]) -> tuple[_Level, ...]:
        """The levels of the split for KPIs of the same datasets, the segments last."""
        if used not in self._levels:
            self._levels[used] = tuple(self._made_levels(used))
        return self._levels[used]

    def _made_levels(self, used: tuple[str, ...]) -> Iterator[_Level]:
        leaf = len(self.plan.question.by)
        splits = self._splits(used) if leaf else []
        self._hold_back(len(splits))
        starts = starts_of(splits, leaf)
        for level, windows in self.windows.items():
            here: list[Split | None] = [s for s in starts if len(s) == level] if level else [None]
            if level == leaf and leaf:
                here = [*splits]
            look = View(self.found, level, here).look
            figures = Evaluator(self.plan.definitions, look, self.plan.clock.count, len(here))
            yield _Level(tuple(here), windows, figures)

    def _hold_back(self, parts: int) -> None:
        """The points of one KPI are made at once: so many that nobody could read them are refused before."""
        periods = len(self.plan.periods)
        if parts * periods > MAX_POINTS and not self.plan.only_ranked:
            raise Invalid(f"This split has {parts:,} parts in {periods:,} periods, more than {MAX_POINTS:,} figures. "
                          "Choose a coarser grain, a shorter range, a filter, or the largest parts only.")

    def _splits(self, used: tuple[str, ...]) -> list[Split]:
        found = {s for d in used for t in self.found.tables.get(d, []) for s in t.splits()}
        top = self.plan.question.top
        return sorted((s for s in found if s[-1] is not OTHERS or top is None or top.others), key=order)

    def _parts(self, kpi: Kpi, level: _Level, states: list[State]) -> Iterator[tuple[Split | None, _Part]]:
        """The points and the total of every segment of a level."""
        windows = self.plan.within_reach(kpi.key, level.windows)
        cells = level.figures.kpi(kpi.key, windows)
        compared = self.comparing.column(kpi.key, windows, cells, level.figures)
        for n, split in enumerate(level.splits):
            here = slice(n * len(windows), (n + 1) * len(windows))
            *by_period, whole = zip(cells[here], compared[here], strict=True)
            named, others = self._named(split), self._others(split)
            points = [
                Point(period, named, None, complete, cell.reason, beside, partial, others) if isinstance(cell, NoValue)
                else Point(period, named, cell, complete, None, beside, partial, others)
                for (period, complete, partial), (cell, beside) in zip(states, by_period, strict=False)]
            yield split, _Part(points, Total(named, *apart(whole[0]), whole[1], others))

    def _named(self, split: Split | None) -> tuple[tuple[str, str | None], ...]:
        named = zip(self.plan.question.by, split or (), strict=False)
        return tuple((name, value) for name, value in named if not isinstance(value, Rest))

    def _others(self, split: Split | None) -> int | None:
        """How many segments are in the one of all others; None for a segment of its own."""
        if not split or split[-1] is not OTHERS or self.plan.kept is None:
            return None
        return self.plan.kept.held.get(split[:-1], 0)

    # what is said of the periods ---------------------------------------------------------------------------------
    def _said(self, used: tuple[str, ...]) -> list[State]:
        """Every period, whether it is over in all these datasets, and why it is a part although it is."""
        if used not in self._states:
            self._states[used] = [(p, all(self._is_over(d, p) for d in used), self._partial(used, p))
                                  for p in self.plan.periods]
        return self._states[used]

    def _is_over(self, dataset: str, period: Period) -> bool:
        return is_complete(self.plan.datasets[dataset], self.plan.state.get(dataset), period)

    def _partial(self, used: tuple[str, ...], period: Period) -> str | None:
        """Why the period is a part although it is over: the first row of a dataset lies inside it, and not at its
        start. A period before all rows has nothing that could be a part."""
        clock = self.plan.clock
        inside = (clock.beginning(d) for d in used if (s := clock.since(d)) and period.start < s
                  and (first := self.plan.state[d].first) and first in period)
        return next(inside, None)

    def _waited(self, used: tuple[str, ...]) -> tuple[bool, bool]:
        """Is something of it without an answer; is that still being asked for?"""
        mine = [u for agg, u in self.found.unanswered.items() if agg.dataset in used]
        return bool(mine), any(u.is_awaited for u in mine)

    def _stops(self, kpi: Kpi, used: tuple[str, ...]) -> tuple[str, ...]:
        """Says where figures over several datasets stop, when that is inside the range."""
        (whole,) = self.plan.within_reach(kpi.key, Windows.of(self.plan.whole)).all
        if whole.until is None:
            return ()
        first = [d for d in used if (s := self.plan.state.get(d)) and s.data_through == whole.until]
        return (f"Counts until {whole.until.day} {whole.until:%b %Y}: the data of {', '.join(first)} end there.",)

    def _warnings(self, used: tuple[str, ...]) -> tuple[str, ...]:
        out = []
        for key in used:
            dataset = self.plan.datasets[key]
            is_weekly = dataset.kind == "facts" and dataset.grain is Grain.WEEK
            if is_weekly and self.plan.question.grain.coarser_than(Grain.WEEK):
                out.append(f"{key} has weekly rows: each week counts wholly in the period that holds its date.")
        return tuple(out)


def _starts(said: list[State]) -> tuple[str, ...]:
    """Says which asked periods are a part because the data begin inside them."""
    return tuple(f"{p.label} is not a whole {p.grain.value}: {why[:1].lower()}{why[1:]}" for p, _, why in said if why)
