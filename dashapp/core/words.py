"""Numbers, changes and dates in words: the one formatter of screens, reports and alerts (over Babel's CLDR data).

Values are in the KPI's unit; percent units hold fractions (0.12 is shown as 12 %). Rounding is half away from zero, as
spreadsheets do. No value (None, NaN, infinity) is an em dash; the reason stands beside it, never a 0. Minus is U+2212.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import (
    DateTimePattern,
    format_datetime,
    format_interval,
    format_timedelta,
    get_timezone,
    match_skeleton,
    parse_pattern,
)

from dashapp.core import digits
from dashapp.core.kpi import Unit
from dashapp.core.period import DateRange, Grain, Period
from dashapp.core.series import Number

NO_VALUE = "—"
MINUS = "\u2212"
COMPACT_FROM = 100_000
_PLACES_OF_FULL = 4


def number(
    value: Number | None,
    unit: Unit = "number",
    decimals: int = 0,
    *,
    locale: str = "en",
    currency: str = "EUR",
    compact: bool = False,
) -> str:
    """`value` in words: `€1,234.50`, `12.3%`, `4,711`, `3.5 days`.

    compact: three significant digits from 100,000 on (`€1.23M`), and no decimals from 1,000 on; percentages stay.
    """
    exact = digits.exact(value)
    if exact is None:
        return NO_VALUE
    if compact and unit != "percent":
        decimals = 0 if abs(exact) >= 1000 else decimals
        if abs(exact) >= COMPACT_FROM:
            return _minus(digits.compact(exact, unit, locale, currency))
    return _minus(digits.plain(exact, unit, decimals, locale, currency))


def counted(value: int, one: str, many: str = "", *, locale: str = "en") -> str:
    """How many of something: `1 row`, `0 rows`, `4,711 rows`. many: the plural where it is not `one` and an s."""
    return f"{number(value, locale=locale)} {one if value == 1 else many or one + 's'}"


def headed(text: str) -> str:
    """A column's name as a label: `order_channel` is `Order channel`; what is written in capitals stays so."""
    said = text.replace("_", " ").strip()
    return said[:1].upper() + said[1:]


def full(
    value: Number | None, unit: Unit = "number", decimals: int = 0, *, locale: str = "en", currency: str = "EUR"
) -> str:
    """The value for tooltips: at least `decimals`, up to four further digits where they are not zero."""
    exact = digits.exact(value)
    if exact is None:
        return NO_VALUE
    shift = 2 if unit == "percent" else 0
    exponent = digits.rounded(exact, decimals + _PLACES_OF_FULL + shift).normalize(digits.WIDE).as_tuple().exponent
    places = max(decimals, -int(exponent) - shift)
    return _minus(digits.plain(exact, unit, places, locale, currency))


def signed(
    value: Number | None,
    unit: Unit = "number",
    decimals: int = 0,
    *,
    locale: str = "en",
    currency: str = "EUR",
    compact: bool = False,
) -> str:
    """A difference with its sign: `+€1,200`, `−3`; between percentages in percentage points: `+1.2 pp`."""
    exact = digits.exact(value)
    if exact is None:
        return NO_VALUE
    if unit == "percent":
        exact, decimals = exact * 100, max(decimals, 1)
        text = number(exact.copy_abs(), "number", decimals, locale=locale) + " pp"
        is_zero = digits.rounded(exact, decimals) == 0
    else:
        text = number(exact.copy_abs(), unit, decimals, locale=locale, currency=currency, compact=compact)
        is_zero = not re.search(r"[1-9]", _ascii_digits(text))
    return text if is_zero else (MINUS if exact < 0 else "+") + text


def change(
    absolute: Number | None,
    ratio: float | None,
    unit: Unit = "number",
    decimals: int = 0,
    *,
    locale: str = "en",
    currency: str = "EUR",
) -> str:
    """The headline of a comparison: percentage points for percent units, else the relative change (`+4.2%`).

    ratio is a fraction of the other side's absolute value; without it (other side zero) the absolute change is told.
    """
    share = digits.exact(ratio)
    if unit == "percent" or share is None:
        return signed(absolute, unit, decimals, locale=locale, currency=currency, compact=True)
    places = 0 if abs(share) >= 10 else 1
    text = digits.plain(share.copy_abs(), "percent", places, locale, currency)
    if digits.rounded(share, places + 2) == 0:
        return text
    return (MINUS if share < 0 else "+") + text


