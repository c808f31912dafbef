"""Excel formulas for a row: what a term makes of it, from the cells beside it.

Formulas are built from our own words, cell addresses, numbers and quoted texts of a KPI's definition; nothing of a file
gets into one. Texts are compared with EXACT and FIND, since Excel's own `=` takes `EMEA` and `emea` for the same.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from dashapp.query.tree import Bin, Cmp, Col, Cond, Logic, Neg, Node, Num, walk
from dashapp.reports.xlsx.cells import text

ROW = "\x00"  # stands for the row's number; no text can hold it
NONE = "no value"
MAX_FORMULA, MAX_CONDITION, MAX_LITERAL, MAX_PARTS = 8_000, 6_000, 250, 200
CellOf = Callable[[Col], str]  # the cell of a column; of an amount in several currencies `cell*rate`
KindOf = Callable[[Col], str]


class TooLong(Exception):
    """The formula is longer than Excel takes."""


def quoted(value: str) -> str:
    """A text as Excel writes it in a formula; longer ones in pieces, because a literal has at most 255 characters."""
    value = text(value)
    pieces = [value[i:i + MAX_LITERAL] for i in range(0, len(value), MAX_LITERAL)] or [""]
    return "&".join('"{}"'.format(p.replace('"', '""')) for p in pieces)


def number(value: Decimal | float | int) -> str:
    """A number in a formula, with all the digits Excel keeps."""
    double = float(value)
    return str(int(double)) if double.is_integer() and abs(double) < 1e15 else repr(double)


def day(value: date) -> str:
    return f"DATE({value.year},{value.month},{value.day})"


def condition(cond: Cond, cell: CellOf, kind: KindOf) -> str:
    """The condition of an aggregate as a formula that is TRUE or FALSE. Raises TooLong."""
    out = _condition(cond, cell, kind)
    if len(out) > MAX_CONDITION:
        raise TooLong
    return out


def _condition(cond: Cond, cell: CellOf, kind: KindOf) -> str:
    if isinstance(cond, Logic):
        return _all(cond.op.upper(), [_condition(p, cell, kind) for p in cond.parts])
    at = cell(cond.col)
    if "*" in at:
        return _of_product(cond, at.split("*"), kind)
    if cond.op == "contains":
        return f'AND({at}<>"",ISNUMBER(FIND({quoted(str(cond.values[0]))},{at})))'
    if cond.op in ("<", "<=", ">", ">="):
        return f"AND(ISNUMBER({at}),{at}{cond.op}{_literal(cond, 0, kind)})"
    equal = _all("OR", [_equal(cond, i, at, kind) for i, _ in enumerate(cond.values)])
    return equal if cond.op in ("==", "in") else f"NOT({equal})"


def _of_product(cond: Cmp, cells: list[str], kind: KindOf) -> str:
    """A condition on an amount and its rate: two cells, of which an empty one would count as zero."""
    product, there = "*".join(cells), _filled(cells)
    if cond.op in ("<", "<=", ">", ">="):
        return f"AND({there},{product}{cond.op}{_literal(cond, 0, kind)})"
    equal = _all("OR", [f"AND({there},{product}={_literal(cond, i, kind)})" for i, _ in enumerate(cond.values)])
    return equal if cond.op in ("==", "in") else f"NOT({equal})"


def _equal(cond: Cmp, i: int, at: str, kind: KindOf) -> str:
    if kind(cond.col) == "text":
        return f"EXACT({at},{quoted(str(cond.values[i]))})"
    return f"AND(ISNUMBER({at}),{at}={_literal(cond, i, kind)})"


def _literal(cond: Cmp, i: int, kind: KindOf) -> str:
    value = cond.values[i]
    if isinstance(value, Decimal):
        return number(value)
    return day(date.fromisoformat(value)) if kind(cond.col) == "date" else quoted(value)


def _all(function: str, parts: list[str]) -> str:
    """AND or OR of the parts; Excel takes at most 255."""
    if len(parts) > MAX_PARTS:
        raise TooLong
    return parts[0] if len(parts) == 1 else f"{function}({','.join(parts)})"


def every(tests: list[str]) -> str:
    return _all("AND", tests) if tests else "TRUE"


def row_value(node: Node, cell: CellOf) -> str:
    """The row expression as a formula: a number, or `no value` where a cell is empty or a divisor is 0."""
    cells = list(dict.fromkeys(c for n in walk(node) if isinstance(n, Col) for c in cell(n).split("*")))
    if isinstance(node, Col):
        return f'IF({_filled(cells)},{cell(node)},"{NONE}")'
    full = f"COUNT({','.join(cells)})={len(cells)}" if cells else "TRUE"
    out = f'IF({full},IFERROR({arithmetic(node, cell)},"{NONE}"),"{NONE}")'
    if len(out) > MAX_FORMULA // 2 or len(cells) > MAX_PARTS:
        raise TooLong
    return out


def _filled(cells: list[str]) -> str:
    return f"ISNUMBER({cells[0]})" if len(cells) == 1 else f"COUNT({','.join(cells)})={len(cells)}"


def arithmetic(node: Node, cell: CellOf) -> str:
    """The expression, with brackets around every operation."""
    if isinstance(node, Num):
        return number(node.value) if node.value >= 0 else f"({number(node.value)})"
    if isinstance(node, Col):
        return cell(node) if "*" not in cell(node) else f"({cell(node)})"
    if isinstance(node, Neg):
        return f"(0-{arithmetic(node.x, cell)})"
    assert isinstance(node, Bin), "time functions stand outside aggregates"
    return f"({arithmetic(node.left, cell)}{node.op}{arithmetic(node.right, cell)})"


def columns_in(node: Node | Cond | None) -> Iterator[Col]:
    return (n for n in walk(node) if isinstance(n, Col)) if node is not None else iter(())
