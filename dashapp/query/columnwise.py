"""Arithmetic on columns of figures: cell by cell as in `arithmetic`, and at one go where all cells are of one kind."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal, DecimalException
from itertools import compress
from typing import Any

from dashapp.query.arithmetic import EXACT, Cell, NoValue, as_decimal, checked, combine, negative

_DECIMAL, _PLAIN = {Decimal}, {int, float}
_NUMBERS = _DECIMAL | _PLAIN
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
    at_once = _at_once(op, left, right)
    return _some_at_once(op, left, right, divisor) if at_once is None else at_once


def _some_at_once(op: str, left: Sequence[Cell], right: Sequence[Cell], divisor: Callable[[], str]) -> list[Cell]:
    """The cells where both sides are numbers at one go, the others one by one."""
    fit = [not isinstance(a, NoValue) and not isinstance(b, NoValue) and (op != "/" or bool(b))
           for a, b in zip(left, right, strict=True)]
    found = _at_once(op, list(compress(left, fit)), list(compress(right, fit)))
    if found is None:
        return [_one(op, a, b, divisor) for a, b in zip(left, right, strict=True)]
    cells = iter(found)
    return [next(cells) if fits else _one(op, a, b, divisor) for fits, a, b in zip(fit, left, right, strict=True)]


def _one(op: str, left: Cell, right: Cell, divisor: Callable[[], str]) -> Cell:
    by_zero = op == "/" and not isinstance(right, NoValue) and right == 0
    return combine(op, left, right, divisor=divisor() if by_zero else "")


def grown(now: Sequence[Cell], before: Sequence[Cell]) -> list[Cell]:
    """The growth from `before` to `now`, cell by cell, as `growth` has it."""
    sizes = [b if isinstance(b, NoValue) or b >= 0 else negative(b) for b in before]
    return combined("/", combined("-", now, before, str), sizes, lambda: "the earlier value")


def _is_bare(values: Sequence[Cell]) -> bool:
    """Is there no figure at all?"""
    return bool(values) and isinstance(values[0], NoValue) and set(map(type, values)) == {NoValue}


def negated(values: Sequence[Cell]) -> list[Cell]:
    """Every figure with the other sign."""
    return [negative(v) for v in values]


def sound(values: Sequence[Any]) -> list[Cell] | None:
    """Numbers as `checked` gives each of them; None where something else is among them."""
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return [v if -_ORDINARY < v < _ORDINARY else checked(v) for v in values]
    if kinds <= _NUMBERS:
        return [v if -_ORDINARY_DECIMAL < v < _ORDINARY_DECIMAL else checked(v) for v in values]
    return None


def _at_once(op: str, left: Sequence[Cell], right: Sequence[Cell]) -> list[Cell] | None:
    """left op right where all of it are numbers, the same arithmetic does for all, and nothing is divided by 0."""
    kinds = set(map(type, left)), set(map(type, right))
    if not kinds[0] | kinds[1] <= _NUMBERS or (op == "/" and not all(right)):
        return None
    try:
        if kinds[0] <= _PLAIN and kinds[1] <= _PLAIN:
            return sound(list(map(_PLAINLY[op], left, right)))
        if _DECIMAL in kinds:  # a decimal on one side of every cell: the other side becomes one
            return sound(list(map(_EXACTLY[op], _decimals(left, kinds[0]), _decimals(right, kinds[1]))))
    except (DecimalException, OverflowError):
        return None  # some cell: one by one each says so for itself
    return None


def _decimals(values: Sequence[Any], kinds: set[type]) -> Sequence[Decimal]:
    return values if kinds == _DECIMAL else [v if isinstance(v, Decimal) else as_decimal(v) for v in values]
