"""Binding: every name of a formula is resolved once, to a column of one dataset or to another KPI.

The bound formula carries full names (`orders.revenue`, `orders.catalogue.category`), so that a second dataset with the
same column never changes the meaning of an old KPI.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from dashapp.core.dataset import Dataset
from dashapp.core.issue import Issue
from dashapp.core.kpi import Kpi
from dashapp.query.columns import Field, find, known_paths
from dashapp.query.formula import FormulaError, combined, did_you_mean, error, parse
from dashapp.query.spelling import spelled
from dashapp.query.tree import Agg, Bin, Cmp, Col, Neg, Node, Ref, Time, unparse, walk

NUMERIC = ("sum", "avg", "min", "max", "median", "first", "last")
MAX_CHAIN = 60
MISSPELT = 0.8  # how near a word is to the one that it may misspell
DATED = ("first", "last", "new", "returning", "lost")


@dataclass(frozen=True, slots=True)
class Bound:
    """A formula whose names are resolved.

    formula: text with full names; tree: the same, read. datasets, kpis: keys used directly, sorted. needs: full names
    of the columns used, sorted.
    """

    formula: str
    tree: Node
    datasets: tuple[str, ...]
    kpis: tuple[str, ...]
    needs: tuple[str, ...]


def bind(text: str, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi], *, key: str | None = None,
         prefer_finest: bool = False, prefer: str | None = None) -> Bound:
    """Resolve all names of a formula.

    key: the KPI's own key, so that a formula that would reach itself is refused with the path. prefer_finest: where
    several datasets could be meant, take `prefer` or else the one with the finest rows instead of refusing (proposals
    only).
    Raises FormulaError with an issue for every name that cannot be resolved.
    """
    binder = _Binder(datasets, kpis, prefer_finest, prefer)
    tree = binder.figure(parse(text))
    if not binder.issues:
        binder.counts(tree)
    if not binder.issues:
        binder.cycles(tree, key)
    if binder.issues:
        raise combined(binder.issues)
    tree = binder.figure(tree)
    nodes = list(walk(tree))
    used = sorted({n.dataset for n in nodes if isinstance(n, Agg) and n.dataset})
    return Bound(unparse(tree), tree, tuple(used), tuple(sorted({n.key for n in nodes if isinstance(n, Ref)})),
                 tuple(sorted({".".join(n.path) for n in nodes if isinstance(n, Col)})))


class _Binder:
    def __init__(self, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi], prefer_finest: bool,
                 prefer: str | None) -> None:
        self.datasets, self.kpis, self.prefer_finest, self.prefer = datasets, kpis, prefer_finest, prefer
        self.issues: list[Issue] = []
        self.only: str | None = None

    def _issue(self, code: str, message: str, at: int, help: str | None = None, column: str | None = None) -> None:
        self.issues.append(Issue(code, message, position=at, help=help, column=column))

    def figure(self, node: Node) -> Node:
        """The node with every aggregate bound and every KPI reference checked."""
        if isinstance(node, Agg):
            return self._aggregate(node)
        if isinstance(node, Ref):
            self._reference(node)
            return node
        if isinstance(node, Bin):
            return replace(node, left=self.figure(node.left), right=self.figure(node.right))
        if isinstance(node, Neg | Time):
            if isinstance(node, Time) and node.func in ("rolling", "to_date"):
                self._windowed(node)
            return replace(node, x=self.figure(node.x))
        return node

    def _windowed(self, node: Time) -> None:
        inner = next((n for n in walk(node.x) if isinstance(n, Time)), None)
        if inner is not None:
            self._issue("time-nested", f"{inner.func}() stands inside {node.func}().", inner.at,
                        f"write {inner.func}({node.func}(...)) instead" if inner.func not in ("rolling", "to_date") else
                        "use one of them")

    def _reference(self, node: Ref) -> None:
        if node.key in self.kpis:
            return
        columns = {c.key: d.key for d in self.datasets.values() for c in d.columns}
        if node.key in columns:
            self._issue("column-outside", f"The column {node.key!r} stands outside an aggregate.", node.at,
                        f"write for example sum({spelled(node.key)})")
            return
        hint = did_you_mean(node.key, list(self.kpis), spelled)
        self._issue("unknown-kpi", f"unknown KPI {node.key!r}", node.at, hint)

    # aggregates --------------------------------------------------------------------------------------------------
    def _aggregate(self, node: Agg) -> Agg:
        if node.func == "count" and node.dataset is None and isinstance(node.arg, Col) and len(node.arg.path) == 1:
            name = node.arg.path[0]
            if name in self.datasets:
                node = replace(node, arg=None, dataset=name)
        columns = [n for part in (node.arg, node.cond) if part is not None for n in walk(part) if isinstance(n, Col)]
        dataset = self._dataset(node, columns)
        if dataset is None:
            return node
        fields_of = {c.path: find(dataset, c.path, self.datasets) for c in columns}
        for column in columns:
            if fields_of[column.path] is None:
                self._unknown(column, dataset)
                return node
        self._check(node, dataset, {p: f for p, f in fields_of.items() if f})
        names = {p: f.path for p, f in fields_of.items() if f}
        return replace(_renamed(node, names), dataset=dataset.key)

    def _dataset(self, node: Agg, columns: list[Col]) -> Dataset | None:
        if node.dataset is not None:
            return self.datasets.get(node.dataset)
        if not columns:
            return self.datasets.get(self.only or "")
        fitting = [d for d in self.datasets.values() if all(find(d, c.path, self.datasets) for c in columns)]
        named_first = [d for d in fitting if d.key in {c.path[0] for c in columns if len(c.path) > 1}]
        fitting = named_first if len(named_first) == 1 else fitting
        if len(fitting) > 1 and not self.prefer_finest:
            named = columns[0]
            self._issue("ambiguous-column", f"{'.'.join(named.path)!r} is a column of several datasets.", named.at,
                        "write " + " or ".join(spelled(f"{d.key}.{'.'.join(named.path)}") for d in fitting[:4]))
            return None
        if fitting:
            return min(fitting, key=lambda d: (d.key != self.prefer, d.kind != "facts", d.grain.rank, d.key))
        self._explain(columns)
        return None

    def _explain(self, columns: list[Col]) -> None:
        unknown = [c for c in columns if not any(find(d, c.path, self.datasets) for d in self.datasets.values())]
        for column in unknown:
            self._unknown(column, None)
        if not unknown:
            self._issue("mixed-datasets", "One aggregate uses columns of several datasets: "
                        + ", ".join(".".join(c.path) for c in columns) + ".", columns[0].at,
                        "aggregate each dataset by itself, or join them")

    def _unknown(self, column: Col, dataset: Dataset | None) -> None:
        name, pool = ".".join(column.path), [dataset] if dataset else self._meant(column)
        known = [k for d in pool for k in known_paths(d, self.datasets)]
        full = [f"{d.key}.{k}" for d in pool for k in known_paths(d, self.datasets)]
        where = f" in {dataset.key}" if dataset else ""
        self._issue("unknown-column", f"unknown column {name!r}{where}", column.at,
                    did_you_mean(name, full if len(column.path) > 1 else known, spelled), name)

    def _meant(self, column: Col) -> list[Dataset]:
        """Datasets whose columns may be suggested: of a prefix that is no dataset only those that it may misspell, for
        a column of what is gone is no slip of the pen for a stranger's."""
        prefix = column.path[0] if len(column.path) > 1 else None
        if prefix is None or prefix in self.datasets:
            return list(self.datasets.values())
        return [self.datasets[k] for k in get_close_matches(prefix, sorted(self.datasets), n=3, cutoff=MISSPELT)]

    def _check(self, node: Agg, dataset: Dataset, found: dict[tuple[str, ...], Field]) -> None:
        if node.func in DATED and dataset.date_column is None:
            self._issue("needs-date", f"{node.func}() needs dated rows; {dataset.key} has no date.", node.at)
        if node.func in NUMERIC and node.arg is not None:
            for column in (n for n in walk(node.arg) if isinstance(n, Col)):
                if found[column.path].column.type not in ("money", "number"):
                    self._issue("needs-number", f"{node.func}() needs numbers; {'.'.join(column.path)!r} is "
                                f"{found[column.path].column.type}.", column.at, "count it with distinct() or count()")
        for test in (n for n in walk(node.cond) if isinstance(n, Cmp)) if node.cond else ():
            self._check_test(test, found[test.col.path])

    def _check_test(self, test: Cmp, field: Field) -> None:
        name, kind = ".".join(test.col.path), field.column.type
        numbers = all(isinstance(v, Decimal) for v in test.values)
        texts = all(isinstance(v, str) for v in test.values)
        if kind in ("money", "number") and not numbers:
            self._issue("condition-type", f"{name!r} holds numbers and is compared with a text.", test.at)
        elif kind in ("text", "date") and not texts:
            self._issue("condition-type", f"{name!r} holds {kind}s and is compared with a number.", test.at,
                        f'write {name} == "{test.values[0]}"')
        elif kind == "text" and test.op in ("<", "<=", ">", ">="):
            self._issue("condition-type", f"{name!r} is text: it has no order.", test.at, "use == != in or contains()")
        elif kind == "date" and (test.op == "contains" or not all(_is_date(str(v)) for v in test.values)):
            self._issue("condition-type", f"{name!r} is a date.", test.at, f'write {name} >= "2026-01-31"')

    # the whole formula -------------------------------------------------------------------------------------------
    def counts(self, tree: Node) -> None:
        """Give a bare `count()` its dataset: the only one the formula names, or the only one there is."""
        named = {n.dataset for n in walk(tree) if isinstance(n, Agg) and n.dataset}
        pool = named or set(self.datasets)
        self.only = next(iter(pool)) if len(pool) == 1 else None
        if self.only is None:
            for n in walk(tree):
                if isinstance(n, Agg) and n.dataset is None:
                    self._issue("count-dataset", "count() does not say of which dataset.", n.at,
                                f"write count({spelled(min(pool))})" if pool else None)

    def cycles(self, tree: Node, key: str | None) -> None:
        """Refuse a formula that reaches itself through other KPIs."""
        for start in (n for n in walk(tree) if isinstance(n, Ref)):
            path = find_cycle(start.key, self.kpis, (key,) if key else ())
            if path:
                self._issue("kpi-cycle", "The formula comes back to itself: " + " -> ".join(path) + ".", start.at)
                return


