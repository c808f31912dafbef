"""A KPI card: one figure with its comparison, course, target and status, as the overview and the API tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dashapp.core.kpi import Kpi
from dashapp.core.period import Period
from dashapp.core.rule import Status
from dashapp.core.series import Compared, Number, Point, Total


@dataclass(frozen=True, slots=True)
class Card:
    """What one card shows.

    value: the figure of `period`, the last complete one of the range (an unfinished one where none is complete, then
    `complete` is False), None with a `reason`; compare: that period against the chosen comparison. so_far: the
    unfinished period after it, if it has a value. total: the figure recomputed over the whole range.
    points: the course over the range without split, oldest first. target: of the period named by `target_period` (the
    last one with a target that the range touches), in the KPI's unit; `target_actual`: that period's figure so far.
    status: of the last complete period, `status_period`, by the KPI's limits, without the page's filters.
    data_through: last date the data speak for; as_of: the moment the figures are as known at, that of
    the question where none was asked for. warnings: sentences.
    """

    kpi: Kpi
    value: Number | None = None
    reason: str | None = None
    compare: Compared | None = None
    points: tuple[Point, ...] = ()
    target: Number | None = None
    target_period: Period | None = None
    target_actual: Number | None = None
    status: Status = "none"
    status_period: Period | None = None
    data_through: date | None = None
    as_of: datetime | None = None
    warnings: tuple[str, ...] = ()
    period: Period | None = None
    complete: bool = True
    so_far: Point | None = None
    total: Total | None = None


def headline(points: Sequence[Point]) -> tuple[Point | None, Point | None]:
    """The point a card is about and the unfinished one after it: (last complete with a value, unfinished with a value).

    points: one per period, oldest first. Where the only complete one is the part in which the data begin, it is told
    as such. Without a complete value the last unfinished one is the first of the pair; without any value it is the
    last point, which has a reason.
    """
    told = [p for p in points if p.value is not None]
    done = [p for p in told if p.complete]
    if not done:
        return (told[-1] if told else points[-1] if points else None), None
    later = [p for p in told if p.period.start > done[-1].period.start]
    return done[-1], later[-1] if later else None
