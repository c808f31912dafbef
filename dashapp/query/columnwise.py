"""Arithmetic on columns of figures: cell by cell as in `arithmetic`, and at one go where all cells are of one kind."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal, DecimalException
from typing import Any

from dashapp.core.series import Number
from dashapp.query.arithmetic import EXACT, Cell, NoValue, as_decimal, checked, combine, growth, negative

_DECIMAL, _PLAIN = {Decimal}, {int, float}
_ORDINARY = 1e29  # what is below needs no closer look: `checked` takes offence at ten times as much
_ORDINARY_DECIMAL = Decimal(10) ** 29
_EXACTLY: dict[str, Callable[[Any, Any], Any]] = {
    "+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply, "/": EXACT.divide}
_PLAINLY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def combined(op: str, left: Sequence[Cell], right: Sequence[Cell], divisor: Callable[[], str]) -> list[Cell]:
    """left op right, cell by cell, as `combine` has it. divisor: how the right side is written, asked when it is 0."""
    if _is_bare(left):
        return list(left)
    return _at_once(op, left, right) or [_combined(op, a, b, divisor) for a, b in zip(left, right, strict=True)]


def _combined(op: str, left: Cell, right: Cell, divisor: Callable[[], str]) -> Cell:
    by_zero = op == "/" and not isinstance(right, NoValue) and right == 0
    return combine(op, left, right, divisor=divisor() if by_zero else "")


def grown(now: Sequence[Cell], before: Sequence[Cell]) -> list[Cell]:
    """The growth from `before` to `now`, cell by cell."""
    if _is_bare(now):
        return list(now)
    change = _at_once("-", now, before)
    if change is not None and None not in (sizes := [_size(b) for b in before]):
        ratio = _at_once("/", change, sizes)  # type: ignore[arg-type]
        if ratio is not None:
            return ratio
    return [growth(a, b) for a, b in zip(now, before, strict=True)]


def _is_bare(values: Sequence[Cell]) -> bool:
    """Is there no figure at all?"""
    return bool(values) and isinstance(values[0], NoValue) and set(map(type, values)) == {NoValue}


def _size(value: Cell) -> Cell | None:
    """The figure without its sign; None where there is none."""
    if isinstance(value, NoValue):
        return None
    return value if value >= 0 else negative(value)


def negated(values: Sequence[Cell]) -> list[Cell]:
    """Every figure with the other sign."""
    return [negative(v) for v in values]


def sound(values: Sequence[Any]) -> list[Cell] | None:
    """Numbers as `checked` gives each of them; None where something else is among them."""
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return [v if -_ORDINARY < v < _ORDINARY else checked(v) for v in values]
    if kinds == _DECIMAL:
        return [v if -_ORDINARY_DECIMAL < v < _ORDINARY_DECIMAL else checked(v) for v in values]
    return None


def _at_once(op: str, left: Sequence[Cell], right: Sequence[Cell]) -> list[Cell] | None:
    """left op right where both columns are numbers of one kind and nothing is divided by 0; else None."""
    kinds = set(map(type, left)), set(map(type, right))
    if op == "/" and not all(right):
        return None
    try:
        if kinds[0] <= _PLAIN and kinds[1] <= _PLAIN:
            return sound(list(map(_PLAINLY[op], left, right)))
        a, b = _decimals(left, kinds[0]), _decimals(right, kinds[1])
        return None if a is None or b is None else sound(list(map(_EXACTLY[op], a, b)))
    except (DecimalException, OverflowError):
        return None  # some cell: one by one each says so for itself


def _decimals(values: Sequence[Cell], kinds: set[type]) -> Sequence[Cell] | None:
    """The column as decimals, None where it is not one of numbers alone."""
    if kinds == _DECIMAL:
        return values
    numbers: Sequence[Number] | None = values if kinds <= _PLAIN else None  # type: ignore[assignment]
    return None if numbers is None else [as_decimal(v) for v in numbers]
