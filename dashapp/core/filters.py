"""The filter bar's state: what the URL keys `range from to grain cmp by top others where as_of` mean.

Unknown keys are ignored and words that mean nothing keep the default, so that an old bookmark still opens; `notes` say
which words those were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from dashapp.core.bounds import moment_of
from dashapp.core.calendar import Calendar
from dashapp.core.errors import Invalid
from dashapp.core.period import QUESTION_GRAINS, DateRange, Grain
from dashapp.core.question import MAX_DIMENSIONS, MAX_TOP, Compare, Question, Top
from dashapp.core.where import Where, parse_where
from dashapp.core.words import Words

PRESETS = {
    "L7D": "Last 7 days",
    "L30D": "Last 30 days",
    "L90D": "Last 90 days",
    "MTD": "Month to date",
    "QTD": "Quarter to date",
    "YTD": "Year to date",
    "12M": "Last 12 months",
    "LM": "Last month",
    "LQ": "Last quarter",
    "LY": "Last year",
    "custom": "Custom dates",
}
COMPARES: dict[Compare, str] = {
    "none": "Nothing",
    "previous": "Previous period",
    "previous_year": "Previous year",
    "same_weekday": "Previous year, same weekday",
    "target": "Target",
}
COMPARE_ALIASES = {"previous_period": "previous"}
DEFAULT_RANGE = "12M"
_DAYS = {"L7D": 7, "L30D": 30, "L90D": 90}
_TO_DATE = {"MTD": Grain.MONTH, "QTD": Grain.QUARTER, "YTD": Grain.YEAR}
_LAST = {"LM": Grain.MONTH, "LQ": Grain.QUARTER, "LY": Grain.YEAR}


@dataclass(frozen=True, slots=True)
class Filters:
    """range: a preset or `custom` with start and end; by: dimensions; as_of: aware moment, None for now; top: how many
    segments of the split stand by name, None for all.

    notes: sentences on what the URL asked for and does not get.
    """

    range: str = DEFAULT_RANGE
    start: date | None = None
    end: date | None = None
    grain: Grain = Grain.MONTH
    compare: Compare = "previous_year"
    by: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    as_of: datetime | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)
    top: Top | None = None

    def span(self, today: date, calendar: Calendar) -> DateRange:
        """The dates meant on the business date `today`: presets that end now end today."""
        if self.range == "custom" and self.start and self.end:
            return DateRange(min(self.start, self.end), max(self.start, self.end))
        if self.range in _DAYS:
            return DateRange(today - timedelta(_DAYS[self.range] - 1), today)
        if self.range in _TO_DATE:
            return DateRange(calendar.start_of(_TO_DATE[self.range], today), today)
        if self.range in _LAST:
            last = calendar.previous(calendar.period(today, _LAST[self.range]))
            return DateRange(last.start, last.end)
        return DateRange(calendar.previous(calendar.period(today, Grain.MONTH), 11).start, today)

    def question(
        self, kpis: tuple[str, ...], today: date, calendar: Calendar, scope: tuple[Where, ...] = ()
    ) -> Question:
        """The question these filters ask of `kpis`."""
        return Question(
            kpis, self.grain, self.span(today, calendar), self.by, self.where, self.compare, self.as_of, scope,
            self.top if self.by else None,
        )

    def to_query(self) -> dict[str, Any]:
        """URL keys and texts (`where` a list), leaving out what is as it would be anyway."""
        out: dict[str, Any] = {}
        if self.range != DEFAULT_RANGE:
            out["range"] = self.range
        if self.range == "custom" and self.start and self.end:
            out |= {"from": self.start.isoformat(), "to": self.end.isoformat()}
        if self.grain is not Grain.MONTH:
            out["grain"] = self.grain.value
        if self.compare != "previous_year":
            out["cmp"] = self.compare
        if self.by:
            out["by"] = ",".join(self.by)
        if self.top:
            out |= {"top": str(self.top.n)} | ({} if self.top.others else {"others": "0"})
        if self.where:
            out["where"] = [str(w) for w in self.where]
        if self.as_of:
            out["as_of"] = _written(self.as_of)
        return out


def filters_from_query(query: Mapping[str, Any] | None, zone: str = "UTC") -> Filters:
    """Read URL keys leniently; values are texts or lists of texts. What cannot be read keeps its default.

    zone: the organisation's, in which a moment without a zone is meant.
    """
    query = query or {}
    start, end = _date(_one(query, "from")), _date(_one(query, "to"))
    preset = _preset(_one(query, "range")) or ("custom" if start and end else "")
    if preset not in PRESETS or (preset == "custom" and not (start and end)):
        preset = DEFAULT_RANGE
    grain, compare = _one(query, "grain").lower(), _compare(_one(query, "cmp"))
    is_custom = preset == "custom"
    found = Filters(
        preset,
        start if is_custom else None,
        end if is_custom else None,
        Grain(grain) if grain in [g.value for g in QUESTION_GRAINS] else Grain.MONTH,
        compare if compare in get_args(Compare) else "previous_year",  # type: ignore[arg-type]
        _splits(_one(query, "by")),
        _wheres(query.get("where")),
        _moment(_one(query, "as_of"), zone),
        top=_top(_one(query, "top"), _one(query, "others")),
    )
    return replace(found, notes=_unread(query, found))


def not_after(filters: Filters, now: datetime, words: Words) -> Filters:
    """The filters without a moment that has not come yet: nothing more is known then than now."""
    if filters.as_of is None or filters.as_of <= now:
        return filters
    said = f"{words.moment(filters.as_of)} ({words.zone}) has not come yet: the figures are those of now."
    return replace(filters, as_of=None, notes=(*filters.notes, said))


def _unread(query: Mapping[str, Any], found: Filters) -> tuple[str, ...]:
    """A sentence for each word of the URL that means nothing."""
    asked = {key: _one(query, key)[:40] for key in ("range", "from", "to", "grain", "cmp", "as_of", "top")}
    compare = COMPARES[found.compare].lower()
    wrong = [("range", _preset(asked["range"]) != found.range, f"range, shown are the {PRESETS[found.range].lower()}"),
             ("from", _date(asked["from"]) is None, "date"), ("to", _date(asked["to"]) is None, "date"),
             ("grain", asked["grain"].lower() != found.grain.value, f"grain, shown is by {found.grain.value}"),
             ("cmp", _compare(asked["cmp"]) != found.compare, f"comparison, figures are compared to {compare}"),
             ("as_of", found.as_of is None, "moment, the figures are those of now"),
             ("top", found.top is None and asked["top"] != "all", "number of segments, all of them are shown")]
    notes = [f"{key}={asked[key]} in the address is no {said}." for key, is_wrong, said in wrong
             if asked[key] and is_wrong]
    given = query.get("where")
    wheres = [w for w in (given if isinstance(given, list | tuple) else [given]) if w]
    notes += [f"where={str(w)[:40]} in the address is no condition and left out." for w in wheres if not _wheres([w])]
    return tuple(notes)


def _preset(text: str) -> str:
    return next((p for p in PRESETS if p.lower() == text.lower()), text)


def _compare(text: str) -> str:
    return COMPARE_ALIASES.get(text.lower(), text.lower())


def _written(value: datetime) -> str:
    """As a URL says it, exactly; the end of a day in its own zone is that date."""
    if isinstance(value.tzinfo, ZoneInfo) and value.time() == time.max:
        return value.date().isoformat()
    utc = value.astimezone(UTC)
    form = "%Y-%m-%dT%H:%MZ" if not utc.second and not utc.microsecond else "%Y-%m-%dT%H:%M:%S.%fZ"
    return utc.strftime(form).replace(".000000Z", "Z")


def _splits(text: str) -> tuple[str, ...]:
    found = dict.fromkeys(b.strip() for b in text.split(",") if b.strip() not in ("", "none"))
    return tuple(found)[:MAX_DIMENSIONS]


def _top(text: str, others: str) -> Top | None:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_TOP):
        return None
    return Top(int(text), others.lower() not in ("0", "no", "false"))


def _one(query: Mapping[str, Any], key: str) -> str:
    value = query.get(key)
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    return value.strip() if isinstance(value, str) else ""


def _wheres(value: Any) -> tuple[Where, ...]:
    found = set()
    for text in value if isinstance(value, list | tuple) else [value]:
        try:
            found.add(parse_where(text) if isinstance(text, str) else None)
        except Invalid:
            continue
    return tuple(sorted(w for w in found if w))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str, zone: str) -> datetime | None:
    """A moment in the zone; a plain date means its end there. None for what is none, or out of this world."""
    try:
        return moment_of(text, zone).astimezone(ZoneInfo(zone)) if text else None
    except Invalid:
        return None
