"""What a saved definition waits for: columns that were there when it was bound and are not here now."""
from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashapp.core.dataset import Dataset
from dashapp.core.errors import Invalid
from dashapp.core.kpi import Kpi
from dashapp.query.graph import below
from dashapp.query.names import bind


def wanting(error: Invalid) -> tuple[str, ...]:
    """Full names of the columns that a formula is refused for; () when anything else is wrong with it as well."""
    columns = tuple(dict.fromkeys(i.column for i in error.issues if i.code == "unknown-column" and i.column))
    return columns if all(i.code == "unknown-column" for i in error.issues) else ()


def standing(kpi: Kpi, kpis: Mapping[str, Kpi], datasets: Mapping[str, Dataset]) -> tuple[tuple[str, ...],
                                                                                        tuple[str, ...]]:
    """Of one definition by itself: what it needs, as names of columns or else sentences, and the datasets it reads."""
    try:
        return (), bind(kpi.formula, datasets, kpis, key=kpi.key).datasets
    except Invalid as error:
        return wanting(error) or tuple(i.message for i in error.issues) or (error.message,), ()


def lacking(keys: Iterable[str], kpis: Mapping[str, Kpi],
            datasets: Mapping[str, Dataset]) -> dict[str, tuple[str, ...]]:
    """Which of the KPIs cannot be computed, by key: what they, or those below them, need. Each is bound once."""
    asked = tuple(keys)
    needs = {k: standing(kpis[k], kpis, datasets)[0] for k in below(asked, kpis)}
    found = {k: tuple(dict.fromkeys(n for r in below([k], kpis) for n in needs[r])) for k in asked}
    return {k: v for k, v in found.items() if v}
