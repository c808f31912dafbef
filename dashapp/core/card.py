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
    points: the course over the range without split, oldest first. target: of the period named by `target_label` (the
    last one with a target that the range touches), in the KPI's unit; `target_actual`: that period's figure so far.
    status: of the last complete period, named by `status_label`, by the KPI's limits, without the page's filters.
    data_through: last date the data speak for; as_of: the moment asked for, None for now. warnings: sentences.
    """

    kpi: Kpi
    value: Number | None = None
    reason: str | None = None
    compare: Compared | None = None
    points: tuple[Point, ...] = ()
    target: Number | None = None
    target_label: str | None = None
    target_actual: Number | None = None
    status: Status = "none"
    status_label: str | None = None
    data_through: date | None = None
    as_of: datetime | None = None
    warnings: tuple[str, ...] = ()
