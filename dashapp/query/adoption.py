"""What a new dataset brings: starter KPIs on its own columns first, then those it completes together with others."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from dashapp.core.dataset import Dataset
from dashapp.core.kpi import Kpi
from dashapp.query.catalog import propose
from dashapp.query.graph import below, rename


def brought(focus: str, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi],
            replaceable: Collection[str] = (), readings: Mapping[str, Collection[str]] | None = None) -> dict[str, Kpi]:
    """Definitions to add for the dataset `focus`, by key.

    datasets: those it may be combined with, itself included. kpis: what is defined; such a KPI is never changed: where
    the dataset has its own figure of that key, the new one gets the dataset's key in front and what is built on it
    uses the new one, so that one sheet's costs never meet another sheet's revenue unnoticed. replaceable: defined keys
    that only get in the way (the demo company's): what is completed across datasets may get a prefixed twin of them.
    """
    near = {k: d for k, d in datasets.items() if k == focus or d.kind == "reference"}
    own = _ready(near, readings)
    shadowed = {k for k in own if k in kpis}
    wide = {k: v for k, v in _ready(datasets, readings).items()
            if k not in own and (k not in kpis or k in replaceable)}
    joint = {**own, **wide}
    chosen = {k: v for k, v in joint.items() if k in own or not shadowed & set(below([k], joint))}
    taken = {k: f"{focus}_{k}" for k in chosen if k in kpis}
    name = datasets[focus].name
    return {taken.get(k, k): replace(v, key=taken.get(k, k), formula=rename(v.formula, taken),
                                     name=f"{v.name} ({name})" if k in taken else v.name)
            for k, v in chosen.items() if taken.get(k, k) not in kpis}


def _ready(datasets: Mapping[str, Dataset], readings: Mapping[str, Collection[str]] | None) -> dict[str, Kpi]:
    known = {k: v for k, v in (readings or {}).items() if k in datasets}
    return {p.kpi.key: p.kpi for p in propose(datasets, readings=known) if p.kpi}
