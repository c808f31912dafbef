"""The formula tree: frozen nodes, and the one way to write each of them as text.

`at` is the 0-based offset in the text a node was read from; it never takes part in comparisons, so that a formula
read, written and read again is equal to itself.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from dashapp.query.spelling import spelled

PLAIN = ("sum", "avg", "min", "max", "median", "count", "distinct", "first", "last")
ENTITY = ("new", "returning", "lost")
AGGREGATES = (*PLAIN, *ENTITY)
TIME = ("previous", "year_ago", "growth", "rolling", "to_date")
TEXT = ("contains",)
UNITS = ("day", "week", "month", "quarter", "year")


def _at() -> int:
    return field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Num:
    """A number as written."""

    value: Decimal
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Neg:
    x: Node
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Bin:
    """Arithmetic on two operands, in a row expression or between figures."""

    op: Literal["+", "-", "*", "/"]
    left: Node
    right: Node
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Col:
    """A column inside an aggregate: `revenue`, `orders.revenue`, `catalogue.category`, `orders.catalogue.category`."""

    path: tuple[str, ...]
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Cmp:
    """A condition on one column: comparison with a number or text, `in` / `not in` a list, or `contains`."""

    op: Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains"]
    col: Col
    values: tuple[Decimal | str, ...]
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Logic:
    op: Literal["and", "or"]
    parts: tuple[Cond, ...]
    at: int = _at()


@dataclass(frozen=True)
class Agg:
    """An aggregate. arg: row expression, None for `count()` of rows. dataset: set by binding."""

    func: str
    arg: Node | None
    cond: Cond | None = None
    dataset: str | None = None
    at: int = _at()

    @cached_property
    def _hash(self) -> int:
        return hash((self.func, self.arg, self.cond, self.dataset))

    def __hash__(self) -> int:
        """Worked out once: an aggregate is part of the key of every figure."""
        return self._hash


@dataclass(frozen=True, slots=True)
class Ref:
    """Another KPI by key."""

    key: str
    at: int = _at()


@dataclass(frozen=True, slots=True)
class Time:
    """A time function; n and unit belong to `rolling`, unit to `to_date`."""

    func: str
    x: Node
    n: int = 0
    unit: str = ""
    at: int = _at()


Node = Num | Neg | Bin | Col | Agg | Ref | Time
Cond = Cmp | Logic
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}


def walk(node: Node | Cond) -> Iterator[Node | Cond]:
    """The node and everything below it, in the order of writing."""
    yield node
    for f in fields(node):
        value = getattr(node, f.name)
        for child in value if isinstance(value, tuple) else (value,):
            if is_dataclass(child):
                yield from walk(child)  # type: ignore[arg-type]


def unparse(node: Node | Cond) -> str:  # noqa: PLR0911 - one return per kind of node reads best
    """The formula as text; reading it gives an equal tree."""
    if isinstance(node, Num):
        return f"{node.value:f}"
    if isinstance(node, Neg):
        return f"-{_wrapped(node.x, 3)}"
    if isinstance(node, Bin):
        rank = _RANK[node.op]
        return f"{_wrapped(node.left, rank)} {node.op} {_wrapped(node.right, rank + 1)}"
    if isinstance(node, Col):
        return spelled(".".join(node.path))
    if isinstance(node, Ref):
        return spelled(node.key)
    if isinstance(node, Agg):
        return _aggregate(node)
    if isinstance(node, Time):
        return _time(node)
    return _condition(node)


def _wrapped(node: Node, rank: int) -> str:
    mine = _RANK[node.op] if isinstance(node, Bin) else 2 if isinstance(node, Neg) else 4
    return f"({unparse(node)})" if mine < rank else unparse(node)


def _aggregate(node: Agg) -> str:
    first = spelled(node.dataset or "") if node.arg is None else unparse(node.arg)
    parts = [p for p in (first, unparse(node.cond) if node.cond else None) if p]
    return f"{node.func}({', '.join(parts)})"


def _time(node: Time) -> str:
    parts = [unparse(node.x)]
    if node.func == "rolling":
        parts += [str(node.n)] + ([f'"{node.unit}"'] if node.unit != "day" else [])
    elif node.func == "to_date":
        parts.append(f'"{node.unit}"')
    return f"{node.func}({', '.join(parts)})"


def _condition(node: Cond) -> str:
    if isinstance(node, Logic):
        return f" {node.op} ".join(_part(p, node.op) for p in node.parts)
    if node.op == "contains":
        return f"contains({unparse(node.col)}, {_literal(node.values[0])})"
    if node.op in ("in", "not in"):
        return f"{unparse(node.col)} {node.op} [{', '.join(map(_literal, node.values))}]"
    return f"{unparse(node.col)} {node.op} {_literal(node.values[0])}"


def _part(part: Cond, op: str) -> str:
    return f"({unparse(part)})" if isinstance(part, Logic) else unparse(part)


def _literal(value: Decimal | str) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return '"' + value.translate(_ESCAPES) + '"'
