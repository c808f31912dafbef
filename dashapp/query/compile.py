"""Compiling a question: which aggregates are needed over which dates, and the few scans that answer them all.

Everything that adds up goes into one fused scan per dataset; distinct counts and entity histories share one scan per
entity column, medians one per dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from dashapp.core.calendar import Calendar
from dashapp.core.currency import converts
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState
from dashapp.core.errors import Invalid, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain, Period
from dashapp.core.question import MAX_DIMENSIONS, Question
from dashapp.core.rollup import RollupSpec
from dashapp.core.where import Where
from dashapp.query import additive, entity, median, unrated
from dashapp.query.columns import apart, find_dimension, known_paths
from dashapp.query.dialects import DIALECTS
from dashapp.query.evaluate import Definition
from dashapp.query.lacking import wanting
from dashapp.query.marks import filled, marked, seal_of, shapes
from dashapp.query.names import bind
from dashapp.query.needs import all_needs
from dashapp.query.planned import Kept, Plan
from dashapp.query.problems import FormulaError, did_you_mean
from dashapp.query.scan import Need, Needs, Scan
from dashapp.query.source import Source, covers, rolled_up, stored
from dashapp.query.split import By, Split
from dashapp.query.tree import ENTITY, Col
from dashapp.query.windows import Clock

MAX_PERIODS = 4000


def plan(
    question: Question,
    kpis: Mapping[str, Kpi],
    datasets: Mapping[str, Dataset],
    calendar: Calendar,
    state: Mapping[str, DataState],
    rollups: Mapping[str, RollupSpec],
    today: date,
    kept: Kept | None = None,
    *,
    only_ranked: bool = False,
    currency: str = "",
) -> Plan:
    """Compile a question.

    kpis: all definitions by key; datasets, state: by dataset key, as they are at the question's `as_of`. rollups: what
    the serving file of a dataset has pre-added; a dataset that is not named is read from its rows. kept: the segments
    that stay by name where the question wants the largest (see `ranking`). only_ranked, currency: as in Plan.
    Raises NotFound for an unknown KPI and Invalid for a question nobody can answer (too many periods or dimensions).
    """
    asked = [kpis[k] if k in kpis else _unknown(k, kpis) for k in question.kpis]
    periods = _periods(question, calendar)
    definitions = _definitions([k.key for k in asked], kpis, datasets)
    clock = Clock(calendar, datasets, state)
    draft = Plan(question, tuple(asked), datasets, calendar, state, today, periods, definitions, {}, (), clock, kept,
                 only_ranked, currency)
    used = sorted({d for k in asked for d in draft.datasets_of(k.key)})
    refused = {d: reason for d in used if (reason := _refusal(question, datasets[d], datasets))}
    draft = replace(draft, refused=refused)
    needs = all_needs(draft)
    scans = [s for d in used if d not in refused for s in _scans(draft, d, needs.get(d, ()), rollups.get(d))]
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
            out[key] = Definition(None, problem=_problem(bad))
            continue
        out[key] = Definition(bound.tree, kpi.absent_is_zero)
        queue += bound.kpis
    return out


def _problem(bad: FormulaError) -> str:
    """Why a saved formula cannot be used: its names were found once, so nothing is suggested in their place."""
    gone = wanting(bad)
    return f"Needs {', '.join(gone)}, which is not here any more." if gone else \
        f"The formula cannot be used: {bad.message}"


def _refusal(question: Question, dataset: Dataset, datasets: Mapping[str, Dataset]) -> str | None:
    """Why the rows of a dataset cannot answer the question, or None."""
    if dataset.place is not None and question.as_of is not None:
        return f"{dataset.key} is read live from {dataset.connection}, which keeps no earlier states: ask for now."
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
    named = (*question.by, *(w.column for w in (*question.where, *question.scope)))
    if converts(dataset) and (amount := next((n for n in named if _is_amount(dataset, n, datasets)), None)):
        return f"{amount} holds amounts in several currencies: rows cannot be split or filtered by what stands there."
    return next(filter(None, (apart(find_dimension(dataset, n, datasets), datasets) for n in named)), None)


def _is_amount(dataset: Dataset, name: str, datasets: Mapping[str, Dataset]) -> bool:
    field = find_dimension(dataset, name, datasets)
    return field is not None and field.join is None and field.column.type == "money"


def _scans(plan: Plan, dataset: str, needs: tuple[Needs, ...], spec: RollupSpec | None) -> tuple[Scan, ...]:
    asked, table = plan.question, plan.datasets[dataset]
    known = tuple(replace(d, version=0) for d in plan.near(dataset))
    named = plan.kept.segments if plan.kept else None
    is_text = _texts(table, {d.key: d for d in known})
    (filters, scope), values = shapes((asked.where, asked.scope), is_text)
    currency = plan.currency if converts(table) else None
    seal, scans = _compiled(dataset, known, asked.by, named, filters, scope, needs, spec, currency)
    dialect = DIALECTS[table.engine].sqlglot if table.place else "duckdb"
    return tuple(replace(s, sql=filled(s.sql, seal, values, dialect)) for s in scans) if values else scans


def _texts(table: Dataset, datasets: Mapping[str, Dataset]) -> Callable[[str], bool]:
    """Does a written name stand for a column of texts?"""

    def is_text(name: str) -> bool:
        found = find_dimension(table, name, datasets)
        return found is not None and found.column.type == "text"

    return is_text


@lru_cache(maxsize=512)
def _compiled(
    dataset: str,
    known: tuple[Dataset, ...],
    dimensions: tuple[str, ...],
    named: tuple[Split, ...] | None,
    filters: tuple[Where, ...],
    scope: tuple[Where, ...],
    groups: tuple[Needs, ...],
    spec: RollupSpec | None,
    currency: str | None,
) -> tuple[str, tuple[Scan, ...]]:
    """The seal of its marks and the scans of one dataset, for all values of filters and scope, which are shapes.

    Building Ibis expressions costs more than running them: equal wishes share one.
    """
    datasets = {d.key: d for d in known}
    table = datasets[dataset]
    is_text = _texts(table, datasets)
    seal = seal_of((dataset, known, dimensions, named, filters, scope, groups, spec, currency))
    needs = tuple(dict.fromkeys(n for group in groups for n in group.each()))
    source = stored(table, datasets, marked(filters, is_text, seal), marked(scope, is_text, seal), currency)
    by = By(tuple(f for name in dimensions if (f := find_dimension(table, name, datasets))), named)
    out = _additive(dataset, source, by, [n for n in needs if n.agg.func in additive.FUNCTIONS], spec)
    for column in dict.fromkeys(n.agg.arg for n in needs if n.agg.func in ("distinct", *ENTITY)):
        mine = [n for n in needs if n.agg.arg == column and n.agg.func in ("distinct", *ENTITY)]
        assert isinstance(column, Col)
        out += entity.scans(f"{dataset}:{'.'.join(column.path[1:])}", source, by, column, mine, spec)
    medians = [n for n in needs if n.agg.func == "median"]
    out += [median.scan(f"{dataset}:median", source, by, medians)] if medians else []
    return seal, tuple(out + _unrated(dataset, source, by, needs, spec))


def _additive(
    dataset: str, source: Source, by: By, needs: list[Need], spec: RollupSpec | None
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


def _unrated(
    dataset: str, source: Source, by: By, needs: Sequence[Need], spec: RollupSpec | None
) -> list[Scan]:
    """What looks for amounts without a rate, where the figures are read from; nothing for amounts of one currency."""
    rest = [n for n in needs if unrated.rests_on_amounts(source, n.agg)]
    covered = {n.agg: n.agg.func in additive.FUNCTIONS and covers(spec, source, by, n.agg) for n in rest}
    from_rollup, from_rows = [n for n in rest if covered[n.agg]], [n for n in rest if not covered[n.agg]]
    out = []
    if from_rollup and spec:
        out.append(unrated.scan(f"{dataset}:day rates", rolled_up(source, spec), by, from_rollup))
    if from_rows:
        out.append(unrated.scan(f"{dataset}:rates", source, by, from_rows))
    return out
