"""Terms and steps: the Excel formula of each, what it gives on the cells as written, and how far doubles may stray.

The values are worked out from the rows of the workbook, not copied from the figure: they are what Excel will find, and
the check beside the figure says the same before and after a recalculation.
"""
from __future__ import annotations

import math
import statistics
from array import array
from collections.abc import Callable, Sequence

from dashapp.core.series import Number
from dashapp.query.arithmetic import Cell, NoValue
from dashapp.query.evidence import Step, Use
from dashapp.query.tree import Col
from dashapp.reports.evidence.book import DIFFERS, EQUAL, TermCells, TermColumn
from dashapp.reports.evidence.formulas import NONE, number

Found = float | str
ROUNDING = 1e-12  # of sums of doubles, relative to the sum of their sizes
ROW_ROUNDING = 1e-8  # money expressions are exact to eight decimals in each row


def shown(value: Cell | Number | None) -> Found:
    """The figure as a cell: a double, or `no value`."""
    return NONE if value is None or isinstance(value, NoValue) else float(value)


# terms -------------------------------------------------------------------------------------------------------------
def term_formula(use: Use, cells: TermCells, row: int) -> str:
    """What recomputes the term from its column; `G` of its row says whether any row passed filters and dates."""
    values, empty = cells.values, _empty(use)
    found = {
        "avg": f"AVERAGE({values})", "min": f"MIN({values})", "max": f"MAX({values})", "median": f"MEDIAN({values})",
        "first": f"SUMIFS({values},{cells.dates},$H${row})", "last": f"SUMIFS({values},{cells.dates},$H${row})",
        "sum": f"SUM({values})", "count": f"SUM({values})", "new": f"SUM({values})",
    }.get(use.agg.func, f"SUMPRODUCT(--(FREQUENCY({values},{values})>0))")
    nothing = f'IF(COUNTIF({values},"{NONE}")=0,0,"{NONE}")' if empty == 0 and use.agg.func == "sum" else _quoted(empty)
    return f"=IF($G${row}=0,{_quoted(shown(use.absent))},IF(COUNT({values})=0,{nothing},{found}))"


def edge_formula(use: Use, cells: TermCells) -> str:
    """The day whose values `first` or `last` takes (an array formula)."""
    edge = "MIN" if use.agg.func == "first" else "MAX"
    return f"{{={edge}(IF(ISNUMBER({cells.values}),{cells.dates}))}}"


def term_value(use: Use, column: TermColumn) -> Found:
    """The same on the values as written."""
    values = column.numbers
    if not use.has_rows:
        return shown(use.absent)
    if not values:
        return NONE if use.agg.func == "sum" and column.missing else _empty(use)
    if use.agg.func in ("first", "last"):
        edge = (min if use.agg.func == "first" else max)(column.days)
        return math.fsum(v for v, d in zip(values, column.days, strict=True) if d == edge)
    if use.agg.func in ("distinct", "returning", "lost"):
        return float(len(set(values)))
    return _AGGREGATES[use.agg.func](values)


_AGGREGATES: dict[str, Callable[[array[float]], float]] = {
    "sum": math.fsum, "count": math.fsum, "new": math.fsum, "min": min, "max": max, "median": statistics.median,
    "avg": lambda values: math.fsum(values) / len(values),
}


def _empty(use: Use) -> Found:
    """What a term is when rows are there but none of them brings a value."""
    if use.agg.func == "sum":
        return 0 if use.agg.cond is not None else NONE
    return 0 if use.agg.func in ("count", "distinct", "new", "returning", "lost") else NONE


def _quoted(value: Found) -> str:
    return f'"{value}"' if isinstance(value, str) else number(value)


def term_tolerance(use: Use, column: TermColumn) -> float:
    """How far the sum of doubles may be from the exact one."""
    if use.agg.func in ("count", "distinct", "new", "returning", "lost") or not column.numbers:
        return 0.0
    size, count = math.fsum(map(abs, column.numbers)), len(column.numbers)
    rows = 0.0 if isinstance(use.agg.arg, Col) else ROW_ROUNDING
    if use.agg.func == "avg":
        return size / count * ROUNDING + rows
    if use.agg.func in ("min", "max", "median"):
        return max(map(abs, column.numbers)) * ROUNDING + rows
    return size * ROUNDING + count * rows


# steps -------------------------------------------------------------------------------------------------------------
def step_formula(step: Step, cells: Sequence[str], term: str) -> str:
    """What recomputes the step from the cells of its operands (or of its term); empty for one that has no formula."""
    if step.kind == "none":
        return ""
    if step.kind == "number":
        return f"={_quoted(shown(step.value))}"
    if step.kind in ("term", "kpi", "shift"):
        return f"={term or cells[0]}" if term or cells else ""
    if step.kind == "neg":
        return f'=IF(COUNT({cells[0]})<1,"{NONE}",0-{cells[0]})'
    left, right = cells
    found = {"growth": f"({left}-{right})/ABS({right})"}.get(step.kind, f"{left}{step.kind}{right}")
    if step.kind in ("/", "growth"):
        found = f'IF({right}=0,"{NONE}",{found})'
    return f'=IF(COUNT({left},{right})<2,"{NONE}",{found})'


def step_value(step: Step, values: Sequence[Found], term: Found) -> Found:
    """The same on the values of its operands."""
    if step.kind == "none":
        return NONE
    if step.kind == "number":
        return shown(step.value)
    if step.kind == "term":
        return term
    if any(isinstance(v, str) for v in values) or not values:
        return NONE
    numbers = [float(v) for v in values]
    if step.kind in ("kpi", "shift"):
        return numbers[0]
    return -numbers[0] if step.kind == "neg" else _combined(step.kind, *numbers)


def _combined(kind: str, a: float, b: float) -> Found:
    if kind in ("/", "growth"):
        if b == 0:
            return NONE
        return a / b if kind == "/" else (a - b) / abs(b)
    return {"+": a + b, "-": a - b, "*": a * b}[kind]


def step_tolerance(step: Step, values: Sequence[Found], errors: Sequence[float], term: float) -> float:
    """How far the step may stray when its operands may: differences of nearly equal sums keep their sums' error."""
    if step.kind == "term":
        return term
    if not errors or any(isinstance(v, str) for v in values):
        return 0.0
    if len(errors) == 1:
        return errors[0]
    (a, b), (ea, eb) = (abs(float(v)) for v in values), errors
    if step.kind in ("/", "growth"):
        return _quotient_error(a, b, ea, eb, eb / b if b and step.kind == "growth" else 0.0)
    return ea + eb + (a + b) * ROUNDING if step.kind in "+-" else ea * b + eb * a + a * b * ROUNDING


def _quotient_error(a: float, b: float, ea: float, eb: float, more: float) -> float:
    if b == 0:
        return 0.0
    ratio = a / b
    return (ea + ratio * eb) / b + (1 + ratio) * (ROUNDING + more)


def verdict(found: Found, ours: Found, tolerance: float) -> str:
    """`equal` or `differs`."""
    if isinstance(found, str) or isinstance(ours, str):
        return EQUAL if isinstance(found, str) and isinstance(ours, str) else DIFFERS
    return EQUAL if abs(found - ours) <= tolerance else DIFFERS


def verdict_formula(found: str, ours: str, tolerance: str) -> str:
    """The same as a formula on three cells."""
    return (f'=IF(COUNT({found},{ours})=2,IF(ABS({found}-{ours})<={tolerance},"{EQUAL}","{DIFFERS}"),'
            f'IF(COUNT({found},{ours})=0,"{EQUAL}","{DIFFERS}"))')
