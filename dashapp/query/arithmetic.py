"""Arithmetic on figures: exact where money takes part, and "no value" with its reason instead of infinity or zero."""
from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException

from dashapp.core.series import Number

EXACT = Context(prec=40)
_LARGEST = Decimal(10) ** 30


@dataclass(frozen=True, slots=True)
class NoValue:
    """Why there is no figure. absent: nothing was there to aggregate, which some KPIs count as zero. unrated: an amount
    of it has no exchange rate."""

    reason: str
    absent: bool = False
    unrated: bool = False


Cell = Number | NoValue
ABSENT = NoValue("No rows in this period.", absent=True)
UNKNOWN_THEN = NoValue("No rows were known at that moment.", absent=True)
NOBODY_BEFORE = NoValue("No rows in the period before: nobody could be lost.", absent=True)
EMPTY = NoValue("No values in this period.")


def combine(op: str, left: Cell, right: Cell, *, divisor: str = "the divisor") -> Cell:
    """left op right. A missing operand gives its own reason; division by zero says what was zero."""
    if isinstance(left, NoValue):
        return left
    if isinstance(right, NoValue):
        return right
    if op == "/" and right == 0:
        return NoValue(f"Division by zero: {divisor} is 0.")
    a, b = _alike(left, right)
    try:
        return checked(_apply(op, a, b))
    except (DecimalException, OverflowError):
        return NoValue("The figure is too large to be computed.")


def negative(value: Cell) -> Cell:
    """The figure with the other sign, to the last digit: a plain minus rounds decimals to 28."""
    if isinstance(value, NoValue):
        return value
    return value.copy_negate() if isinstance(value, Decimal) and value else -value


def checked(value: Number) -> Cell:
    """The number, or no value where it is infinite, undefined or beyond 10^30."""
    size = value if value >= 0 else -value
    if isinstance(value, float) and not math.isfinite(value):
        return NoValue("The figure is not a finite number.")
    return NoValue("The figure is too large to be computed.") if size > _LARGEST else value


def growth(now: Cell, before: Cell) -> Cell:
    """(now - before) / |before|: the sign is that of the change, whatever the sign of the base."""
    base: Cell = before if isinstance(before, NoValue) or before >= 0 else negative(before)
    return combine("/", combine("-", now, before), base, divisor="the earlier value")


def as_decimal(value: Number) -> Decimal:
    """The number as the decimal that is written for it."""
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _alike(a: Number, b: Number) -> tuple[Number, Number]:
    """Both operands of one kind: decimals where one is a decimal."""
    if isinstance(a, Decimal) != isinstance(b, Decimal):
        return as_decimal(a), as_decimal(b)
    return a, b


def _apply(op: str, a: Number, b: Number) -> Number:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply, "/": EXACT.divide}[op](a, b)
    assert not isinstance(a, Decimal)
    assert not isinstance(b, Decimal)
    if op == "/":
        return a / b
    return a + b if op == "+" else a - b if op == "-" else a * b
