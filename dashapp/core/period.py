"""Grains and periods: named, closed intervals of business dates."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dashapp.core.errors import Invalid

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)  # the days the product knows; sheets have no earlier ones
OUTSIDE = f"Dates lie between {FIRST_DAY} and {LAST_DAY}."


def supported(day: date) -> date:
    """The day itself. Raises Invalid for one outside of 1900-2199, so that no arithmetic ever leaves the calendar."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid(OUTSIDE)
    return day


class Grain(StrEnum):
    """How fine a question or a row is. `event` is a row grain only: a row for one thing that happened on a day."""

    EVENT = "event"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def rank(self) -> int:
        return _ORDER.index(self)

    def coarser_than(self, other: Grain) -> bool:
        """Strictly coarser; `event` and `day` answer the same questions."""
        return max(self.rank, 1) > max(other.rank, 1)


_ORDER = [Grain.EVENT, Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR]
QUESTION_GRAINS = tuple(_ORDER[1:])


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A period of a calendar: first and last date (both inside), its grain and its label (`2026-03`, `2026-W07`)."""

    start: date
    end: date
    grain: Grain
    label: str

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class DateRange:
    """Closed range of dates."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"range ends before it starts: {self.start} - {self.end}")
