"""One text to one date, under a column's declared order. Order is a property of the column, never of a cell.

A four-digit year in front is unambiguous and stays what it is under every order; so does a month written in letters.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dashapp.core.period import FIRST_DAY, LAST_DAY
from dashapp.ingest.cells import fold

ORDERS = ("iso", "dmy", "mdy", "ymd", "excel-serial")
_OUTSIDE = f"the year is outside of {FIRST_DAY.year}-{LAST_DAY.year}"
_NO_DAY = "there is no such day in the calendar"
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)

_TIME = (
    r"(?:(?:[T ]|, ?)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$"
)
_YMD = re.compile(r"^(?P<y>\d{4})([-/. ])(?P<m>\d{1,2})\2(?P<d>\d{1,2})" + _TIME)
_NUMERIC = re.compile(r"^(?P<a>\d{1,2})([-/. ])(?P<b>\d{1,2})\2(?P<y>\d{4}|\d{2})" + _TIME)
_COMPACT = re.compile(r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})" + _TIME)
_DAY_NAME = re.compile(
    r"^(?:[^\W\d_]+\.?,? +)?(?P<d>\d{1,2})(?:st|nd|rd|th|er|\.|º)?[ ./-]*(?:de |of )?(?P<name>[^\W\d_]+)\.?[ "
    r"./,-]*(?:de )?(?P<y>\d{4}|\d{2})" + _TIME
)
_NAME_DAY = re.compile(
    r"^(?:[^\W\d_]+,? +)?(?P<name>[^\W\d_]+)\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? +(?P<y>\d{4})" + _TIME
)
_MONTH = (re.compile(r"^(?P<y>\d{4})[-/. ](?P<m>\d{1,2})$"), re.compile(r"^(?P<m>\d{1,2})[-/.](?P<y>\d{4})$"))
_NAME_YEAR = (
    re.compile(r"^(?P<name>[^\W\d_]+)\.?[- ./,']*(?P<y>\d{4}|\d{2})$"),
    re.compile(r"^(?P<y>\d{4})[- ./]*(?P<name>[^\W\d_]+)\.?$"),
)
_WEEK = re.compile(r"^(?P<y>\d{4})[- ]?W(?P<w>\d{1,2})$", re.I)
_QUARTER = (
    re.compile(r"^(?P<y>\d{4})[- /]?Q(?P<q>[1-4])$", re.I),
    re.compile(r"^Q(?P<q>[1-4])[- /]?(?P<y>\d{4})$", re.I),
)
_CLOCK = re.compile(r"^\d{1,2}:\d{2}(:\d{2})?\s*([ap]m)?$", re.I)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janner janvier janv enero gennaio janeiro januari ene gen",
            "feb february februar fevrier fev febrero febbraio fevereiro februari fevr",
            "mar march marz maerz mrz mars marzo marco maart mrt",
            "apr april avril avr abril aprile abr",
            "may mai mayo maggio maio mei mag",
            "jun june juni juin junio giugno junho giu",
            "jul july juli juillet juil julio luglio julho lug",
            "aug august aout agosto augustus ago",
            "sep sept september septembre septiembre settembre setembro set",
            "oct october oktober okt octobre octubre ottobre outubro ott out",
            "nov november novembre noviembre novembro",
            "dec december dezember dez decembre diciembre dicembre dezembro dic december",
        ),
        1,
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a text is no date, as the end of a sentence."""

    reason: str


def read_date(text: str, order: str, zone: str = "UTC", *, is_1904: bool = False) -> date | Unreadable:
    """The date of one text. order: one of ORDERS or a strptime pattern. zone: the organisation's zone, for texts that
    name their own. Returns Unreadable with a reason instead of raising; times are cut off."""
    plain = fold(text)
    try:
        declared = _declared(plain, order, zone, is_1904=is_1904)
    except OverflowError:
        return Unreadable(_OUTSIDE)
    if declared is not None:
        return _in_range(declared) if isinstance(declared, date) else declared
    try:
        found = _written(plain, order, zone)
    except (ValueError, OverflowError):
        return Unreadable(_NO_DAY)
    return _in_range(found) if isinstance(found, date) else found


def _in_range(day: date) -> date | Unreadable:
    if day in (date(1899, 12, 30), date(1899, 12, 31)):
        return Unreadable("a time of day without a date")
    return day if FIRST_DAY <= day <= LAST_DAY else Unreadable(_OUTSIDE)


def _declared(text: str, order: str, zone: str, *, is_1904: bool) -> date | Unreadable | None:
    """What a pattern or the day numbers of Excel make of it; None when they do not fit. Raises OverflowError."""
    if order == "excel-serial":
        return _serial(text, is_1904=is_1904)
    return _by_pattern(text, order, zone) if "%" in order else None


