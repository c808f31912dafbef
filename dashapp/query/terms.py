"""The terms of one figure: every aggregate its formula looked up, in the window it was looked up in, with its value.

A term is written as the aggregate within the time functions that moved its window - `previous(sum(orders.revenue))` -
so that putting the terms into the formula gives the figure again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashapp.core.derivation import Term
from dashapp.core.period import Period
from dashapp.query.arithmetic import Cell, NoValue
from dashapp.query.evaluate import Evaluator
from dashapp.query.looking import looker
from dashapp.query.needs import spans_of
from dashapp.query.planned import Plan
from dashapp.query.split import Split
from dashapp.query.tree import Agg, Node, Time, unparse
from dashapp.query.windows import Window, Windows


def terms(
    plan: Plan, results: Mapping[str, Any], key: str, period: Period | None = None, split: Split | None = None
) -> tuple[Term, ...]:
    """The terms of one figure of a plan, in the order of the formula, each once.

    results: as for `answer`. period: one asked period, None for the total; split: values in the order of the
    question's `by`, None for all.
    """
    found: dict[Term, None] = {}
    values = looker(plan, results, split)

    def look(agg: Agg, windows: Windows, zero: bool) -> list[Cell]:
        cells = values(agg, windows, zero)
        found.update((_term(plan, agg, w, c), None) for w, c in zip(windows.all, cells, strict=True))
        return cells

    asked = Windows.of(Window(period, period) if period else plan.whole)
    Evaluator(plan.definitions, look, plan.clock.count).kpi(key, plan.within_reach(key, asked))
    return tuple(found)


def _term(plan: Plan, agg: Agg, window: Window, cell: Cell) -> Term:
    (span,) = spans_of(plan, agg, Windows.of(window)).all
    start, end = (None, None) if isinstance(span, str) else (span.reach.start, span.reach.end)
    value, reason = (None, cell.reason) if isinstance(cell, NoValue) else (cell, None)
    return Term(unparse(moved(agg, window)), value, reason, start, end)


def moved(agg: Node, window: Window) -> Node:
    """The node within the time functions of its window, the outermost applied first."""
    node: Node = agg
    if window.widen:
        func, n, unit = window.widen
        node = Time(func, node, n, unit)
    for name, _ in reversed(window.shifts):
        node = Time(name, node)
    return node
