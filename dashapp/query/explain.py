"""Where a figure comes from: its formula written out, the engine's statements, and the source rows behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property, lru_cache, reduce
from operator import or_
from typing import Any

from dashapp.core.currency import converts
from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.period import Period
from dashapp.core.where import Where
from dashapp.query.arithmetic import Cell, NoValue
from dashapp.query.atoms import within
from dashapp.query.columns import Field, find_dimension
from dashapp.query.dialects import statement
from dashapp.query.evaluate import Definition, Evaluator
from dashapp.query.exchange import RATE
from dashapp.query.names import MAX_CHAIN
from dashapp.query.needs import spans_of
from dashapp.query.planned import Plan
from dashapp.query.rows import Rows
from dashapp.query.scan import Need
from dashapp.query.source import Source, all_of, stored
from dashapp.query.split import Split
from dashapp.query.tables import LINEAGE
from dashapp.query.tree import Agg, Node, Ref, unparse, walk
from dashapp.query.windows import Window, Windows

MAX_ROWS = 100_000  # an export; screens page through fewer
MAX_NODES = 200  # of a formula written out: two or three lines of a screen


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a KPI is computed. formula: as defined, names resolved; expanded: with other KPIs written out; terms: the
    aggregates looked up (with values: `terms.terms`); statements: (scan, dataset, SQL) that answer them, shared with
    the other KPIs of the question; problem: why it cannot be computed, else empty. left: KPIs that stay names in
    `expanded`, which would be too long otherwise."""

    kpi: str
    formula: str
    expanded: str
    terms: tuple[str, ...]
    datasets: tuple[str, ...]
    statements: tuple[tuple[str, str, str], ...]
    problem: str = ""
    left: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RowsPlan:
    """The source rows of one figure in one dataset, with their place in the source; at most `limit` of them.

    chosen: the rows as an Ibis expression. Each statement is compiled, in the dialect of the engine that has the rows,
    when it is first asked for: a page of rows does not wait for what a derivation tells, nor the other way round.
    used: own columns of the dataset whose cells make the figure: what is aggregated, else the date.
    """

    dataset: str
    columns: tuple[str, ...]
    chosen: Any
    order: tuple[Any, ...]
    used: tuple[str, ...]
    known: tuple[Dataset, ...]
    limit: int

    @cached_property
    def sql(self) -> str:
        """The rows, newest first."""
        return self._statement(self.chosen.order_by(*self.order).select(*self.columns).limit(self.limit))

    @cached_property
    def count_sql(self) -> str:
        """One number (`rows`): how many there are in all."""
        return self._statement(self.chosen.aggregate(rows=self.chosen.count()))

    @cached_property
    def origins_sql(self) -> str:
        """How many rows there are by vintage (`_vintage`, `rows`); empty for rows of a warehouse."""
        if "_vintage" not in self.columns:
            return ""
        counted = self.chosen.group_by("_vintage").aggregate(rows=self.chosen.count())
        return self._statement(counted.order_by("_vintage"))

    def _statement(self, expression: Any) -> str:
        datasets = {d.key: d for d in self.known}
        return statement(expression, datasets[self.dataset], datasets)


def explain(plan: Plan, key: str | None = None) -> Derivation:
    """The derivation of one KPI of the plan (the first one asked by default)."""
    key = key or plan.kpis[0].key
    definition = plan.definitions[key]
    if definition.tree is None:
        kpi = next(k for k in plan.kpis if k.key == key)
        return Derivation(key, kpi.formula, kpi.formula, (), (), (), definition.problem)
    terms, used = plan.aggregates_of(key), plan.datasets_of(key)
    full = expanded(definition.tree, plan.definitions)
    statements = tuple((s.name, s.dataset, s.sql) for s in plan.scans if any(a in terms for a in s.aggs))
    refused = [plan.refused[d] for d in used if d in plan.refused]
    return Derivation(
        key,
        unparse(definition.tree),
        unparse(full),
        tuple(unparse(t) for t in terms),
        used,
        statements,
        next(iter(refused), ""),
        _left(full, plan.definitions),
    )


def expanded(tree: Node, definitions: Mapping[str, Definition], most: int = MAX_NODES) -> Node:
    """The tree with other KPIs replaced by their own trees, as deep as at most `most` nodes allow.

    Deeper KPIs stay names, so that the text is a formula of the same meaning; an unusable KPI stays a name, too.
    """
    sizes: dict[tuple[str, int], int] = {}
    depth = 0
    while depth < MAX_CHAIN and _size(tree, depth + 1, definitions, sizes) <= most:
        depth += 1
    return _written_out(tree, depth, definitions)


def _size(node: Any, depth: int, definitions: Mapping[str, Definition], sizes: dict[tuple[str, int], int]) -> int:
    """How many nodes the tree has with KPIs written out `depth` deep; each KPI is counted once per depth."""
    total = 0
    for n in walk(node):
        tree = _tree_of(n, depth, definitions)
        if tree is None or not isinstance(n, Ref):
            total += 1
            continue
        if (n.key, depth) not in sizes:
            sizes[n.key, depth] = _size(tree, depth - 1, definitions, sizes)
        total += sizes[n.key, depth]
    return total


def _tree_of(node: Any, depth: int, definitions: Mapping[str, Definition]) -> Node | None:
    return definitions[node.key].tree if depth and isinstance(node, Ref) and node.key in definitions else None


