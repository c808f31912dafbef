"""A restatement: what moved a figure between two moments at which it was known, in parts that add up exactly.

Every part is the difference of two figures, each computed as a whole on a mixed set of rows or definitions; so it is
right for ratios and entities as well as for sums, and the parts of any figure add up to its difference to the last
digit. The order of the steps is fixed and told: another order could give a part more and another one less.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from dashapp.core.digits import WIDE, exact
from dashapp.core.kpi import Kpi
from dashapp.core.period import Period
from dashapp.core.series import Number, Point, plain

PLACES = 12
PartKind = Literal["time", "new", "changed", "removed", "definition"]
KINDS: tuple[PartKind, ...] = ("time", "new", "changed", "removed", "definition")


@dataclass(frozen=True, slots=True)
class Step:
    """The figure after one thing was moved to the later moment. value None needs `reason`.

    dataset: whose rows moved, None for time and definition. came, went: rows of the figure that joined and left it.
    """

    kind: PartKind
    dataset: str | None
    value: Number | None
    reason: str | None = None
    came: int = 0
    went: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A step with the share of the difference it made.

    delta: None where the figure had no value before or after the step. spans: how many steps before this one had no
    value and are told with it (0 as a rule).
    """

    step: Step
    delta: Decimal | None
    spans: int = 0

    @property
    def is_idle(self) -> bool:
        """Did nothing happen that the figure shows?"""
        return not (self.delta or self.spans or self.step.came or self.step.went) and self.step.value is not None


@dataclass(frozen=True, slots=True)
class Cause:
    """An upload (or an undo of one) that moved rows of the figure. deed: `uploaded`, `undone` or `brought back`."""

    upload: str
    dataset: str
    file: str
    deed: str
    at: datetime
    by: str
    came: int
    went: int


@dataclass(frozen=True, slots=True)
class Redefinition:
    """A version of a definition, the KPI's own or one it refers to, that took effect between the moments."""

    kpi: Kpi
    at: datetime
    by: str
    why: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that may have moved figures. deed: `uploaded`, `undone`, `brought back` or `defined`.

    what: the file, or the KPI and its version.
    """

    at: datetime
    deed: str
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """The figure at `before_at` and at `after_at` (None: now), and the parts in between, in the order of the steps."""

    kpi: Kpi
    period: Period
    split: tuple[tuple[str, str | None], ...]
    before_at: datetime
    after_at: datetime | None
    before: Point
    after: Point
    parts: tuple[Part, ...]
    causes: tuple[Cause, ...] = ()
    redefinitions: tuple[Redefinition, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def difference(self) -> Decimal | None:
        """What the parts add up to; None where the figure had no value at one of the moments."""
        return difference(self.before.value, self.after.value)

    @property
    def open_because(self) -> str | None:
        """Why there is no difference to be split: the side without a value and its reason; None where there is one."""
        for side, point in (("Before", self.before), ("After", self.after)):
            if point.value is None:
                return f"{side}, there was no value: {point.reason}"
        return None

    def of(self, kind: PartKind) -> Decimal:
        """The parts of a kind, added up over the datasets."""
        return total(p.delta for p in self.parts if p.step.kind == kind and p.delta is not None)

    def to_json(self) -> dict[str, Any]:
        """What `GET /kpis/{key}/bridge` answers. Exact amounts are decimal texts beside the plain numbers."""
        return {
            "kpi": self.kpi.key, "name": self.kpi.name, "unit": self.kpi.unit, "period": self.period.label,
            "start": self.period.start.isoformat(), "end": self.period.end.isoformat(), "split": dict(self.split),
            "before": _side_json(self.before, self.before_at), "after": _side_json(self.after, self.after_at),
            "difference": plain(self.difference), "difference_exact": _text(self.difference),
            "reason": self.open_because, "parts": [_part_json(p) for p in self.parts],
            "uploads": [{"upload": c.upload, "dataset": c.dataset, "file": c.file, "deed": c.deed,
                         "at": c.at.isoformat(), "by": c.by, "came": c.came, "went": c.went} for c in self.causes],
            "definitions": [{"kpi": d.kpi.key, "version": d.kpi.version, "formula": d.kpi.formula,
                             "at": d.at.isoformat(), "by": d.by, "why": d.why, "deleted": d.deleted}
                            for d in self.redefinitions],
            "warnings": list(self.warnings),
        }


def parts_of(before: Number | None, steps: tuple[Step, ...]) -> tuple[Part, ...]:
    """The share of each step in the difference. A step without a value has none: the next one with a value is told
    together with it, so that the parts add up to the last value less the first."""
    out: list[Part] = []
    known, skipped = before, 0
    for step in steps:
        if step.value is None:
            out.append(Part(step, None))
            skipped += known is not None
            continue
        out.append(Part(step, difference(known, step.value), skipped))
        known, skipped = step.value, 0
    return tuple(out)


def told(value: Number | None) -> Decimal | None:
    """The figure as a bridge tells it: money as it is, quotients to twelve decimals, so that texts of amounts are short
    enough to be added up by whoever reads them. None for no value."""
    number = exact(value)
    if number is None or int(number.as_tuple().exponent) >= -PLACES:
        return number
    return number.quantize(Decimal(1).scaleb(-PLACES), context=WIDE)


def difference(before: Number | None, after: Number | None) -> Decimal | None:
    """after - before as they are told, without any further rounding; None where one of them is missing."""
    left, right = told(before), told(after)
    return None if left is None or right is None else WIDE.subtract(right, left)


def total(amounts: Any) -> Decimal:
    """The exact sum."""
    out = Decimal(0)
    for amount in amounts:
        out = WIDE.add(out, amount)
    return out


def _side_json(point: Point, at: datetime | None) -> dict[str, Any]:
    return {"at": at.isoformat() if at else None, "value": plain(point.value), "exact": _text(told(point.value)),
            "reason": point.reason, "complete": point.complete}


def _part_json(part: Part) -> dict[str, Any]:
    step = part.step
    return {"kind": step.kind, "dataset": step.dataset, "value": plain(step.value), "reason": step.reason,
            "delta": plain(part.delta), "delta_exact": _text(part.delta), "spans": part.spans,
            "came": step.came, "went": step.went}


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
