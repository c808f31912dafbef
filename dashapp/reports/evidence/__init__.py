"""The evidence workbook of one figure: the rows it was computed from, and live formulas that compute it again.

Sheets: `Figure` (the figure, its check, terms and steps), one sheet of rows per dataset, `Notes` (definition, moment,
uploads with hashes, statements). Cells from files are written by their type; no formula holds anything of them. Every
formula has its value beside it for programs that do not recompute.
"""
from __future__ import annotations

import io

from dashapp.reports.evidence.book import FIGURE, Book, RowsOf
from dashapp.reports.evidence.figure import write_figure
from dashapp.reports.evidence.rows import RowsSheet, width_of
from dashapp.reports.evidence.stream import put_rows
from dashapp.reports.xlsx.cells import text
from dashapp.reports.xlsx.formatted import OPTIONS, Formats, write_notes
from dashapp.reports.xlsx.sheets import NOTES, sheet_name

__all__ = ["Book", "RowsOf", "width_of", "write"]


def write(book: Book) -> bytes:
    """The workbook's bytes."""
    import xlsxwriter

    target = io.BytesIO()
    file = xlsxwriter.Workbook(target, OPTIONS)
    file.set_properties({"title": text(book.about)[:255], "created": book.created})
    file.set_calc_mode("auto")
    formats, figure = Formats(file), file.add_worksheet(FIGURE)
    taken, sheets = {FIGURE.lower(), NOTES.lower()}, []
    try:
        for rows in book.rows:
            name = sheet_name(rows.dataset.key, taken)
            sheets.append(RowsSheet(rows, book.evidence.terms, name, file.add_worksheet(name), formats))
            sheets[-1].write(f"Rows of {rows.dataset.name} behind {book.about}")
        write_figure(figure, formats, book, {n: s.cells(n) for s in sheets for n in s.rows.sheet.terms})
        write_notes(file, book.notes, formats)
        file.close()
        return put_rows(target.getvalue(), {f"xl/worksheets/sheet{n}.xml": s.file for n, s in enumerate(sheets, 2)})
    finally:
        for sheet in sheets:
            sheet.file.close()
