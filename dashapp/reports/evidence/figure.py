"""The sheet `Figure`: the figure recomputed, the check, the terms and the steps that lead from them to it."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashapp.query.arithmetic import NoValue
from dashapp.query.evidence import Step, Use
from dashapp.reports.evidence import recompute
from dashapp.reports.evidence.book import FIRST_TERM, Book, TermCells, term_row
from dashapp.reports.evidence.formulas import NONE
from dashapp.reports.evidence.recompute import Found
from dashapp.reports.xlsx.cells import text
from dashapp.reports.xlsx.formats import number_format, type_of
from dashapp.reports.xlsx.formatted import Exact

_TERM_HEADS = ("Term", "What", "From", "To", "Compared from", "Compared to", "Any rows (1 = yes)", "Day taken",
               "Recomputed", "Ledgerline", "Tolerance", "Check", "Where")
_STEP_HEADS = ("Step", "What", "Of", "", "", "", "", "", "Recomputed", "Ledgerline", "Tolerance", "Check", "Why")
_WIDTHS = (9, 60, 12, 12, 14, 14, 10, 12, 20, 20, 12, 10, 40)
_WORDS = {"term": "term", "kpi": "KPI", "number": "number", "shift": "as it was", "neg": "minus", "growth": "growth",
          "none": "no value"}


@dataclass(frozen=True)
class _Line:
    """A value with Ledgerline's own beside it. formula: empty for a fixed text."""

    formula: str
    found: Found
    ours: Found
    tolerance: float


def write_figure(page: Any, formats: Any, book: Book, cells: Mapping[int, TermCells]) -> None:
    """Fill the sheet; `cells` tells where each computable term stands among the rows."""
    terms = [_term_line(n, use, cells.get(n)) for n, use in enumerate(book.evidence.terms)]
    steps = _step_lines(book, terms)
    for i, width in enumerate(_WIDTHS):
        page.set_column(i, i, width)
    look = formats[number_format(type_of(book.kpi.unit), book.kpi.decimals)]
    _summary(page, formats, book, steps[-1], look, len(terms))
    _heads(page, formats, FIRST_TERM - 2, _TERM_HEADS)
    for n, line in enumerate(terms):
        _write_term(page, formats, n, book.evidence.terms[n], line, cells.get(n))
    _heads(page, formats, step_row(len(terms), 0) - 2, _STEP_HEADS)
    for n, line in enumerate(steps):
        _write_step(page, step_row(len(terms), n), n, book.evidence.steps[n], line)
    page.freeze_panes(1, 2)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def step_row(terms: int, number: int) -> int:
    """The row of a step, counted from 1: below the terms, with a head between."""
    return FIRST_TERM + terms + 2 + number


def _term_line(number: int, use: Use, cells: TermCells | None) -> _Line:
    ours = recompute.shown(use.value)
    if cells is None:
        return _Line("", NONE, ours, 0.0)
    found = recompute.term_value(use, cells.column)
    formula = recompute.term_formula(use, cells, term_row(number))
    return _Line(formula, found, ours, recompute.term_tolerance(use, cells.column))


def _step_lines(book: Book, terms: list[_Line]) -> list[_Line]:
    lines: list[_Line] = []
    for step in book.evidence.steps:
        operands = [lines[i] for i in step.operands]
        values, term = [o.found for o in operands], terms[step.term] if step.term is not None else None
        at = [f"$I${step_row(len(terms), i)}" for i in step.operands]
        formula = recompute.step_formula(step, at, f"$I${term_row(step.term)}" if step.term is not None else "")
        errors = [o.tolerance for o in operands]
        tolerance = recompute.step_tolerance(step, values, errors, term.tolerance if term else 0)
        found = recompute.step_value(step, values, term.found if term else NONE)
        lines.append(_Line(formula, found, recompute.shown(step.value), tolerance))
    return lines


