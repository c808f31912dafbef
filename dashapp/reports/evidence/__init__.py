"""The evidence workbook of one figure: the rows it was computed from, and live formulas that compute it again.

Sheets: `Figure` (the figure, its check, terms and steps), one sheet of rows per dataset, `Notes` (definition, moment,
uploads with hashes, statements). Cells from files are written by their type; no formula holds anything of them. Every
formula has its value beside it for programs that do not recompute.
"""
from __future__ import annotations

import io
from typing import Any

from dashapp.reports.evidence.book import FIGURE, Book, RowsOf, TermCells
from dashapp.reports.evidence.figure import write_figure
from dashapp.reports.evidence.rows import RowsSheet, width_of
from dashapp.reports.xlsx.cells import text
from dashapp.reports.xlsx.formatted import OPTIONS, Formats, write_notes
from dashapp.reports.xlsx.sheets import NOTES, sheet_name

__all__ = ["Book", "RowsOf", "width_of", "write"]
_OPTIONS = {**OPTIONS, "in_memory": False, "constant_memory": True}  # hundreds of thousands of rows are never held


def write(book: Book) -> bytes:
    """The workbook's bytes."""
    import xlsxwriter

    target = io.BytesIO()
    file = xlsxwriter.Workbook(target, _OPTIONS)
    file.set_properties({"title": text(book.about)[:255], "created": book.created})
    file.set_calc_mode("auto")
    formats, figure = Formats(file), file.add_worksheet(FIGURE)
    cells: dict[int, TermCells] = {}
    taken = {FIGURE.lower(), NOTES.lower()}
    for rows in book.rows:
        cells |= _write_rows(file, rows, book, taken, formats)
    write_figure(figure, formats, book, cells)
    write_notes(file, book.notes, formats)
    file.close()
    return target.getvalue()


def _write_rows(file: Any, rows: RowsOf, book: Book, taken: set[str], formats: Formats) -> dict[int, TermCells]:
    name = sheet_name(rows.dataset.key, taken)
    sheet = RowsSheet(rows, book.evidence.terms, name, file.add_worksheet(name), formats)
    sheet.write(f"Rows of {rows.dataset.name} behind {book.about}")
    return {n: sheet.cells(n) for n in rows.sheet.terms}
