"""A KPI card: one figure with its comparison, course, target and status, as the overview and the API tell it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dashapp.core.kpi import Kpi
from dashapp.core.rule import Status
from dashapp.core.series import Compared, Number, Point


@dataclass(frozen=True, slots=True)
class Card:
    """What one card shows.

    value: the figure recomputed over the asked range, None with a `reason`; compare: against the chosen comparison.
    points: the course over the range without split, oldest first. target: for the whole range, in the KPI's unit.
    data_through: last date the data speak for; as_of: the moment asked for, None for now. warnings: sentences.
    """

    kpi: Kpi
    value: Number | None = None
    reason: str | None = None
    compare: Compared | None = None
    points: tuple[Point, ...] = ()
    target: Number | None = None
    status: Status = "none"
    data_through: date | None = None
    as_of: datetime | None = None
    warnings: tuple[str, ...] = ()
