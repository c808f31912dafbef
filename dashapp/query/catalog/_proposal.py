"""Which starter KPIs the datasets support, with the binding of each, and what the others would need."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dashapp.core.dataset import Dataset, snake_case
from dashapp.core.kpi import CATEGORIES, Kpi
from dashapp.query.catalog._starter import STARTERS, Starter
from dashapp.query.catalog._synonyms import translated
from dashapp.query.columns import find
from dashapp.query.formula import FormulaError, parse
from dashapp.query.names import bind
from dashapp.query.tree import Agg, Col, Node, Ref, walk


@dataclass(frozen=True, slots=True)
class Proposal:
    """One starter KPI. kpi: its definition with the names bound, or None; needs: the columns it waits for."""

    starter: Starter
    kpi: Kpi | None
    needs: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The sentence of a KPI that cannot be computed yet; empty for one that can."""
        return f"needs: {', '.join(self.needs)}" if self.kpi is None else ""


def propose(datasets: Mapping[str, Dataset], known: Mapping[str, Kpi] | None = None,
            readings: Mapping[str, Collection[str]] | None = None, *, among: Collection[str] | None = None,
            prefer: str | None = None) -> list[Proposal]:
    """Every starter KPI in the order of the board: bound to the first alternative the datasets support.

    known: KPIs already defined; they are kept as they are and used where a starter refers to them. readings: dataset ->
    names of the KPIs in a readings dataset (`date, kpi, value`), for the indexes that are only ever uploaded.
    Where several datasets have the columns, `prefer` is taken, else the one with the finest rows. among: keys of the
    starters to look at, None for all.
    """
    starters = {s.key: s for s in STARTERS if among is None or s.key in among}
    chooser = _Chooser(datasets, dict(known or {}), readings or {}, starters, prefer)
    asked = sorted((s for s in starters.values() if s.key not in (known or {})),
                   key=lambda s: (CATEGORIES.index(s.category), s.order))
    return [chooser.proposal(s.key) for s in asked]


class _Chooser:
    def __init__(self, datasets: Mapping[str, Dataset], kpis: dict[str, Kpi],
                 readings: Mapping[str, Collection[str]], starters: Mapping[str, Starter],
                 prefer: str | None) -> None:
        self.datasets, self.kpis, self.readings = datasets, kpis, readings
        self.starters, self.prefer = starters, prefer
        self.done: dict[str, Proposal] = {}

    def proposal(self, key: str, above: frozenset[str] = frozenset()) -> Proposal:
        """The proposal for one starter, after those it refers to."""
        if key not in self.done:
            self.done[key] = self._decide(self.starters[key], above | {key})
        return self.done[key]

    def _decide(self, starter: Starter, above: frozenset[str]) -> Proposal:
        needs: tuple[str, ...] = ()
        for formula in (*self._preferred(starter), *self._named(starter), *self._translated(starter),
                        *self._uploaded(starter)):
            missing = self._missing(parse(formula), above)
            if missing:
                needs = needs or missing
                continue
            try:
                bound = bind(formula, self.datasets, self.kpis, key=starter.key, prefer_finest=True,
                             prefer=self.prefer)
            except FormulaError as bad:
                needs = needs or (bad.message,)
                continue
            kpi = starter.kpi(bound.formula)
            self.kpis[starter.key] = kpi
            return Proposal(starter, kpi)
        return Proposal(starter, None, needs)

    def _missing(self, tree: Node, above: frozenset[str]) -> tuple[str, ...]:
        """Columns and KPIs a formula waits for; columns of one aggregate must lie in one dataset."""
        out: list[str] = []
        for node in walk(tree):
            if isinstance(node, Ref) and node.key not in self.kpis:
                other = self.proposal(node.key, above) if node.key in self.starters and node.key not in above else None
                if other is None or other.kpi is None:
                    out += other.needs if other else (node.key,)
            if isinstance(node, Agg):
                out += self._columns(node)
        return tuple(dict.fromkeys(out))

    def _columns(self, agg: Agg) -> list[str]:
        columns = [n for part in (agg.arg, agg.cond) if part is not None for n in walk(part) if isinstance(n, Col)]
        lacking = [[c for c in columns if find(d, c.path, self.datasets) is None] for d in self.datasets.values()]
        fewest = min(lacking, key=len, default=columns)
        return [".".join(c.path) for c in fewest]

    def _named(self, starter: Starter) -> list[str]:
        """The alternatives; where nobody has a `customer_id`, also with the column marked as the customer."""
        out = list(starter.formulas)
        if not any(d.column("customer_id") for d in self.datasets.values()):
            for dataset in sorted(self.datasets.values(), key=lambda d: (d.grain.rank, d.key)):
                if dataset.entity_column and dataset.kind == "facts":
                    name = f"{dataset.key}.{dataset.entity_column}"
                    out += [f.replace("customer_id", name) for f in starter.formulas if "customer_id" in f]
        return out

    def _preferred(self, starter: Starter) -> list[str]:
        near = self.datasets.get(self.prefer or "")
        return [f for formula in starter.formulas if near and (f := translated(formula, near))]

    def _translated(self, starter: Starter) -> list[str]:
        """The alternatives in the words of each dataset's own headers."""
        near = sorted(self.datasets.values(), key=lambda d: (d.grain.rank, d.key))
        found = (translated(f, d) for d in near if d.kind == "facts" for f in starter.formulas)
        return [f for f in found if f]

    def _uploaded(self, starter: Starter) -> list[str]:
        """An uploaded reading of that very name, averaged over the period."""
        out = []
        for dataset, names in sorted(self.readings.items()):
            for name in sorted(names):
                if snake_case(name) in (starter.key, snake_case(starter.label)):
                    text = name.replace("\\", "\\\\").replace('"', '\\"')
                    out.append(f'avg({dataset}.value, {dataset}.kpi == "{text}")')
        return out