def period(value: Period, *, locale: str = "en") -> str:
    """A period as people say it: `14 Nov 2011`, `Week 46, 2011`, `Nov 2011`, `Q4 2011`, `FY2011`."""
    if value.grain in (Grain.DAY, Grain.EVENT):
        return day(value.start, locale=locale)
    if value.grain is Grain.WEEK:
        return f"Week {int(value.label[-2:])}, {value.label[:4]}"
    if value.grain is Grain.MONTH and not value.label.startswith("FY"):
        return _dated("yMMM", _middle(value), locale)
    if value.grain is Grain.QUARTER:
        return f"{value.label[-2:]} {value.label[:-3]}"
    return value.label


def day(value: date, *, locale: str = "en") -> str:
    """A date with its year: `Nov 14, 2011` or as the locale writes it."""
    return _dated("yMMMd", value, locale)


def tick(value: Period, *, locale: str = "en", with_year: bool = False) -> str:
    """A short label for axes; `with_year` where the year begins."""
    if value.grain in (Grain.DAY, Grain.EVENT):
        return _dated("yMMMd" if with_year else "MMMd", value.start, locale)
    if value.grain is Grain.WEEK:
        return f"W{value.label[-2:]} {value.label[:4]}" if with_year else f"W{value.label[-2:]}"
    if value.grain is Grain.MONTH and not value.label.startswith("FY"):
        return _dated("yMMM" if with_year else "MMM", _middle(value), locale)
    if value.grain is Grain.QUARTER:
        return f"{value.label[-2:]} {value.label[:-3]}" if with_year else value.label[-2:]
    return value.label


def span(value: DateRange, *, locale: str = "en") -> str:
    """A range of dates: `Mar 4 – Apr 7, 2026`."""
    if value.start == value.end:
        return day(value.start, locale=locale)
    return format_interval(value.start, value.end, "yMMMd", locale=locale)


def moment(value: datetime, zone: str = "UTC", *, locale: str = "en", seconds: bool = False) -> str:
    """A moment in the zone, to the minute: `Nov 14, 2011, 7:40 AM`. `value` is aware, or naive and then UTC."""
    text = format_datetime(value, "medium", tzinfo=get_timezone(zone), locale=locale)
    return text if seconds else re.sub(r"(\d):(\d\d):\d\d", r"\1:\2", text)


def age(value: timedelta, *, locale: str = "en") -> str:
    """How long ago: `3 hours ago`."""
    return format_timedelta(-value, add_direction=True, locale=locale)


def is_locale(text: str) -> bool:
    """Does CLDR know this locale (`de`, `de_CH`, `en-GB`)?"""
    try:
        Locale.parse(text.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Words:
    """The formatter bound to an organisation's locale, currency and zone, so that callers pass values only."""

    locale: str = "en"
    currency: str = "EUR"
    zone: str = "UTC"

    def number(self, value: Number | None, unit: Unit = "number", decimals: int = 0, *, compact: bool = False) -> str:
        return number(value, unit, decimals, locale=self.locale, currency=self.currency, compact=compact)

    def counted(self, value: int, one: str, many: str = "") -> str:
        return counted(value, one, many, locale=self.locale)

    def full(self, value: Number | None, unit: Unit = "number", decimals: int = 0) -> str:
        return full(value, unit, decimals, locale=self.locale, currency=self.currency)

    def signed(self, value: Number | None, unit: Unit = "number", decimals: int = 0, *, compact: bool = False) -> str:
        return signed(value, unit, decimals, locale=self.locale, currency=self.currency, compact=compact)

    def change(self, absolute: Number | None, ratio: float | None, unit: Unit = "number", decimals: int = 0) -> str:
        return change(absolute, ratio, unit, decimals, locale=self.locale, currency=self.currency)

    def period(self, value: Period) -> str:
        return period(value, locale=self.locale)

    def tick(self, value: Period, with_year: bool = False) -> str:
        return tick(value, locale=self.locale, with_year=with_year)

    def day(self, value: date) -> str:
        return day(value, locale=self.locale)

    def span(self, value: DateRange) -> str:
        return span(value, locale=self.locale)

    def moment(self, value: datetime, *, seconds: bool = False) -> str:
        return moment(value, self.zone, locale=self.locale, seconds=seconds)


@lru_cache(maxsize=4096)
def _dated(skeleton: str, value: date, locale: str) -> str:
    return _skeleton(skeleton, locale).apply(value, locale)


@lru_cache(maxsize=64)
def _skeleton(skeleton: str, locale: str) -> DateTimePattern:
    """The locale's pattern for the parts named; Babel would search for it anew on each call."""
    known = Locale.parse(locale).datetime_skeletons
    found = skeleton if skeleton in known else match_skeleton(skeleton, known)
    return parse_pattern(str(known[found]) if found else "y-MM-dd")


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


def _ascii_digits(text: str) -> str:
    return "".join(str(int(c)) if c.isdigit() else c for c in text)


def _middle(value: Period) -> date:
    """Retail months may begin in the month before: their name is that of their middle."""
    return value.start + timedelta(value.days // 2)