def _summary(page: Any, formats: Any, book: Book, line: _Line, look: Any, terms: int) -> None:
    """The figure, Ledgerline's own, and whether they are the same."""
    last = step_row(terms, len(book.evidence.steps) - 1)
    ours = recompute.shown(book.value)
    page.write_string(0, 0, text(book.about), formats.bold)
    labels = ("Recomputed from the rows", "Ledgerline's figure", "Difference", "Tolerance (binary rounding)", "Check")
    for i, label in enumerate(labels):
        page.write_string(3 + i, 1, label, formats.bold)
        if i == 0:
            _live(page, 3, 2, f"=$I${last}", line.found, look)
        elif i == 1:
            _fixed(page, 4, 2, ours, look)
        elif i == 2:
            both = not isinstance(line.found, str) and not isinstance(ours, str)
            apart = float(line.found) - float(ours) if both else ""
            _live(page, 5, 2, '=IF(COUNT($C$4,$C$5)=2,$C$4-$C$5,"")', apart, None)
        elif i == 3:
            page.write_number(6, 2, line.tolerance)
        else:
            _live(page, 7, 2, recompute.verdict_formula("$C$4", "$C$5", "$C$7"),
                  recompute.verdict(line.found, ours, line.tolerance), formats.bold)
    if book.reason:
        page.write_string(8, 1, text(book.reason))


def _heads(page: Any, formats: Any, row: int, heads: tuple[str, ...]) -> None:
    for i, head in enumerate(heads):
        page.write_string(row, i, head, formats.head)


def _write_term(page: Any, formats: Any, n: int, use: Use, line: _Line, cells: TermCells | None) -> None:
    row = term_row(n)
    page.write_string(row - 1, 0, f"T{n + 1}")
    page.write_string(row - 1, 1, text(use.text))
    for column, reach in ((2, use.reach), (4, use.before)):
        if reach is not None:
            page.write_datetime(row - 1, column, reach.start, formats["yyyy-mm-dd"])
            page.write_datetime(row - 1, column + 1, reach.end, formats["yyyy-mm-dd"])
    page.write_number(row - 1, 6, int(use.has_rows))
    if cells is not None and use.agg.func in ("first", "last") and cells.dates:
        _edge(page, row, use, cells, formats["yyyy-mm-dd"])
    _line(page, row, line)
    page.write_string(row - 1, 12, text(_where(use, cells)))


def _edge(page: Any, row: int, use: Use, cells: TermCells, look: Any) -> None:
    """The day that `first` or `last` takes; Excel counts days from 1899-12-30."""
    days = cells.column.days
    edge = (min if use.agg.func == "first" else max)(days) - _DAY_ZERO if days else 0
    page.write_array_formula(row - 1, 7, row - 1, 7, recompute.edge_formula(use, cells), look, edge)


_DAY_ZERO = 693_594  # date(1899, 12, 30).toordinal()


def _where(use: Use, cells: TermCells | None) -> str:
    if cells is None:
        return use.value.reason if isinstance(use.value, NoValue) else ""
    note = "" if cells.is_live else " (as Ledgerline computed it: the formula is longer than Excel takes)"
    return f"{cells.place}{note}"


def _write_step(page: Any, row: int, n: int, step: Step, line: _Line) -> None:
    page.write_string(row - 1, 0, f"S{n + 1}")
    page.write_string(row - 1, 1, text(step.text))
    of = f"T{step.term + 1}" if step.term is not None else f" {_sign(step)} ".join(f"S{i + 1}" for i in step.operands)
    page.write_string(row - 1, 2, of if len(step.operands) == 2 else f"{_WORDS.get(step.kind, step.kind)} {of}".strip())
    _line(page, row, line)
    if isinstance(step.value, NoValue):
        page.write_string(row - 1, 12, text(step.value.reason))


def _sign(step: Step) -> str:
    return "against" if step.kind == "growth" else step.kind


def _line(page: Any, row: int, line: _Line) -> None:
    """Recomputed, Ledgerline's own, tolerance, check."""
    if line.formula:
        _live(page, row - 1, 8, line.formula, line.found, None)
    else:
        page.write_string(row - 1, 8, NONE)
    _fixed(page, row - 1, 9, line.ours, None)
    page.write_number(row - 1, 10, line.tolerance)
    check = recompute.verdict_formula(f"$I${row}", f"$J${row}", f"$K${row}")
    _live(page, row - 1, 11, check, recompute.verdict(line.found, line.ours, line.tolerance), None)


def _live(page: Any, row: int, column: int, formula: str, value: Found, look: Any) -> None:
    page.write_formula(row, column, formula, look, value if isinstance(value, str) else Exact(value))


def _fixed(page: Any, row: int, column: int, value: Found, look: Any) -> None:
    if isinstance(value, str):
        page.write_string(row, column, value)
    else:
        page.write_number(row, column, Exact(value), look)
