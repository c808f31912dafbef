"""Answers: a KPI's values by period and split, each complete or not, each with a reason where there is no value."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from dashapp.core.kpi import Unit
from dashapp.core.period import Grain, Period

Number = Decimal | float | int
Segment = tuple[tuple[tuple[str, str | None], ...], bool]  # dimensions with their values; is it all the others there?


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison of one point: its value, absolute change and relative change (fraction), or why there is none.

    `part_until` is set when an unfinished period was compared like for like: the last day counted on the other side.
    kind: what was asked for (`previous`, `previous_year`, `same_weekday`, `target`). between: first and last period of
    the other side (the same twice for a single one), None for a target; `label` names them.
    """

    value: Number | None
    change: Number | None
    change_ratio: float | None
    label: str
    reason: str | None = None
    part_until: date | None = None
    kind: str = ""
    between: tuple[Period, Period] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One figure. split: dimension -> value (None for a missing one). value None needs `reason`.

    complete: the period is over; False until the data reach its last expected day. partial: why it is a part all the
    same - the data begin inside it. Only a `whole` period may stand for its kind: in statistics, extremes, headlines.
    others: of a figure over all segments but the largest, how many those are; its split then holds only the dimensions
    they share.
    """

    period: Period
    split: tuple[tuple[str, str | None], ...]
    value: Number | None
    complete: bool
    reason: str | None = None
    compare: Compared | None = None
    partial: str | None = None
    others: int | None = None

    @property
    def segment(self) -> Segment:
        return self.split, self.others is not None

    @property
    def whole(self) -> bool:
        return self.complete and not self.partial

    @property
    def state(self) -> str:
        """What is to be said of the period beside its figure: `unfinished`, or why it is a part; empty if nothing."""
        if self.partial:
            return f"not whole: {self.partial[:1].lower()}{self.partial[1:].rstrip('.')}"
        return "" if self.complete else "unfinished"


@dataclass(frozen=True, slots=True)
class Total:
    """The figure recomputed over the whole range (never added up): split {} for all, the first dimensions alone for a
    subtotal, or one row per split. others: as of a point."""

    split: tuple[tuple[str, str | None], ...]
    value: Number | None
    reason: str | None = None
    compare: Compared | None = None
    others: int | None = None

    @property
    def segment(self) -> Segment:
        return self.split, self.others is not None


@dataclass(frozen=True, slots=True)
class Ranking:
    """How the largest segments were chosen: by the size of a KPI (key and name) over the whole range.

    top: how many were asked for; segments: how many there are.
    """

    kpi: str
    name: str
    top: int
    segments: int

    @property
    def shown(self) -> int:
        return min(self.top, self.segments)


@dataclass(frozen=True, slots=True)
class Series:
    """The answer for one KPI. points are ordered by split, then period; every asked period is there.

    totals: the whole first; a subtotal stands before its parts, "Others" after those it is beside. sums: where
    subtotals were asked, the whole and every subtotal by period. ranking: where only the largest segments have names.
    is_partial: something that was asked did not answer now; the same question may have another answer in a moment.
    is_awaited: it is being asked for; asked again soon, the answer is there.
    """

    kpi: str
    name: str
    unit: Unit
    decimals: int
    direction: str
    grain: Grain
    start: date
    end: date
    points: tuple[Point, ...]
    totals: tuple[Total, ...]
    by: tuple[str, ...] = ()
    as_of: datetime | None = None
    vintages: tuple[str, ...] = ()
    data_through: date | None = None
    warnings: tuple[str, ...] = ()
    version: int = field(default=0, compare=False)
    sums: tuple[Point, ...] = ()
    ranking: Ranking | None = None
    is_partial: bool = field(default=False, compare=False)
    is_awaited: bool = field(default=False, compare=False)

    @property
    def total(self) -> Total | None:
        return next((t for t in self.totals if not t.split and t.others is None), None)

    @property
    def parts(self) -> tuple[Total, ...]:
        """The segments that make up the whole, "Others" among them; no subtotals."""
        return tuple(t for t in self.totals if self.by and (t.others is not None or len(t.split) == len(self.by)))

    @property
    def subtotals(self) -> tuple[Total, ...]:
        return tuple(t for t in self.totals if t.others is None and 0 < len(t.split) < len(self.by))

    def level(self, figure: Point | Total) -> Literal["total", "subtotal", "segment", "others"]:
        """What a figure is of."""
        if figure.others is not None:
            return "others"
        return "total" if not figure.split else "segment" if len(figure.split) == len(self.by) else "subtotal"

    def to_json(self) -> dict[str, Any]:
        """The series of the contract. Decimals become floats; no value is null with a `reason`."""
        out: dict[str, Any] = {
            "kpi": self.kpi, "name": self.name, "unit": self.unit, "grain": self.grain.value,
            "from": self.start.isoformat(), "to": self.end.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None, "by": list(self.by),
            "points": [_point_json(p) for p in self.points],
            "totals": [_total_json(t) for t in self.totals],
            "vintages": list(self.vintages),
            "data_through": self.data_through.isoformat() if self.data_through else None,
            "warnings": list(self.warnings),
        }
        if self.sums:
            out["sums"] = [_point_json(p) for p in self.sums]
        if self.ranking:
            out["ranking"] = {"kpi": self.ranking.kpi, "top": self.ranking.top, "segments": self.ranking.segments}
        return out


def plain(value: Number | None) -> float | int | None:
    """A number JSON can carry."""
    return float(value) if isinstance(value, Decimal) else value


def _point_json(point: Point) -> dict[str, Any]:
    out: dict[str, Any] = {
        "period": point.period.label, "start": point.period.start.isoformat(), "end": point.period.end.isoformat(),
        "split": _texts(point.split), "value": plain(point.value), "complete": point.complete,
    }
    if point.others is not None:
        out["others"] = point.others
    if point.value is None:
        out["reason"] = point.reason
    if point.partial:
        out["partial"] = point.partial
    if point.compare:
        out["compare"] = _compared_json(point.compare)
    return out


def _total_json(total: Total) -> dict[str, Any]:
    out: dict[str, Any] = {"split": _texts(total.split), "value": plain(total.value)}
    if total.others is not None:
        out["others"] = total.others
    if total.value is None:
        out["reason"] = total.reason
    if total.compare:
        out["compare"] = _compared_json(total.compare)
    return out


def _compared_json(compared: Compared) -> dict[str, Any]:
    out: dict[str, Any] = {
        "label": compared.label, "value": plain(compared.value), "change": plain(compared.change),
        "change_ratio": compared.change_ratio,
    }
    if compared.reason:
        out["reason"] = compared.reason
    if compared.part_until:
        out["part_until"] = compared.part_until.isoformat()
    return out


def _texts(split: Sequence[tuple[str, Any]]) -> dict[str, str | None]:
    """Values of columns of dates and numbers as texts, too: dates as ISO 8601, as filters take them."""
    return {k: v if v is None or isinstance(v, str) else v.isoformat() if isinstance(v, date) else str(v)
            for k, v in split}
