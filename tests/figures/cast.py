"""Series made by hand for the tests of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashapp.core.calendar import Calendar
from dashapp.core.period import Grain
from dashapp.core.series import Compared, Number, Point, Series, Total
from dashapp.core.words import Words

WORDS = Words("en_GB", "EUR")
CALENDAR = Calendar()
Split = tuple[tuple[str, str | None], ...]


def points(
    values: Sequence[Number | None],
    others: Sequence[Number | None] | None = None,
    *,
    grain: Grain = Grain.MONTH,
    split: Split = (),
    kind: str = "previous_year",
    start: date = date(2026, 1, 1),
) -> tuple[Point, ...]:
    """One point per value; the last one is unfinished."""
    period, out = CALENDAR.period(start, grain), []
    for i, value in enumerate(values):
        other = others[i] if others else None
        compared = None
        if others:
            change = value - other if value is not None and other is not None else None  # type: ignore[operator]
            ago = CALENDAR.year_ago(period)
            compared = Compared(
                other, change, float(change / other) if change is not None and other else None,
                ago.label if ago else "", kind=kind, between=(ago, ago) if ago and kind != "target" else None)
        reason = None if value is not None else "no rows"
        out.append(Point(period, split, value, i < len(values) - 1, reason, compared))
        period = CALENDAR.next(period)
    return tuple(out)


def series(
    given: tuple[Point, ...],
    total: Total | None = None,
    *,
    unit: str = "currency",
    decimals: int = 0,
    by: tuple[str, ...] = (),
    totals: tuple[Total, ...] = (),
    name: str = "Net revenue",
) -> Series:
    return Series(
        "net_revenue",
        name,
        unit,
        decimals,
        "up",
        given[0].period.grain,
        given[0].period.start,  # type: ignore[arg-type]
        given[-1].period.end,
        given,
        totals or ((total,) if total else ()),
        by,
    )
