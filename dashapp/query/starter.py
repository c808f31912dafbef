"""Starter KPIs: definitions with alternative formulas, bound to the columns that an installation has.

A formula whose columns are absent does not fail; the KPI says what it needs.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from dashapp.core.dataset import Dataset
from dashapp.core.kpi import Direction, Kpi, Unit
from dashapp.core.registry import Registry
from dashapp.query.formula import FormulaError, parse
from dashapp.query.names import bind
from dashapp.query.tree import Agg, Col, Ref, walk


@dataclass(frozen=True, slots=True)
class Starter:
    """One KPI of the catalogue. formulas: alternatives with bare names, tried in order; order: place on the board."""

    key: str
    name: str
    order: int
    formulas: tuple[str, ...]
    unit: Unit
    direction: Direction
    decimals: int
    category: str
    weight: float
    description: str
    min_value: float | None = None
    max_value: float | None = None
    absent_is_zero: bool = False

    def kpi(self, formula: str) -> Kpi:
        """The definition with this formula."""
        shared = {f.name for f in fields(self)} - {"order", "formulas"}
        return Kpi(formula=formula, **{name: getattr(self, name) for name in shared})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A starter KPI on the data that are here: `kpi` with its bound formula, or None and what it needs.

    needs: names of absent columns of the first alternative, and of KPIs that cannot be computed themselves.
    """

    starter: Kpi
    kpi: Kpi | None
    needs: tuple[str, ...] = ()


CATALOG: Registry[Starter] = Registry("dashapp.query.catalog", Starter)


def propose(datasets: Mapping[str, Dataset]) -> tuple[Proposal, ...]:
    """Every starter KPI in the order of the board, bound where the columns support it."""
    starters = sorted(CATALOG, key=lambda s: s.order)
    ready: dict[str, Kpi] = {}
    grown = True
    while grown:  # a KPI that stands on others is ready when they are
        grown = False
        for starter in starters:
            if starter.key not in ready and (found := _bound(starter, datasets, ready)):
                ready[starter.key] = found
                grown = True
    return tuple(Proposal(s.kpi(s.formulas[0]), ready.get(s.key), () if s.key in ready else _needs(s, datasets, ready))
                 for s in starters)


def _bound(starter: Starter, datasets: Mapping[str, Dataset], ready: Mapping[str, Kpi]) -> Kpi | None:
    for formula in starter.formulas:
        try:
            return starter.kpi(bind(formula, datasets, ready, key=starter.key, prefer_finest=True).formula)
        except FormulaError:
            continue
    return None


def _needs(starter: Starter, datasets: Mapping[str, Dataset], ready: Mapping[str, Kpi]) -> tuple[str, ...]:
    nodes = list(walk(parse(starter.formulas[0])))
    columns = [n for n in nodes if isinstance(n, Agg | Col)]
    names = [".".join(n.path) for n in columns if isinstance(n, Col)]
    known = {c.key for d in datasets.values() for c in d.columns}
    absent = [n for n in dict.fromkeys(names) if n not in known]
    lacking = [n.key for n in nodes if isinstance(n, Ref) and n.key not in ready]
    return (*absent, *dict.fromkeys(lacking)) or tuple(dict.fromkeys(names))
