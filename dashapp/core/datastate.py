"""How far the data of a dataset reach: what completeness of periods is judged by."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset


@dataclass(frozen=True, slots=True)
class DataState:
    """What is known of a dataset's dates at the asked moment.

    first, last: dates of the first and last visible row; None without rows. data_through: the last date the data
    cover, see `data_through`. weekdays: weekday (0 Monday ... 6 Sunday) -> number of distinct dates with rows.
    """

    first: date | None
    last: date | None
    data_through: date | None
    weekdays: Mapping[int, int] = field(default_factory=dict, hash=False)


def data_through(dataset: Dataset, last: date | None, declared: date | None, calendar: Calendar,
                 today: date) -> date | None:
    """The date up to which the data are there: declared at upload, else the end of the last row's own period.

    Never beyond today (the organisation's business date); None without rows and without a declaration.
    """
    if declared is None and last is None:
        return None
    reached = declared if declared is not None else calendar.period(last, dataset.grain).end  # type: ignore[arg-type]
    return min(reached, today)


def state_of(dataset: Dataset, first: date | None, last: date | None, weekdays: Mapping[int, int],
             declared: date | None, calendar: Calendar, today: date) -> DataState:
    """The state from a profile of the visible rows and the declaration of the latest upload, if any."""
    return DataState(first, last, data_through(dataset, last, declared, calendar, today), dict(weekdays))