def find_cycle(key: str, kpis: Mapping[str, Kpi], above: tuple[str, ...],
               clear: set[str] | None = None) -> tuple[str, ...] | None:
    """The path of KPI keys that leads back to one already passed, or None. Unreadable formulas end a path.

    Raises FormulaError for a path of more than 60 KPIs.
    clear: keys known to lead to no cycle, so that definitions that share others are looked at once each.
    """
    clear = set() if clear is None else clear
    path = (*above, key)
    if key in above:
        return path
    if len(path) > MAX_CHAIN:
        raise error("kpi-chain", f"The formula reaches through more than {MAX_CHAIN} other KPIs.")
    for reference in references(kpis[key].formula) if key in kpis and key not in clear else ():
        found = find_cycle(reference, kpis, path, clear)
        if found:
            return found
    clear.add(key)
    return None


@lru_cache(maxsize=4096)
def references(formula: str) -> tuple[str, ...]:
    """The KPI keys a formula names directly; () for a formula that cannot be read."""
    try:
        return tuple(sorted({n.key for n in walk(parse(formula)) if isinstance(n, Ref)}))
    except FormulaError:
        return ()


def _renamed(node: Any, names: dict[tuple[str, ...], tuple[str, ...]]) -> Any:
    if isinstance(node, Col):
        return replace(node, path=names[node.path])
    if isinstance(node, tuple):
        return tuple(_renamed(n, names) for n in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    return replace(node, **{f.name: _renamed(getattr(node, f.name), names) for f in fields(node)})


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


