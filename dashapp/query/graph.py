"""How definitions hang together: which data a KPI stands on, directly and through others, and at which grain."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from dashapp.core.currency import read_with
from dashapp.core.dataset import Dataset
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain
from dashapp.query.formula import FormulaError, parse
from dashapp.query.names import references
from dashapp.query.tree import Agg, Cmp, Col, Cond, Logic, Ref, unparse, walk


def sources(formula: str) -> tuple[str, ...]:
    """Keys of the datasets a bound formula reads itself, sorted; () for one that cannot be read."""
    nodes = _nodes(formula)
    named = {n.dataset for n in nodes if isinstance(n, Agg) and n.dataset}
    return tuple(sorted(named | {n.path[0] for n in nodes if isinstance(n, Col) and len(n.path) > 1}))


def named(formula: str) -> frozenset[str]:
    """Keys of all datasets a bound formula names, those that it reaches through a join as well."""
    nodes = _nodes(formula)
    counted = {n.arg.path[0] for n in nodes if isinstance(n, Agg) and n.func == "count" and isinstance(n.arg, Col)
               and len(n.arg.path) == 1}
    return frozenset({part for n in nodes if isinstance(n, Col) for part in n.path[:-1]}
                     | {n.dataset for n in nodes if isinstance(n, Agg) and n.dataset} | counted)


def confined(key: str, kpis: Mapping[str, Kpi]) -> frozenset[str]:
    """Columns that every aggregate of the KPI and of those below it holds to one value, named as a split names them:
    nothing is to be seen when it is split by them."""
    aggregates = [n for k in below([key], kpis) for n in _nodes(kpis[k].formula) if isinstance(n, Agg)]
    return frozenset.intersection(*(_held(a.cond) for a in aggregates)) if aggregates else frozenset()


def _held(cond: Cond | None) -> frozenset[str]:
    if isinstance(cond, Logic) and cond.op == "and":
        return frozenset().union(*map(_held, cond.parts))
    return frozenset([".".join(cond.col.path[1:])]) if isinstance(cond, Cmp) and cond.op == "==" else frozenset()


def _nodes(formula: str) -> list[Any]:
    """Every node of a formula; none of one that cannot be read."""
    try:
        return list(walk(parse(formula)))
    except FormulaError:
        return []


def below(keys: Iterable[str], kpis: Mapping[str, Kpi]) -> tuple[str, ...]:
    """The KPIs and all that their formulas reach, each once, in the order of discovery. Cycles end."""
    found: dict[str, None] = {}
    waiting = [k for k in keys if k in kpis]
    while waiting:
        key = waiting.pop(0)
        if key not in found:
            found[key] = None
            waiting += [k for k in references(kpis[key].formula) if k in kpis]
    return tuple(found)


def paths_to(key: str, kpis: Mapping[str, Kpi]) -> dict[str, tuple[str, ...]]:
    """Every KPI that stands on `key`, nearest first, with the shortest way down to it, both ends included."""
    found: dict[str, tuple[str, ...]] = {key: (key,)}
    waiting = [key]
    while waiting:
        reached = waiting.pop(0)
        for k in kpis:
            if k not in found and reached in references(kpis[k].formula):
                found[k] = (k, *found[reached])
                waiting.append(k)
    del found[key]
    return found


def needed(keys: Iterable[str], kpis: Mapping[str, Kpi], datasets: Mapping[str, Dataset]) -> tuple[str, ...]:
    """Keys of all datasets an answer reads, joined ones and rates included, sorted."""
    found = {s for key in below(keys, kpis) for s in sources(kpis[key].formula) if s in datasets}
    joined = {target.split(".")[0] for s in found for _, target in datasets[s].joins}
    joined |= {rates for s in found for rates in read_with(datasets[s], datasets)}
    return tuple(sorted(found | (joined & set(datasets))))


def finest(key: str, kpis: Mapping[str, Kpi], datasets: Mapping[str, Dataset]) -> Grain:
    """The finest grain the KPI can be asked at: the coarsest row grain of the dated data it stands on."""
    read = {s for k in below([key], kpis) for s in sources(kpis[k].formula) if s in datasets}
    grains = [datasets[s].grain for s in read if datasets[s].date_column]
    coarsest = max(grains, key=lambda g: g.rank, default=Grain.DAY)
    return Grain.DAY if coarsest is Grain.EVENT else coarsest


def rename(formula: str, keys: Mapping[str, str]) -> str:
    """The formula with references to KPIs in `keys` under their new keys."""
    return unparse(_renamed(parse(formula), keys)) if keys else formula


def _renamed(node: Any, keys: Mapping[str, str]) -> Any:
    if isinstance(node, Ref):
        return replace(node, key=keys.get(node.key, node.key))
    if isinstance(node, tuple):
        return tuple(_renamed(n, keys) for n in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    changed = {f.name: _renamed(getattr(node, f.name), keys) for f in fields(node) if f.name != "at"}
    return replace(node, **changed)