def _by_pattern(text: str, pattern: str, zone: str) -> date | None:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - a zone in the text is honoured below
    except ValueError:
        return None
    return moment.astimezone(ZoneInfo(zone)).date() if moment.tzinfo else moment.date()


def _serial(text: str, *, is_1904: bool) -> date | Unreadable | None:
    if not re.match(r"^\d{1,7}(\.\d+)?$", text):
        return None
    days = int(text.partition(".")[0])
    if days == 0:
        return Unreadable("a time of day without a date")
    return (_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(days)


def _written(text: str, order: str, zone: str) -> date | Unreadable:
    if match := _YMD.match(text):
        return _at(match, int(match["y"]), int(match["m"]), int(match["d"]), zone)
    if match := _NUMERIC.match(text):
        return _numeric(match, order, zone)
    match = _DAY_NAME.match(text) or _NAME_DAY.match(text)
    if match and (month := month_number(match["name"])):
        return _at(match, _year(match["y"]), month, int(match["d"]), zone)
    if order in ("ymd", "iso") and (match := _COMPACT.match(text)):
        return _at(match, int(match["y"]), int(match["m"]), int(match["d"]), zone)
    return _period(text)


def _numeric(match: re.Match[str], order: str, zone: str) -> date | Unreadable:
    first, second, year = int(match["a"]), int(match["b"]), match["y"]
    if order == "dmy":
        return _at(match, _year(year), second, first, zone)
    if order == "mdy":
        return _at(match, _year(year), first, second, zone)
    if order == "ymd" and len(year) == 2:
        return _at(match, _year(match["a"]), second, int(year), zone)
    if not any(_is_day(_year(year), *pair) for pair in ((first, second), (second, first))):
        return Unreadable(_NO_DAY)
    return Unreadable("day and month cannot be told apart in the order of this column")


def _is_day(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _period(text: str) -> date | Unreadable:
    """The first day of a month, quarter or ISO week."""
    for pattern in _MONTH:
        if match := pattern.match(text):
            return date(int(match["y"]), int(match["m"]), 1)
    for pattern in _NAME_YEAR:
        if (match := pattern.match(text)) and (month := month_number(match["name"])):
            return date(_year(match["y"]), month, 1)
    if match := _WEEK.match(text):
        return date.fromisocalendar(int(match["y"]), int(match["w"]), 1)
    for pattern in _QUARTER:
        if match := pattern.match(text):
            return date(int(match["y"]), 3 * int(match["q"]) - 2, 1)
    if _CLOCK.match(text):
        return Unreadable("a time of day without a date")
    return Unreadable("this is no date")


def _at(match: re.Match[str], year: int, month: int, day: int, zone: str) -> date | Unreadable:
    found = date(year, month, day)
    suffix = match["zone"]
    if match["hour"] is None:
        return found
    hour = int(match["hour"]) % 12 + (12 if match["half"][0] in "Pp" else 0) if match["half"] else int(match["hour"])
    if hour > 24 or int(match["minute"]) > 59 or int(match["second"] or 0) > 59:
        return Unreadable("there is no such time of day")
    if suffix is None:
        return found
    offset = "+00:00" if suffix in ("Z", "UTC", "GMT") else suffix
    offset = offset if ":" in offset else (f"{offset}:00" if len(offset) == 3 else f"{offset[:3]}:{offset[3:]}")
    moment = datetime.fromisoformat(
        f"{found.isoformat()}T{hour % 24:02d}:{int(match['minute']):02d}:{int(match['second'] or 0):02d}{offset}"
    )
    return (moment + timedelta(days=hour // 24)).astimezone(ZoneInfo(zone)).date()


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 69 else 1900)


def month_number(name: str) -> int | None:
    """1-12 for the name of a month, in full or short, in one of seven languages; None for any other word."""
    folded = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))
    return _MONTHS.get(folded)


def orders_of(text: str) -> frozenset[str]:
    """The orders under which a text is a date: `iso` for what every order reads alike, `dmy`, `mdy`, or none."""
    plain = fold(text)
    if not _NUMERIC.match(plain):
        return frozenset(("iso",)) if isinstance(read_date(plain, "iso"), date) else frozenset()
    return frozenset(o for o in ("dmy", "mdy") if isinstance(read_date(plain, o), date))


def spelling(text: str) -> str | None:
    """How a text that every order reads alike is written: `iso` (year first), `words` (month in letters), `period` (a
    month, week or quarter). None for any other text.
    """
    plain = fold(text)
    if orders_of(plain) != {"iso"}:
        return None
    if _YMD.match(plain) or _COMPACT.match(plain):
        return "iso"
    return "words" if _DAY_NAME.match(plain) or _NAME_DAY.match(plain) else "period"
