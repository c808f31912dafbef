"""What may be asked about: dates of this world, ranges of countable periods, moments with a zone. Strict where the
URL of a page is lenient: programs and terminals get a sentence instead of another question than theirs."""
from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dashapp.core.calendar import Calendar
from dashapp.core.errors import Invalid
from dashapp.core.period import FIRST_DAY, LAST_DAY, OUTSIDE, DateRange, Grain, Period, supported

MAX_PERIODS = 4000  # as a plan takes them
_SHORTEST = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 28, Grain.QUARTER: 84, Grain.YEAR: 364}
_PLUS_LOST = re.compile(r" (?=\d\d:?\d\d$)")
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def range_of(start: date | None, end: date | None, today: date, calendar: Calendar) -> DateRange:
    """The range between two days, both inside. Without an end it ends today, without a start it has twelve months.

    Raises Invalid for dates out of this world and for an end before the start.
    """
    end = supported(end or today)
    if start is None:
        start = calendar.previous(calendar.period(end, Grain.MONTH), 11).start
    supported(start)
    if start > end:
        raise Invalid(f"The range ends ({end}) before it starts ({start}).")
    return DateRange(start, end)


def countable(span: DateRange, grain: Grain) -> DateRange:
    """The range, when it lies in this world and has at most 4,000 periods of the grain. Raises Invalid."""
    supported(span.start)
    supported(span.end)
    if ((span.end - span.start).days + 1) / _SHORTEST[grain] > MAX_PERIODS:
        raise Invalid(f"This asks for more than {MAX_PERIODS:,} periods. Choose a coarser grain or a shorter range.")
    return span


def period_of(label: str, calendar: Calendar) -> Period:
    """The period a label names. Raises Invalid for one that is none, or out of this world."""
    period = calendar.parse(label)
    if period.start < FIRST_DAY or period.end > LAST_DAY:
        raise Invalid(OUTSIDE)
    return period


def moment_of(text: str, zone: str) -> datetime:
    """A moment in UTC: a date means its end in the zone, a time without a zone is in that zone. Raises Invalid.

    A plus sign that a URL turned into a blank is put back.
    """
    text = text.strip()
    text = _PLUS_LOST.sub("+", text) if "T" in text else text
    try:
        found = datetime.fromisoformat(text) if _ISO.match(text) else None
    except ValueError:
        found = None
    if found is None:
        raise Invalid(f"{text[:40]!r} is not a moment. Write 2026-03-31 or 2026-03-31T18:00Z.")
    if not FIRST_DAY <= found.date() <= LAST_DAY:
        raise Invalid(f"A moment lies between {FIRST_DAY} and {LAST_DAY}.")
    if _ISO.fullmatch(text):
        found += timedelta(days=1, microseconds=-1)
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def known_at(text: str, zone: str, now: datetime) -> datetime:
    """The moment in UTC that `as_of` means, see `moment_of`; today's date means now.

    Raises Invalid for a moment that has not come: what will be known then is not what is known now.
    """
    found = moment_of(text, zone)
    if found <= now:
        return found
    is_date, today = _ISO.fullmatch(text.strip()), now.astimezone(ZoneInfo(zone)).date()
    if is_date and found.astimezone(ZoneInfo(zone)).date() == today:
        return now.astimezone(UTC)
    raise Invalid(f"The moment {text.strip()[:40]} has not come yet. Leave as_of out for what is known now.")
