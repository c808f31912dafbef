"""Answers of foreign engines in the types of the expression that was asked: they count in decimals, and worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

_WIDE = Context(prec=60)


def shaped(columns: Mapping[str, list[Any]], expression: Any) -> dict[str, list[Any]]:
    """The columns of an answer with whole numbers as int, doubles as float, decimals as Decimal, dates as date."""
    out = {}
    for name, kind in expression.schema().items():
        make = _maker(kind)
        out[name] = [None if v is None else make(v) for v in columns[name]]
    return out


def _maker(kind: Any) -> Callable[[Any], Any]:
    if kind.is_integer():
        return int
    if kind.is_floating():
        return float
    if kind.is_decimal():
        return _decimal
    return _date if kind.is_date() else lambda value: value


def _decimal(value: Any) -> Decimal:
    """Exact as it came; a double (Spark's median) to eight decimals."""
    if isinstance(value, float):
        return Decimal(repr(value)).quantize(Decimal("0.00000001"), ROUND_HALF_UP, _WIDE)
    return value if isinstance(value, Decimal) else Decimal(value)


def _date(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value
