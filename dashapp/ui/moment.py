"""A moment on the screen: in the organisation's zone for people, with its offset for machines."""
from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html

from dashapp.core.words import Words


def moment(value: datetime, words: Words) -> html.Time:
    """`21 Nov 2026, 06:02` as a `<time>` whose tooltip names the zone. value: aware."""
    local = value.astimezone(ZoneInfo(words.zone))
    said = words.moment(value)
    return html.Time(said, dateTime=local.isoformat(timespec="seconds"), title=f"{said} ({words.zone})")


def as_of(value: datetime, words: Words) -> html.Span:
    """`as of 21 Nov 2026, 06:02`: the moment the figures are those of."""
    return html.Span(["as of ", moment(value, words)], className="ll-as-of")
