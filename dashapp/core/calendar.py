"""The organisation's calendar: which period holds a date, what its label is, and what came before.

Gregorian with a fiscal-year start month and a week start, or the retail 4-4-5 family. Pure arithmetic, no clock.
A fiscal year is named for the year it ends in. ISO 8601 names weeks that start on Monday; other week starts use
the year that holds the week's fourth day, as ISO does.
"""
from __future__ import annotations

import calendar as _months
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from dashapp.core.errors import Invalid
from dashapp.core.period import FIRST_DAY, LAST_DAY, OUTSIDE, DateRange, Grain, Period, supported

Family = Literal["gregorian", "4-4-5", "4-5-4", "5-4-4"]
_LABEL = re.compile(
    r"^(?P<fiscal>FY)?(?P<year>\d{4})(?:-(?:W(?P<week>\d{2})|Q(?P<quarter>[1-4])|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?$",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """fiscal_month: 1-12, first month of the fiscal year; week_start: 0 Monday ... 6 Sunday; family: see module."""

    fiscal_month: int = 1
    week_start: int = 0
    family: Family = "gregorian"

    def period(self, day: date, grain: Grain) -> Period:
        """The period of `grain` that holds `day`; it may reach over the edge. Raises Invalid for an unsupported day."""
        supported(day)
        if grain in (Grain.EVENT, Grain.DAY):
            return Period(day, day, Grain.DAY, day.isoformat())
        if grain is Grain.WEEK:
            return self._week(day)
        if self.family != "gregorian":
            return _retail_period(self, day, grain)
        return self._gregorian(day, grain)

    def periods(self, span: DateRange, grain: Grain) -> list[Period]:
        """All periods that touch `span`, oldest first, without gaps. Raises Invalid for a range over the edge."""
        out = [self.period(max(self.supported(span, grain).start, FIRST_DAY), grain)]
        while out[-1].end < span.end:
            out.append(self.next(out[-1]))
        return out

    def supported(self, span: DateRange, grain: Grain) -> DateRange:
        """The range itself. Raises Invalid for a day outside the periods of the first and the last supported day."""
        if span.start < self.period(FIRST_DAY, grain).start or span.end > self.period(LAST_DAY, grain).end:
            raise Invalid(OUTSIDE)
        return span

    def next(self, period: Period) -> Period:
        return self.period(period.end + timedelta(1), period.grain)

    def previous(self, period: Period, n: int = 1) -> Period:
        """The n-th period of the same grain before `period`. Raises Invalid where the calendar does not reach."""
        for _ in range(n):
            period = self.period(period.start - timedelta(1), period.grain)
        return period

    def year_ago(self, period: Period, same_weekday: bool = False) -> Period | None:
        """The same period a year earlier; None for a 53rd week. Days: same date (29 Feb -> 28 Feb) or 52 weeks back."""
        if period.grain is Grain.DAY:
            ago = period.start - timedelta(364) if same_weekday else _same_date_last_year(period.start)
            return self.period(ago, Grain.DAY)
        if period.grain is Grain.WEEK:
            return self._week_year_ago(period)
        if self.family != "gregorian":
            return _retail_year_ago(self, period)
        return self.period(_same_date_last_year(period.start), period.grain)

    def start_of(self, grain: Grain, day: date) -> date:
        """First day of the period of `grain` that holds `day` (year and quarter are fiscal)."""
        return self.period(day, grain).start

    def parse(self, label: str) -> Period:
        """The period a label names: `2011-11-14`, `2011-W46`, `2011-11`, `2011-Q4`, `2011`, `FY2011`, `FY2011-Q4`.

        Raises Invalid when the text is no label of this calendar, or one outside the supported years.
        """
        match = _LABEL.match(label.strip())
        try:
            if match:
                return self._named({k: v for k, v in match.groupdict().items() if v})
        except OverflowError:
            raise Invalid(OUTSIDE) from None
        except ValueError:
            pass
        raise Invalid(f"{label[:40]!r} is not a period. Write 2026-03-31, 2026-W13, 2026-03, 2026-Q1 or 2026.")

    def _named(self, part: dict[str, str]) -> Period:
        year = int(part["year"])
        if "fiscal" in part and ("day" in part or "week" in part or ("month" in part and self.family == "gregorian")):
            raise ValueError("counted by the plain year")
        if "day" in part:
            return self.period(date(year, int(part["month"]), int(part["day"])), Grain.DAY)
        if "week" in part:
            found = self._week(self._week_one(year) + timedelta(7 * (int(part["week"]) - 1)))
            if not found.label.startswith(f"{year}-"):
                raise ValueError("no such week")
            supported(max(found.start, FIRST_DAY) if found.end >= FIRST_DAY else found.end)
            return found
        if "month" in part:
            return self.period(self._month_anchor(year, int(part["month"])), Grain.MONTH)
        first = self._year_start(year)
        if "quarter" in part:
            period = self.period(first, Grain.QUARTER)
            for _ in range(int(part["quarter"]) - 1):
                period = self.next(period)
            return period
        return self.period(first, Grain.YEAR)

    def _month_anchor(self, year: int, month: int) -> date:
        if self.family == "gregorian":
            return date(year, month, 1)
        period = self.period(_retail_start(self, year), Grain.MONTH)
        if not 1 <= month <= 12:
            raise ValueError("no such month")
        for _ in range(month - 1):
            period = self.next(period)
        return period.start

    def _year_start(self, year: int) -> date:
        if self.family != "gregorian":
            return _retail_start(self, year)
        return date(year if self.fiscal_month == 1 else year - 1, self.fiscal_month, 1)

    def _fiscal_year(self, day: date) -> int:
        return day.year if self.fiscal_month == 1 or day.month < self.fiscal_month else day.year + 1

    def _gregorian(self, day: date, grain: Grain) -> Period:
        if grain is Grain.MONTH:
            return Period(day.replace(day=1), _month_end(day), grain, f"{day:%Y-%m}")
        year, prefix = self._fiscal_year(day), "" if self.fiscal_month == 1 else "FY"
        since = (day.month - self.fiscal_month) % 12
        if grain is Grain.QUARTER:
            start = _add_months(day, -(since % 3))
            return Period(start, _month_end(_add_months(start, 2)), grain, f"{prefix}{year}-Q{since // 3 + 1}")
        start = _add_months(day, -since)
        return Period(start, _month_end(_add_months(start, 11)), grain, f"{prefix}{year}")

    def _week_one(self, year: int) -> date:
        fourth = date(year, 1, 4)
        return fourth - timedelta((fourth.weekday() - self.week_start) % 7)

    def _week(self, day: date) -> Period:
        start = day - timedelta((day.weekday() - self.week_start) % 7)
        year = (start + timedelta(3)).year
        number = (start - self._week_one(year)).days // 7 + 1
        return Period(start, start + timedelta(6), Grain.WEEK, f"{year}-W{number:02d}")

    def _week_year_ago(self, period: Period) -> Period | None:
        year, number = int(period.label[:4]), int(period.label[-2:])
        found = self._week(self._week_one(year - 1) + timedelta(7 * (number - 1)))
        return found if found.label == f"{year - 1}-W{number:02d}" else None


def _month_end(day: date) -> date:
    return day.replace(day=_months.monthrange(day.year, day.month)[1])


def _add_months(day: date, n: int) -> date:
    """The first of the month that is n months after that of `day`."""
    index = day.year * 12 + day.month - 1 + n
    return date(index // 12, index % 12 + 1, 1)


def _same_date_last_year(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


# The retail family: a year of 52 or 53 whole weeks that ends on the last week end in the month before
# `fiscal_month` (National Retail Federation practice); the 53rd week belongs to the last month.
_PATTERNS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}


def _retail_start(calendar: Calendar, year: int) -> date:
    """First day of retail year `year`: the week start nearest to the first of `fiscal_month`."""
    nominal = date(year if calendar.fiscal_month == 1 else year - 1, calendar.fiscal_month, 1)
    back = (nominal.weekday() - calendar.week_start) % 7
    return nominal - timedelta(back) if back <= 3 else nominal + timedelta(7 - back)


@lru_cache(maxsize=256)
def _retail_months(calendar: Calendar, year: int) -> tuple[tuple[date, date], ...]:
    start, after = _retail_start(calendar, year), _retail_start(calendar, year + 1)
    weeks = list(_PATTERNS[calendar.family] * 4)
    weeks[-1] += (after - start).days // 7 - 52
    out = []
    for n in weeks:
        out.append((start, start + timedelta(7 * n - 1)))
        start += timedelta(7 * n)
    return tuple(out)


def _retail_year(calendar: Calendar, day: date) -> int:
    for year in (day.year - 1, day.year, day.year + 1):
        if _retail_start(calendar, year) <= day < _retail_start(calendar, year + 1):
            return year
    raise AssertionError("retail years cover every date")


def _retail_period(calendar: Calendar, day: date, grain: Grain) -> Period:
    year = _retail_year(calendar, day)
    months = _retail_months(calendar, year)
    index = next(i for i, (start, end) in enumerate(months) if start <= day <= end)
    prefix = "" if calendar.fiscal_month == 1 else "FY"
    if grain is Grain.MONTH:
        return Period(*months[index], grain, f"{prefix}{year}-{index + 1:02d}")
    if grain is Grain.QUARTER:
        first = index // 3 * 3
        return Period(months[first][0], months[first + 2][1], grain, f"{prefix}{year}-Q{index // 3 + 1}")
    return Period(months[0][0], months[-1][1], grain, f"{prefix}{year}")


def _retail_year_ago(calendar: Calendar, period: Period) -> Period:
    year = _retail_year(calendar, period.start)
    months, before = _retail_months(calendar, year), _retail_months(calendar, year - 1)
    index = next(i for i, (start, _) in enumerate(months) if start == period.start)
    return _retail_period(calendar, before[index][0], period.grain)