def _written_out(node: Any, depth: int, definitions: Mapping[str, Definition]) -> Node:
    tree = _tree_of(node, depth, definitions)
    if tree is not None:
        return _written_out(tree, depth - 1, definitions)
    if isinstance(node, Agg) or not is_dataclass(node) or isinstance(node, type):
        return node  # type: ignore[return-value]
    parts = {f.name: v for f in fields(node) if is_dataclass(v := getattr(node, f.name))}
    return replace(node, **{k: _written_out(v, depth, definitions) for k, v in parts.items()})  # type: ignore[return-value]


def _left(tree: Node, definitions: Mapping[str, Definition]) -> tuple[str, ...]:
    """KPIs that stayed names although they have formulas."""
    named = {n.key for n in walk(tree) if isinstance(n, Ref)}
    return tuple(sorted(k for k in named if k in definitions and definitions[k].tree is not None))


def rows_plan(
    plan: Plan, key: str, period: Period | None = None, split: Split | None = None, limit: int = 1000
) -> tuple[RowsPlan, ...]:
    """The rows that one figure was computed from, dataset by dataset, newest first.

    period: one asked period, None for the total; split: values in the order of the question's `by`, None for all.
    limit: at most 100,000 rows. Filters, the data scope and the conditions of the formula apply; rows that only serve a
    comparison do not appear, rows of earlier periods that the formula itself looks at do.
    """
    windows = Windows.of(Window(period, period) if period else plan.whole)
    needs = _needs_of_figure(plan, key, plan.within_reach(key, windows))
    out = []
    for dataset in dict.fromkeys(n.agg.dataset or "" for n in needs):
        mine = tuple(n for n in needs if n.agg.dataset == dataset)
        question = plan.question
        known = plan.near(dataset)
        currency = plan.currency if converts(plan.datasets[dataset]) else None
        found = _rows_of(dataset, known, question.by, question.where, question.scope, mine, split, currency)
        out.append(RowsPlan(dataset, *found, known, max(1, min(limit, MAX_ROWS))))
    return tuple(out)


def _needs_of_figure(plan: Plan, key: str, windows: Windows) -> list[Need]:
    found: dict[Need, None] = {}

    def look(agg: Agg, at: Windows, zero: bool) -> list[Cell]:
        found.update((Need(agg, s.reach, 0, s.before), None) for s in spans_of(plan, agg, at).known)
        return [NoValue("")] * len(at)

    Evaluator(plan.definitions, look, plan.clock.count).kpi(key, windows)
    return list(found)


@lru_cache(maxsize=512)
def _rows_of(
    dataset: str,
    known: tuple[Dataset, ...],
    dimensions: tuple[str, ...],
    filters: tuple[Where, ...],
    scope: tuple[Where, ...],
    needs: tuple[Need, ...],
    split: Split | None,
    currency: str | None,
) -> tuple[tuple[str, ...], Any, tuple[Any, ...], tuple[str, ...]]:
    """Names of columns, the rows, their order, the columns used. A derivation and its pages share one expression."""
    datasets = {d.key: d for d in known}
    table = datasets[dataset]
    source = stored(table, datasets, filters, scope, currency)
    by = [f for n in dimensions if (f := find_dimension(table, n, datasets))]
    used: set[Field] = set(by) | source.filter_fields()
    for need in needs:
        used |= source.rows.fields_of(need.agg.cond) | source.rows.fields_of(need.agg.arg)
    rows = source.rows.joined(used)
    chosen = rows.filter(all_of([source.where(rows), _touched(source, rows, needs), *_in_split(rows, by, split)]))
    lineage = () if table.place else tuple(LINEAGE)
    order = ([rows[source.date].desc()] if source.date else []) + [
        rows[c] for c in (("_vintage", "_row") if lineage else table.key_columns)
    ]
    names = [c.key for c in table.columns if c.role is not RoleOf.IGNORE]
    names += sorted(f.name for f in used if f.join) + _converted(source.rows, used) + list(lineage)
    return tuple(names), chosen, tuple(order), cells_used(source, [n.agg for n in needs])


def _converted(rows: Rows, used: set[Field]) -> list[str]:
    """The rate of each row and what its amounts are in the reporting currency, where amounts are converted."""
    amounts = rows.amounts(used)
    return [RATE, *(rows.exchange.name(f) for f in amounts)] if amounts and rows.exchange else []


def cells_used(source: Source, aggs: list[Agg]) -> tuple[str, ...]:
    """The own columns whose cells make a figure: what is aggregated (for a joined column the one it is joined by);
    the date where rows are only counted."""
    fields = {f for agg in aggs for f in source.rows.fields_of(agg.arg)}
    names = {f.join[0] if f.join else f.column.key for f in fields}
    if source.rows.exchange and source.rows.amounts(fields):
        names.add(source.rows.exchange.code)
    if not names and source.date:
        names = {source.date}
    return tuple(c.key for c in source.dataset.columns if c.key in names)


def _touched(source: Source, rows: Any, needs: tuple[Need, ...]) -> Any:
    """Rows that at least one aggregate of the figure looks at."""
    import ibis

    tests = []
    for need in needs:
        dated = within(rows[source.date], [need.before or need.reach]) if source.date else None
        tests.append(all_of([dated, source.rows.condition(rows, need.agg.cond)]))
    return reduce(or_, [ibis.literal(True) if t is None else t for t in tests])


def _in_split(rows: Any, by: list[Field], split: Split | None) -> list[Any]:
    if split is None:
        return []
    return [rows[f.name].isnull() if v is None else rows[f.name] == v for f, v in zip(by, split, strict=True)]
