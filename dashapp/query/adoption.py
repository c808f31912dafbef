"""What a new dataset brings: starter KPIs on its own columns, and those it completes together with others.

Real data and the demo company's never meet here: only datasets and KPIs of the new one's side are looked at.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from dashapp.core.dataset import Dataset
from dashapp.core.kpi import Kpi
from dashapp.query.catalog import STARTERS, propose
from dashapp.query.columns import find
from dashapp.query.formula import parse
from dashapp.query.graph import below, rename, sources
from dashapp.query.names import references
from dashapp.query.tree import Agg, Col, walk


@dataclass(frozen=True, slots=True)
class Brought:
    """A definition to add. doubt: what else it could have meant, in words; such a one is for people to choose."""

    kpi: Kpi
    doubt: str = ""


def brought(focus: str, datasets: Mapping[str, Dataset], kpis: Mapping[str, Kpi],
            readings: Mapping[str, Collection[str]] | None = None) -> dict[str, Brought]:
    """Definitions to add for the dataset `focus`, by key; every one stands on it, itself or through others.

    kpis: what is defined; such a KPI is never changed. Where its key is taken, the dataset's own figure gets the
    dataset's key in front, and what is built on it uses that one, so that one sheet's costs never meet another sheet's
    revenue unnoticed. Then all its figures bear its name, so that no plain "Orders" stands beside another's "Revenue".
    Only starters that are meant `across` datasets take parts from elsewhere, never under a prefixed key.
    """
    side = {k: d for k, d in datasets.items() if d.is_demo == datasets[focus].is_demo}
    usable = {k: v for k, v in kpis.items() if is_computed_from(k, kpis, side)}
    own = _own(focus, side, usable, readings)
    taken = {k: f"{focus}_{k}" for k in own if k in kpis}
    serving = _Serving(focus, side, usable, own)
    names = {**serving.names, **taken}
    joint = serving.completed(readings, kpis)
    name = datasets[focus].name
    found = {taken.get(k, k): Brought(replace(v, key=taken.get(k, k), formula=rename(v.formula, names),
                                              name=f"{v.name} ({name})" if taken else v.name))
             for k, v in own.items()}
    for key, kpi in joint.items():
        found[key] = Brought(replace(kpi, formula=rename(kpi.formula, names)), serving.doubt(key, joint, names))
    return {k: v for k, v in found.items() if k not in kpis}


def is_computed_from(key: str, kpis: Mapping[str, Kpi], datasets: Collection[str]) -> bool:
    """Does the KPI, with all that it reaches, read nothing but these datasets, and is all of it there?"""
    reached = below([key], kpis)
    whole = all(r in kpis for k in reached for r in references(kpis[k].formula))
    return whole and _read(reached, kpis) <= set(datasets)


def _read(keys: Collection[str], kpis: Mapping[str, Kpi]) -> set[str]:
    return {s for k in keys for s in sources(kpis[k].formula)}


def _own(focus: str, side: Mapping[str, Dataset], usable: Mapping[str, Kpi],
         readings: Mapping[str, Collection[str]] | None) -> dict[str, Kpi]:
    """Starters that the dataset's columns serve alone, but for those that are defined on it already."""
    found = _ready({focus: side[focus]}, readings)
    here = {k for k in usable if _read(below([k], usable), usable) == {focus}}
    defined = set(here)
    if side[focus].is_demo:
        # One company: a second sheet that says the same in other words is no second figure.
        defined |= {k for k in found if any(n in usable for n in (k, *(f"{d}_{k}" for d in side)))}
    found = {k: v for k, v in found.items() if k not in defined}
    while lost := [k for k, v in found.items() if any(r not in found and r not in here
                                                      for r in references(v.formula))]:
        found = {k: v for k, v in found.items() if k not in lost}
    return found


class _Serving:
    """Which defined KPI stands for which starter, where the dataset has none of its own."""

    def __init__(self, focus: str, side: Mapping[str, Dataset], usable: Mapping[str, Kpi],
                 own: Mapping[str, Kpi]) -> None:
        self.focus, self.side, self.usable, self.own = focus, side, usable, own
        self.choices = {s.key: [k for k in (s.key, *(f"{d}_{s.key}" for d in sorted(side))) if k in usable]
                        for s in STARTERS}
        self.names = {k: self._first(found) for k, found in self.choices.items() if found and k not in own}

    def _first(self, keys: list[str]) -> str:
        """The one on the dataset itself, else the one with the plain key."""
        return next((k for k in keys if _read(below([k], self.usable), self.usable) == {self.focus}), keys[0])

    def completed(self, readings: Mapping[str, Collection[str]] | None, held: Collection[str]) -> dict[str, Kpi]:
        """Starters meant across datasets that the new one completes, in the order of the board. held: keys in use."""
        served = {k: replace(self.usable[name], key=k) for k, name in self.names.items()}
        known = {**served, **self.own}
        among = {s.key for s in STARTERS if s.across} - set(known) - set(held)
        found = _ready(self.side, readings, known, among, self.focus)
        mine = set(self.own) | {k for k, n in self.names.items() if self.focus in _read(below([n], self.usable),
                                                                                        self.usable)}
        while True:  # what stands on something left out is left out as well
            kept = {k: v for k, v in found.items()
                    if all(r in known or r in found for r in references(v.formula)) and self._reaches(k, found, mine)}
            if len(kept) == len(found):
                return found
            found = kept

    def _reaches(self, key: str, found: Mapping[str, Kpi], mine: Collection[str]) -> bool:
        reached = below([key], found)
        return self.focus in _read(reached, found) or any(r in mine for k in reached
                                                          for r in references(found[k].formula))

    def doubt(self, key: str, joint: Mapping[str, Kpi], names: Mapping[str, str]) -> str:
        """What the KPI or one it is built on could have meant as well; empty where there is nothing to choose."""
        said: dict[str, None] = {}
        for formula in (joint[k].formula for k in below([key], joint)):
            for reference in references(formula):
                meant = names.get(reference, reference)
                others = [k for k in self.choices.get(reference, ()) if k != meant]
                if others:
                    said[f"{meant} could also be {' or '.join(others)}"] = None
            for node in walk(parse(formula)):
                others = self._elsewhere(node) if isinstance(node, Agg) else []
                if others:
                    said[f"the same columns are in {' and '.join(others)}"] = None
        return "; ".join(said)

    def _elsewhere(self, agg: Agg) -> list[str]:
        paths = [n.path for part in (agg.arg, agg.cond) if part is not None for n in walk(part) if isinstance(n, Col)]
        used = {p[0] for p in paths}
        if not used or self.focus in used:
            return []
        return [k for k, d in self.side.items() if k not in used and all(find(d, p[1:], self.side) for p in paths)]


def _ready(datasets: Mapping[str, Dataset], readings: Mapping[str, Collection[str]] | None,
           known: Mapping[str, Kpi] | None = None, among: Collection[str] | None = None,
           prefer: str | None = None) -> dict[str, Kpi]:
    names = {k: v for k, v in (readings or {}).items() if k in datasets}
    return {p.kpi.key: p.kpi for p in propose(datasets, known, names, among=among, prefer=prefer) if p.kpi}
