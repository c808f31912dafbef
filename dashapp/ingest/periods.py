"""Headers that name periods: `Jan 2025`, `Q1 2025`, `2025`, or a month here and its year in the row above."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from dashapp.ingest.cells import KEPT
from dashapp.ingest.dates import month_number, orders_of, read_date

Length = Literal["day", "week", "month", "quarter", "year"]
LENGTHS: tuple[Length, ...] = ("day", "week", "month", "quarter", "year")

_YEAR = re.compile(r"(?:CY ?)?((?:19|20)\d\d)(?:\.0)?")
_QUARTER = re.compile(
    r"(?:Q|T|KQ)\s?([1-4])|([1-4])\.?\s?(?:Q|Quartal|Qtr|quarter)|(?:Quarter|Quartal|Qtr)\s([1-4])", re.I)
_QUARTER_YEAR = re.compile(r"(?:Q([1-4])|([1-4])Q)[ '/-]*(\d{2}|\d{4})|(\d{4})[ /-]*(?:Q([1-4])|([1-4])Q)", re.I)
_WEEK = re.compile(r"(?:KW|CW|WK|Week|Woche|W)\.?\s?(\d{1,2})[ '/-]+(\d{4})|(\d{4})[ /-]*(?:KW|CW|WK|W)\.?\s?(\d{1,2})",
                   re.I)
_MONTH_ONLY = re.compile(
    r"\d{4}[-/. ]\d{1,2}|\d{1,2}[-/.]\d{4}|[^\W\d_]+\.?[- ./,']*(?:\d{4}|\d{2})|\d{4}[- ./]*[^\W\d_]+\.?")
_MARKS = " \t*†‡¹²³"


@dataclass(frozen=True, slots=True)
class Span:
    """One period. text: as the date column reads it; start: its first day, None where day and month could be swapped.
    """

    length: Length
    text: str
    start: date | None


@dataclass(frozen=True, slots=True)
class Part:
    """A month or quarter without its year."""

    length: Literal["month", "quarter"]
    number: int

    def of(self, year: int) -> Span:
        """The period of that year."""
        if self.length == "month":
            return Span("month", f"{year}-{self.number:02d}", date(year, self.number, 1))
        return Span("quarter", f"{year}-Q{self.number}", date(year, 3 * self.number - 2, 1))


def year_of(text: str | None) -> int | None:
    """The year a text names and nothing else: `2025`."""
    found = _YEAR.fullmatch(text.strip(_MARKS)) if text else None
    return int(found[1]) if found else None


def part_of(text: str | None) -> Part | None:
    """The month or quarter a text names without a year: `Jan`, `März`, `Q1`, `1. Quartal`."""
    plain = (text or "").strip(_MARKS)
    return _part(plain) if plain and len(plain) <= 12 else None


@lru_cache(maxsize=KEPT)
def _part(plain: str) -> Part | None:
    if found := _QUARTER.fullmatch(plain):
        return Part("quarter", int(next(g for g in found.groups() if g)))
    month = month_number(plain.rstrip("."))
    return Part("month", month) if month else None


def span_of(text: str | None) -> Span | None:
    """The period a text names by itself, years included; None for anything else."""
    plain = (text or "").strip(_MARKS)
    return _span(plain) if plain and len(plain) <= 40 else None


@lru_cache(maxsize=KEPT)
def _span(plain: str) -> Span | None:
    if (year := year_of(plain)) is not None:
        return Span("year", f"{year}-01-01", date(year, 1, 1))
    if found := _QUARTER_YEAR.fullmatch(plain):
        number = int(found[1] or found[2] or found[5] or found[6])
        year = int(found[3] or found[4])
        return Part("quarter", number).of(year + 2000 if year < 100 else year)
    if found := _WEEK.fullmatch(plain):
        return _week(int(found[2] or found[3]), int(found[1] or found[4]))
    return _dated(plain)


def _week(year: int, week: int) -> Span | None:
    try:
        return Span("week", f"{year}-W{week:02d}", date.fromisocalendar(year, week, 1))
    except ValueError:
        return None


def _dated(plain: str) -> Span | None:
    orders = orders_of(plain)
    if not orders:
        return None
    length: Length = "month" if _MONTH_ONLY.fullmatch(plain) else "day"
    days = {read_date(plain, order) for order in (orders - {"iso"} or {"iso"})}
    day = next(iter(days)) if len(days) == 1 else None
    return Span(length, plain, day if isinstance(day, date) else None)
