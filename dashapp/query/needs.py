"""What a plan has to look up: the aggregates of its KPIs in every window, or the reason why there is no figure.

The KPIs are evaluated once without data, only to collect what they look up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from dashapp.core.dataset import Dataset
from dashapp.core.period import Grain
from dashapp.query.arithmetic import NoValue
from dashapp.query.columns import apart, find
from dashapp.query.evaluate import Evaluator
from dashapp.query.planned import Plan
from dashapp.query.scan import Need
from dashapp.query.tree import Agg, Col, walk
from dashapp.query.windows import Reach, Window


def all_needs(plan: Plan) -> dict[str, list[Need]]:
    """All lookups of the question by dataset, each once, found by evaluating without data."""
    found: dict[Need, None] = {}
    seen: set[tuple[int, Window, int]] = set()

    def looker(level: int) -> Callable[[Agg, Window, bool], NoValue]:
        def look(agg: Agg, window: Window, zero: bool) -> NoValue:
            if (id(agg), window, level) in seen:
                return NoValue("")
            seen.add((id(agg), window, level))
            needs = needs_of(plan, agg, window, level)
            if not isinstance(needs, str):
                found.update(dict.fromkeys(needs))
            return NoValue("")

        return look

    for level, windows in windows_of(plan).items():
        evaluator = Evaluator(plan.definitions, looker(level), plan.clock.count)
        for window in windows:
            for kpi in plan.kpis:
                evaluator.kpi(kpi.key, plan.within_reach(kpi.key, window))
    out: dict[str, list[Need]] = {}
    for need in found:
        out.setdefault(need.agg.dataset or "", []).append(need)
    return out


@lru_cache(maxsize=4096)
def _joined(agg: Agg) -> tuple[Col, ...]:
    """The joined columns of an aggregate; asked for in every window, the same in all of them."""
    nodes = (n for part in (agg.arg, agg.cond) if part is not None for n in walk(part))
    return tuple(n for n in nodes if isinstance(n, Col) and len(n.path) > 2)


def refusal_of(plan: Plan, agg: Agg, window: Window) -> str | None:
    """Why this aggregate has no figure in the window before any data are looked at, or None."""
    dataset = agg.dataset or ""
    if dataset in plan.refused:
        return plan.refused[dataset]
    table = plan.datasets[dataset]
    for column in _joined(agg):
        if reason := apart(find(table, column.path, plan.datasets), plan.datasets):
            return reason
    if (
        window.widen
        and window.widen[0] == "rolling"
        and table.kind == "facts"
        and table.grain.coarser_than(Grain(window.widen[2]))
    ):
        return f"{dataset} has one row per {table.grain.value}: roll over {table.grain.value}s, not {window.widen[2]}s."
    if table.kind == "snapshot":
        reach, state = plan.clock.reach(window, dataset), plan.state.get(dataset)
        at = state.data_through if state else None
        if isinstance(reach, Reach) and at is not None and not reach.start <= at <= reach.end:
            return f"{dataset} is a snapshot of {at.isoformat()}: it says nothing about other times."
    return None


def needs_of(plan: Plan, agg: Agg, window: Window, level: int) -> tuple[Need, Need] | str:
    """What one aggregate in one window has to look up - presence of rows, and its value - or why it cannot.

    level: by how many dimensions of the split.
    """
    reason = refusal_of(plan, agg, window)
    if reason:
        return reason
    dataset = agg.dataset or ""
    reach = plan.clock.reach(window, dataset)
    if isinstance(reach, str):
        return reach
    if early := _too_early(plan, agg, window, reach):
        return early
    if agg.func == "lost":
        return _left_behind(plan, agg, window, reach, level)
    presence = Agg("count", None, None, dataset)
    return Need(presence, reach, level), Need(simplified(agg, plan.datasets[dataset]), reach, level)


def _left_behind(plan: Plan, agg: Agg, window: Window, reach: Reach, level: int) -> tuple[Need, Need] | str:
    """What `lost` has to look up: who was there in the whole period before."""
    dataset = agg.dataset or ""
    if plan.clock.is_cut(window, dataset) or not (window.shifts or plan.clock.is_complete(window, dataset)):
        return "Who is lost is known when the period is complete."
    before = plan.clock.preceding(window, dataset)
    if isinstance(before, str):
        return before
    presence = Agg("count", None, None, dataset)
    return plan.clock.early(before, dataset) or (Need(presence, before, level), Need(agg, reach, level, before))


def _too_early(plan: Plan, agg: Agg, window: Window, reach: Reach) -> str | None:
    """Why an aggregate that looks back has nothing whole to look at: data begin inside the time it takes, or after."""
    return plan.clock.early(reach, agg.dataset or "") if window.shifts or window.rolls else None


def simplified(agg: Agg, dataset: Dataset) -> Agg:
    """A distinct count of the column that identifies rows is a count."""
    if agg.func == "distinct" and isinstance(agg.arg, Col) and agg.arg.path == (dataset.key, *dataset.key_columns):
        return replace(agg, func="count")
    return agg


def windows_of(plan: Plan) -> dict[int, list[Window]]:
    """Every window the KPIs are evaluated in, by how many dimensions of the split they are evaluated with."""
    leaf = len(plan.question.by)
    periods, whole = [Window(p, p) for p in plan.periods], [plan.whole]
    if plan.only_ranked:
        asked = {leaf: whole}
    elif plan.question.subtotals:
        asked = dict.fromkeys(range(leaf + 1), periods + whole)
    else:
        asked = {0: whole, leaf: periods + whole}
    return {level: ws + [c for w in ws if (c := plan.compared(w))] for level, ws in asked.items()}
