"""What is asked of the KPI engine."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dashapp.core.period import DateRange, Grain
from dashapp.core.where import Where

Compare = Literal["none", "previous", "previous_year", "same_weekday", "target"]
MAX_DIMENSIONS = 3


@dataclass(frozen=True, slots=True)
class Question:
    """One question about KPIs.

    span: dates asked for; periods that touch it are answered whole. by: up to three dimensions. where: conditions
    that must all hold. scope: the actor's data scope, compiled in like `where` except that entity histories are cut
    by scope only. as_of: moment in UTC, None for now.
    """

    kpis: tuple[str, ...]
    grain: Grain
    span: DateRange
    by: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    compare: Compare = "none"
    as_of: datetime | None = None
    scope: tuple[Where, ...] = ()
