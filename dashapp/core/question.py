"""What is asked of the KPI engine."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dashapp.core.errors import Invalid
from dashapp.core.period import DateRange, Grain
from dashapp.core.where import Where

Compare = Literal["none", "previous", "previous_year", "same_weekday", "target"]
MAX_DIMENSIONS = 3
MAX_TOP = 100


@dataclass(frozen=True, slots=True)
class Top:
    """The n largest segments of a split, by the size of the first KPI over the whole range.

    others: all the rest as one more segment. Raises Invalid when n is not 1 to 100.
    """

    n: int
    others: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MAX_TOP:
            raise Invalid(f"The number of largest segments is 1 to {MAX_TOP}.")


@dataclass(frozen=True, slots=True)
class Question:
    """One question about KPIs.

    span: dates asked for; periods that touch it are answered whole. by: up to three dimensions. where: conditions
    that must all hold. scope: the actor's data scope, compiled in like `where` except that entity histories are cut
    by scope only. as_of: moment in UTC, None for now. top: only the largest segments of the split by name. subtotals:
    figures of the split's first dimensions, too, and those of all segments together in every period.
    """

    kpis: tuple[str, ...]
    grain: Grain
    span: DateRange
    by: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    compare: Compare = "none"
    as_of: datetime | None = None
    scope: tuple[Where, ...] = ()
    top: Top | None = None
    subtotals: bool = False
