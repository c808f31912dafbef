"""Answers: a KPI's values by period and split, each complete or not, each with a reason where there is no value."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dashapp.core.kpi import Unit
from dashapp.core.period import Grain, Period

Number = Decimal | float | int


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
    """

    period: Period
    split: tuple[tuple[str, str | None], ...]
    value: Number | None
    complete: bool
    reason: str | None = None
    compare: Compared | None = None
    partial: str | None = None

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
    """The figure recomputed over the whole range (never added up): split {} for all, or one row per split."""

    split: tuple[tuple[str, str | None], ...]
    value: Number | None
    reason: str | None = None
    compare: Compared | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The answer for one KPI. points are ordered by split, then period; every asked period is there.

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
    is_partial: bool = field(default=False, compare=False)
    is_awaited: bool = field(default=False, compare=False)

    @property
    def total(self) -> Total | None:
        return next((t for t in self.totals if not t.split), None)

    def to_json(self) -> dict[str, Any]:
        """The series of the contract. Decimals become floats; no value is null with a `reason`."""
        return {
            "kpi": self.kpi, "name": self.name, "unit": self.unit, "grain": self.grain.value,
            "from": self.start.isoformat(), "to": self.end.isoformat(),
            "as_of": self.as_of.isoformat() if self.as_of else None, "by": list(self.by),
            "points": [_point_json(p) for p in self.points],
            "totals": [_total_json(t) for t in self.totals],
            "vintages": list(self.vintages),
            "data_through": self.data_through.isoformat() if self.data_through else None,
            "warnings": list(self.warnings),
        }


def plain(value: Number | None) -> float | int | None:
    """A number JSON can carry."""
    return float(value) if isinstance(value, Decimal) else value


def _point_json(point: Point) -> dict[str, Any]:
    out: dict[str, Any] = {
        "period": point.period.label, "start": point.period.start.isoformat(), "end": point.period.end.isoformat(),
        "split": dict(point.split), "value": plain(point.value), "complete": point.complete,
    }
    if point.value is None:
        out["reason"] = point.reason
    if point.partial:
        out["partial"] = point.partial
    if point.compare:
        out["compare"] = _compared_json(point.compare)
    return out


def _total_json(total: Total) -> dict[str, Any]:
    out: dict[str, Any] = {"split": dict(total.split), "value": plain(total.value)}
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
