"""Comparisons: every figure beside the one it is compared with, the change, and what is said of the other side."""

from __future__ import annotations

from datetime import date

from dashapp.core.period import Period
from dashapp.core.series import Compared, Number
from dashapp.query.arithmetic import Cell, NoValue
from dashapp.query.columnwise import combined, grown
from dashapp.query.evaluate import Evaluator
from dashapp.query.planned import Plan
from dashapp.query.windows import Reach, Window, Windows

Told = tuple[tuple[Period, Period] | None, str, date | None]


class Comparing:
    """The comparisons of a plan. What is said of a window is found once for all KPIs of the same datasets."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.kind = plan, plan.question.compare
        self._told: dict[tuple[tuple[str, ...], Windows], list[Told]] = {}

    def column(self, key: str, windows: Windows, now: list[Cell], figures: Evaluator) -> list[Compared] | list[None]:
        """The comparison of every figure of a KPI: segment after segment, the windows in their order."""
        base = self.plan.compared(windows)
        if base is None:
            return [None] * len(now)
        before = figures.kpi(key, base)
        changes, ratios = combined("-", now, before, str), grown(now, before)
        told = self._said(self.plan.datasets_of(key), base) * figures.segments
        return [self._compared(*each) for each in zip(now, before, changes, ratios, told, strict=True)]

    def _compared(self, now: Cell, before: Cell, change: Cell, ratio: Cell, told: Told) -> Compared:
        between, label, part = told
        number, why = apart(before)
        if isinstance(now, NoValue) or why is not None:
            return Compared(number, None, None, label, why or apart(now)[1], part, self.kind, between)
        share, reason = apart(ratio)
        return Compared(number, apart(change)[0], None if share is None else float(share), label, reason, part,
                        self.kind, between)

    def _said(self, used: tuple[str, ...], base: Windows) -> list[Told]:
        if (used, base) not in self._told:
            self._told[used, base] = [(*self._between(w), self._part_until(used, w)) for w in base.all]
        return self._told[used, base]

    def _between(self, window: Window) -> tuple[tuple[Period, Period] | None, str]:
        """The first and the last period of a shifted window, and both as one label."""
        first, last = (self.plan.clock.shifted(p, window.shifts) for p in (window.first, window.last))
        if first is None or last is None:
            return None, ""
        return (first, last), first.label if first == last else f"{first.label} – {last.label}"

    def _part_until(self, used: tuple[str, ...], base: Window) -> date | None:
        """The last day that counts on the other side, when that side was cut to the elapsed part."""
        last = self.plan.clock.shifted(base.last, base.shifts)
        reaches = [self.plan.clock.reach(base, d) for d in used]
        ends = [r.end for r in reaches if isinstance(r, Reach)]
        return min(ends) if last is not None and ends and min(ends) < last.end else None


def apart(cell: Cell) -> tuple[Number | None, str | None]:
    """The figure, or the reason why there is none."""
    return (None, cell.reason) if isinstance(cell, NoValue) else (cell, None)
