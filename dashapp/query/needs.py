"""What a plan has to look up: the aggregates of its KPIs in every window, or the reason why there is no figure.

The KPIs are evaluated once without data, only to collect what they look up.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from dashapp.core.currency import refusal
from dashapp.core.dataset import Dataset
from dashapp.core.period import Grain
from dashapp.query.arithmetic import Cell, NoValue
from dashapp.query.columns import apart, find
from dashapp.query.evaluate import Evaluator
from dashapp.query.planned import Plan
from dashapp.query.scan import Needs, Span, Spans
from dashapp.query.tree import Agg, Col, walk
from dashapp.query.windows import Reach, Window, Windows


def all_needs(plan: Plan) -> dict[str, tuple[Needs, ...]]:
    """All lookups of the question by dataset, found by evaluating without data."""
    found: dict[tuple[str, int, Spans], dict[Agg, None]] = {}

    def collect(level: int, windows: Windows) -> None:
        def look(agg: Agg, windows: Windows, zero: bool) -> list[Cell]:
            spans, dataset = spans_of(plan, agg, windows), agg.dataset or ""
            if spans.known:
                found.setdefault((dataset, level, spans), {})[simplified(agg, plan.datasets[dataset])] = None
            return [NoValue("")] * len(windows)

        evaluator = Evaluator(plan.definitions, look, plan.clock.count)
        for kpi in plan.kpis:
            mine = plan.within_reach(kpi.key, windows)
            for wanted in (mine, plan.compared(mine)):
                if wanted is not None:
                    evaluator.kpi(kpi.key, wanted)

    for level, windows in windows_of(plan).items():
        collect(level, windows)
    out: dict[str, tuple[Needs, ...]] = {}
    for (dataset, level, spans), aggs in found.items():
        out[dataset] = (*out.get(dataset, ()), Needs(tuple(aggs), level, spans))
    return out


@lru_cache(maxsize=4096)
def _own(agg: Agg) -> tuple[str, ...]:
    """The own columns of an aggregate."""
    nodes = (n for part in (agg.arg, agg.cond) if part is not None for n in walk(part))
    return tuple(n.path[-1] for n in nodes if isinstance(n, Col) and len(n.path) < 3)


def _has_amounts(agg: Agg, table: Dataset) -> bool:
    return agg.func != "count" and any((c := table.column(key)) and c.type == "money" for key in _own(agg))


@lru_cache(maxsize=4096)
def _joined(agg: Agg) -> tuple[Col, ...]:
    """The joined columns of an aggregate."""
    nodes = (n for part in (agg.arg, agg.cond) if part is not None for n in walk(part))
    return tuple(n for n in nodes if isinstance(n, Col) and len(n.path) > 2)


def refusal_of(plan: Plan, agg: Agg, widen: tuple[str, int, str] | None) -> str | None:
    """Why this aggregate has no figure in any window widened like that, before any data are looked at; or None."""
    dataset = agg.dataset or ""
    if dataset in plan.refused:
        return plan.refused[dataset]
    table = plan.datasets[dataset]
    if (reason := refusal(table)) and _has_amounts(agg, table):
        return reason
    for column in _joined(agg):
        if reason := apart(find(table, column.path, plan.datasets), plan.datasets):
            return reason
    if widen and widen[0] == "rolling" and table.kind == "facts" and table.grain.coarser_than(Grain(widen[2])):
        return f"{dataset} has one row per {table.grain.value}: roll over {table.grain.value}s, not {widen[2]}s."
    return None


def spans_of(plan: Plan, agg: Agg, windows: Windows) -> Spans:
    """What one aggregate has to look at in each window, or why it has no figure there."""
    dataset = agg.dataset or ""
    if reason := refusal_of(plan, agg, windows.widen):
        return Spans((reason,) * len(windows))
    span = _left_behind if agg.func == "lost" else _looked_at
    return plan.spans(agg.func, dataset, windows, lambda: Spans(tuple(span(plan, dataset, w) for w in windows.all)))


def _looked_at(plan: Plan, dataset: str, window: Window) -> Span | str:
    reach = plan.clock.reach(window, dataset)
    if reason := _beside(plan, dataset, reach):
        return reason
    if isinstance(reach, str):
        return reach
    looks_back = window.shifts or window.rolls
    early = plan.clock.early(reach, dataset) if looks_back else None  # data begin inside the time it takes, or after
    return early or Span(reach)


def _left_behind(plan: Plan, dataset: str, window: Window) -> Span | str:
    """What `lost` has to look at: who was there in the whole period before."""
    looked_at = _looked_at(plan, dataset, window)
    if isinstance(looked_at, str):
        return looked_at
    if plan.clock.is_cut(window, dataset) or not (window.shifts or plan.clock.is_complete(window, dataset)):
        return "Who is lost is known when the period is complete."
    before = plan.clock.preceding(window, dataset)
    if isinstance(before, str):
        return before
    return plan.clock.early(before, dataset) or Span(looked_at.reach, before)


def _beside(plan: Plan, dataset: str, reach: Reach | str) -> str | None:
    """Why a snapshot says nothing about these dates, or None."""
    state = plan.state.get(dataset)
    at = state.data_through if state else None
    if plan.datasets[dataset].kind != "snapshot" or at is None or isinstance(reach, str):
        return None
    if reach.start <= at <= reach.end:
        return None
    return f"{dataset} is a snapshot of {at.isoformat()}: it says nothing about other times."


def simplified(agg: Agg, dataset: Dataset) -> Agg:
    """A distinct count of the column that identifies rows is a count."""
    if agg.func == "distinct" and isinstance(agg.arg, Col) and agg.arg.path == (dataset.key, *dataset.key_columns):
        return replace(agg, func="count")
    return agg


def windows_of(plan: Plan) -> dict[int, Windows]:
    """The windows the KPIs are evaluated in, by how many dimensions of the split they are evaluated with: the periods
    in their order, then the whole; what they are compared with comes beside."""
    leaf = len(plan.question.by)
    whole = Windows.of(plan.whole)
    if plan.only_ranked:
        return {leaf: whole}
    every = Windows((*(Window(p, p) for p in plan.periods), plan.whole))
    return dict.fromkeys(range(leaf + 1), every) if plan.question.subtotals else {0: whole, leaf: every}
