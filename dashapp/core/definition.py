"""A KPI definition as people see it: what it needs, and how it came to be what it is."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashapp.core.kpi import Kpi


@dataclass(frozen=True)
class KpiView:
    """A definition with what it still needs: () when every column is there, else sentences such as `needs: mrr`.

    doubt: what a proposal could have meant as well, in words; empty where there is only one reading.
    """

    kpi: Kpi
    needs: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    doubt: str = ""


@dataclass(frozen=True)
class Leaving:
    """The KPIs that stand on a dataset. goes: proposed by the product and never changed, dependants first; they go with
    it. stays: what people wrote or changed, and what other KPIs are built on; they wait for their data."""

    goes: tuple[Kpi, ...] = ()
    stays: tuple[Kpi, ...] = ()


@dataclass(frozen=True)
class KpiChange:
    """One saved version of a definition: who, when, why."""

    kpi: Kpi
    saved_at: datetime
    saved_by: str
    why: str
    deleted: bool
