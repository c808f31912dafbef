"""Compiling a question: which aggregates are needed over which dates, and the few scans that answer them all.

The KPIs are evaluated once without data, only to collect what they look up. Everything that adds up goes into one fused
scan per dataset; distinct counts and entity histories share one scan per entity column, medians one per dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState
from dashapp.core.errors import Invalid, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain, Period
from dashapp.core.question import MAX_DIMENSIONS, Question
from dashapp.core.rollup import RollupSpec
from dashapp.core.where import Where
from dashapp.query import additive, entity, median
from dashapp.query.arithmetic import NoValue
from dashapp.query.columns import Field, find_dimension, known_paths
from dashapp.query.complete import is_complete
from dashapp.query.evaluate import Definition, Evaluator
from dashapp.query.formula import FormulaError, did_you_mean
from dashapp.query.names import bind
from dashapp.query.scan import Need, Scan
from dashapp.query.source import Source, covers, rolled_up, stored
from dashapp.query.tree import ENTITY, Agg, Col, Ref, walk
from dashapp.query.windows import Clock, Reach, Shift, Window

MAX_PERIODS = 4000
COMPARES: dict[str, str] = {"previous": "previous", "previous_year": "year_ago", "same_weekday": "same_weekday"}


@dataclass(frozen=True)
class Plan:
    """A compiled question. Run every scan's `sql` and hand the tables to `answer.answer`.

    periods: the asked periods, oldest first. definitions: every KPI reachable. refused: dataset -> why its rows cannot
    answer this question (grain, unknown split or filter, data scope).
    """

    question: Question
    kpis: tuple[Kpi, ...]
    datasets: Mapping[str, Dataset]
    calendar: Calendar
    state: Mapping[str, DataState]
    today: date
    periods: tuple[Period, ...]
    definitions: Mapping[str, Definition]
    refused: Mapping[str, str]
    scans: tuple[Scan, ...]
    clock: Clock = field(compare=False)
    _within: dict[tuple[str, Window], Window] = field(default_factory=dict, compare=False)

    @property
    def whole(self) -> Window:
        """The window of the totals: all asked periods."""
        return Window(self.periods[0], self.periods[-1])

    def compared(self, window: Window) -> Window | None:
        """The window to compare with, or None when nothing is compared."""
        name = COMPARES.get(self.question.compare)
        if name is None:
            return None
        n = self.clock.count(window) if name == "previous" else 1
        shift: Shift = (name, n)  # type: ignore[assignment]
        return window.shifted(shift)

    def within_reach(self, key: str, window: Window) -> Window:
        """The window as far as all data of the KPI reach: where one dataset ends inside it, the others stop there too.

        A ratio of twelve months of revenue over eleven months of cost would be wrong without a trace.
        """
        if (key, window) not in self._within:
            self._within[key, window] = self._capped(key, window)
        return self._within[key, window]

    def _capped(self, key: str, window: Window) -> Window:
        used = [d for d in self.datasets_of(key) if self.datasets[d].kind == "facts" and d not in self.refused]
        throughs = {s.data_through for d in used if (s := self.state.get(d)) and s.data_through}
        if len(throughs) < 2 or all(is_complete(self.datasets[d], self.state.get(d), window.last) for d in used):
            return window
        until = min(throughs)
        return replace(window, until=until) if until < window.last.end else window

    def datasets_of(self, key: str) -> tuple[str, ...]:
        """The datasets a KPI reads, through other KPIs too."""
        return tuple(sorted({a.dataset for a in self.aggregates_of(key) if a.dataset}))

    def _reached(self, key: str) -> dict[str, Definition]:
        """The definition and all it stands on, each looked at once however often it is shared."""
        found: dict[str, Definition] = {}
        waiting = [key]
        while waiting:
            key = waiting.pop()
            if key not in found and key in self.definitions:
                found[key] = self.definitions[key]
                tree = found[key].tree
                waiting += [n.key for n in walk(tree) if isinstance(n, Ref)][::-1] if tree else []
        return found

    def is_sound(self, key: str) -> bool:
        """Can the KPI be computed at all: are its own formula and those it refers to usable?"""
        return all(d.tree is not None for d in self._reached(key).values())

    def aggregates_of(self, key: str) -> tuple[Agg, ...]:
        """The aggregates a KPI looks up, through other KPIs too, each once."""
        trees = [d.tree for d in self._reached(key).values() if d.tree]
        return tuple(dict.fromkeys(n for tree in trees for n in walk(tree) if isinstance(n, Agg)))


def plan(
    question: Question,
    kpis: Mapping[str, Kpi],
    datasets: Mapping[str, Dataset],
    calendar: Calendar,
    state: Mapping[str, DataState],
    rollups: Mapping[str, RollupSpec],
    today: date,
) -> Plan:
    """Compile a question.

    kpis: all definitions by key; datasets, state: by dataset key, as they are at the question's `as_of`. rollups: what
    the serving file of a dataset has pre-added; a dataset that is not named is read from its rows.
    Raises NotFound for an unknown KPI and Invalid for a question nobody can answer (too many periods or dimensions).
    """
    asked = [kpis[k] if k in kpis else _unknown(k, kpis) for k in question.kpis]
    periods = _periods(question, calendar)
    definitions = _definitions([k.key for k in asked], kpis, datasets)
    clock = Clock(calendar, datasets, state)
    draft = Plan(question, tuple(asked), datasets, calendar, state, today, periods, definitions, {}, (), clock)
    used = sorted({d for k in asked for d in draft.datasets_of(k.key)})
    refused = {d: reason for d in used if (reason := _refusal(question, datasets[d], datasets))}
    draft = replace(draft, refused=refused)
    needs = _needs(draft)
    scans = [s for d in used if d not in refused for s in _scans(draft, d, needs.get(d, []), rollups.get(d))]
    return replace(draft, scans=tuple(scans))


def _unknown(key: str, kpis: Mapping[str, Kpi]) -> Kpi:
    hint = did_you_mean(key, list(kpis))
    raise NotFound(f"There is no KPI {key[:80]!r}" + (f" - {hint}" if hint else "."))


def _periods(question: Question, calendar: Calendar) -> tuple[Period, ...]:
    if len(question.by) > MAX_DIMENSIONS or len(set(question.by)) < len(question.by):
        raise Invalid(f"A question is split by at most {MAX_DIMENSIONS} different dimensions.")
    if question.grain is Grain.EVENT:
        raise Invalid("Ask by day, week, month, quarter or year.")
    calendar.supported(question.span, question.grain)
    most = MAX_PERIODS * {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 28}.get(question.grain, 28)
    if (question.span.end - question.span.start).days > most:
        raise Invalid(f"The range has more than {MAX_PERIODS} periods; ask for a coarser grain.")
    return tuple(calendar.periods(question.span, question.grain))


def _definitions(
    keys: Sequence[str], kpis: Mapping[str, Kpi], datasets: Mapping[str, Dataset]
) -> dict[str, Definition]:
    """Every KPI reachable from `keys`, bound; one that cannot be used carries its problem."""
    out: dict[str, Definition] = {}
    queue = list(keys)
    while queue:
        key = queue.pop()
        if key in out:
            continue
        kpi = kpis[key]
        try:
            bound = bind(kpi.formula, datasets, kpis, key=key)
        except FormulaError as bad:
            out[key] = Definition(None, problem=f"The formula cannot be used: {bad.message}")
            continue
        out[key] = Definition(bound.tree, kpi.absent_is_zero)
        queue += bound.kpis
    return out


def _refusal(question: Question, dataset: Dataset, datasets: Mapping[str, Dataset]) -> str | None:
    """Why the rows of a dataset cannot answer the question, or None."""
    if dataset.kind == "facts" and dataset.grain.coarser_than(question.grain):
        return (
            f"{dataset.key} has one row per {dataset.grain.value}; ask by {dataset.grain.value} or coarser, "
            f"not by {question.grain.value}."
        )
    for where in question.scope:
        if find_dimension(dataset, where.column, datasets) is None:
            return f"{dataset.key} has no column {where.column!r}, which your data scope needs."
    for what, names in (("split by", question.by), ("filter by", [w.column for w in question.where])):
        for name in names:
            if find_dimension(dataset, name, datasets) is None:
                hint = did_you_mean(name, known_paths(dataset, datasets))
                return f"{dataset.key} has no column {name!r} to {what}" + (f" - {hint}" if hint else ".")
    return None


def refusal_of(plan: Plan, agg: Agg, window: Window) -> str | None:
    """Why this aggregate has no figure in the window before any data are looked at, or None."""
    dataset = agg.dataset or ""
    if dataset in plan.refused:
        return plan.refused[dataset]
    table = plan.datasets[dataset]
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


def needs_of(plan: Plan, agg: Agg, window: Window, overall: bool) -> tuple[Need, Need] | str:
    """What one aggregate in one window has to look up - presence of rows, and its value - or why it cannot."""
    reason = refusal_of(plan, agg, window)
    if reason:
        return reason
    dataset = agg.dataset or ""
    reach = plan.clock.reach(window, dataset)
    if isinstance(reach, str):
        return reach
    presence = Agg("count", None, None, dataset)
    if agg.func != "lost":
        return Need(presence, reach, overall), Need(simplified(agg, plan.datasets[dataset]), reach, overall)
    if plan.clock.is_cut(window, dataset) or not (window.shifts or plan.clock.is_complete(window, dataset)):
        return "Who is lost is known when the period is complete."
    before = plan.clock.preceding(window, dataset)
    if isinstance(before, str):
        return before
    return Need(presence, before, overall), Need(agg, reach, overall, before)


def simplified(agg: Agg, dataset: Dataset) -> Agg:
    """A distinct count of the column that identifies rows is a count."""
    if agg.func == "distinct" and isinstance(agg.arg, Col) and agg.arg.path == (dataset.key, *dataset.key_columns):
        return replace(agg, func="count")
    return agg


def windows_of(plan: Plan) -> list[tuple[Window, bool]]:
    """Every window the KPIs are evaluated in, and whether without split (True) or per split (False)."""
    split = bool(plan.question.by)
    asked = [(Window(p, p), not split) for p in plan.periods] + [(plan.whole, True)]
    if split:
        asked.append((plan.whole, False))
    return asked + [(c, overall) for w, overall in asked if (c := plan.compared(w))]


def _needs(plan: Plan) -> dict[str, list[Need]]:
    """All lookups of the question by dataset, each once, found by evaluating without data."""
    found: dict[Need, None] = {}
    seen: set[tuple[int, Window, bool]] = set()

    def looker(overall: bool) -> Callable[[Agg, Window, bool], NoValue]:
        def look(agg: Agg, window: Window, zero: bool) -> NoValue:
            if (id(agg), window, overall) in seen:
                return NoValue("")
            seen.add((id(agg), window, overall))
            needs = needs_of(plan, agg, window, overall)
            if not isinstance(needs, str):
                found.update(dict.fromkeys(needs))
            return NoValue("")

        return look

    for overall in (True, False):
        evaluator = Evaluator(plan.definitions, looker(overall), plan.clock.count)
        for window, level in windows_of(plan):
            if level is overall:
                for kpi in plan.kpis:
                    evaluator.kpi(kpi.key, plan.within_reach(kpi.key, window))
    out: dict[str, list[Need]] = {}
    for need in found:
        out.setdefault(need.agg.dataset or "", []).append(need)
    return out


def _scans(plan: Plan, dataset: str, needs: list[Need], spec: RollupSpec | None) -> tuple[Scan, ...]:
    table = plan.datasets[dataset]
    near = {t.partition(".")[0] for _, t in table.joins}
    known = tuple(d for key, d in sorted(plan.datasets.items()) if key == dataset or key in near)
    return _compiled(dataset, known, plan.question.by, plan.question.where, plan.question.scope, tuple(needs), spec)


@lru_cache(maxsize=512)
def _compiled(
    dataset: str,
    known: tuple[Dataset, ...],
    dimensions: tuple[str, ...],
    filters: tuple[Where, ...],
    scope: tuple[Where, ...],
    needs: tuple[Need, ...],
    spec: RollupSpec | None,
) -> tuple[Scan, ...]:
    """The scans of one dataset. Building Ibis expressions costs more than running them: equal wishes share one."""
    datasets = {d.key: d for d in known}
    table = datasets[dataset]
    source = stored(table, datasets, filters, scope)
    by = tuple(f for name in dimensions if (f := find_dimension(table, name, datasets)))
    out = _additive(dataset, source, by, [n for n in needs if n.agg.func in additive.FUNCTIONS], spec)
    for column in dict.fromkeys(n.agg.arg for n in needs if n.agg.func in ("distinct", *ENTITY)):
        mine = [n for n in needs if n.agg.arg == column and n.agg.func in ("distinct", *ENTITY)]
        assert isinstance(column, Col)
        out += entity.scans(f"{dataset}:{'.'.join(column.path[1:])}", source, by, column, mine, spec)
    medians = [n for n in needs if n.agg.func == "median"]
    return tuple(out + ([median.scan(f"{dataset}:median", source, by, medians)] if medians else []))


def _additive(
    dataset: str, source: Source, by: tuple[Field, ...], needs: list[Need], spec: RollupSpec | None
) -> list[Scan]:
    """One fused scan; a second one when only a part can be read from the day rollup."""
    covered = {n.agg: covers(spec, source, by, n.agg) for n in needs}
    from_rollup, from_rows = [n for n in needs if covered[n.agg]], [n for n in needs if not covered[n.agg]]
    out = []
    if from_rollup and spec:
        out.append(additive.scan(f"{dataset}:day", rolled_up(source, spec), by, from_rollup))
    if from_rows:
        out.append(additive.scan(f"{dataset}:rows", source, by, from_rows))
    return out
