"""Formatted workbooks through XlsxWriter, and the fallback for bulk rows."""
from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from dashapp.reports.table import Cell, Column, Figure, Table, merged_notes
from dashapp.reports.xlsx.cells import fit, text
from dashapp.reports.xlsx.formats import column_format, number_format, places, type_of
from dashapp.reports.xlsx.sheets import MAX_ROWS, NOTES, Sheet, sheets, widths

# Every guess XlsxWriter could make from the looks of a text is off; cells are written by type besides.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
           "nan_inf_to_errors": True, "in_memory": True}
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - workbook properties have no zone
_HEAD = {"bold": True, "bottom": 1, "bg_color": "#E9ECEF", "valign": "top", "text_wrap": True}


def write(tables: Sequence[Table], *, created: datetime | None = None, max_rows: int = MAX_ROWS) -> bytes:
    """The workbook's bytes. `max_rows` per sheet, head included, is lowered by tests only."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    title = text(tables[0].title) if tables else ""
    book.set_properties({"title": title[:255], "created": created or _EPOCH})
    formats = Formats(book)
    for sheet in sheets(tables, max_rows):
        _write_sheet(book, sheet, formats)
    if notes := merged_notes(tables):
        write_notes(book, notes, formats)
    book.close()
    return target.getvalue()


class Formats:
    """Formats by number format text, made once per workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}
        self.head = book.add_format(_HEAD)
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.bold = book.add_format({"bold": True, "valign": "top"})

    def __getitem__(self, number_format: str) -> Any:
        if number_format not in self._made:
            made = None if number_format == "General" else self._book.add_format({"num_format": number_format})
            self._made[number_format] = made
        return self._made[number_format]


def _write_sheet(book: Any, sheet: Sheet, formats: Formats) -> None:
    page = book.add_worksheet(sheet.name)
    columns = sheet.table.columns
    looks = [formats[column_format(c)] for c in columns]
    for i, (column, width) in enumerate(zip(columns, widths(sheet.table), strict=True)):
        page.set_column(i, i, width, looks[i])
        page.write_string(0, i, text(column.heading), formats.head)
    for number, row in enumerate(sheet.rows, start=1):
        for i, cell in enumerate(row):
            look = formats[_figure_format(cell)] if isinstance(cell, Figure) else looks[i]
            _write_cell(page, number, i, cell, columns[i], look)
    _lay_out(page, sheet, len(columns))


def _figure_format(figure: Figure) -> str:
    return number_format(type_of(figure.unit), figure.decimals)


def _write_cell(page: Any, row: int, i: int, cell: Cell, column: Column, look: Any) -> None:
    value = fit(cell, places(column))
    if value is None:
        return
    if isinstance(value, bool):
        page.write_string(row, i, "yes" if value else "no", look)
    elif isinstance(value, str):
        page.write_string(row, i, value, look)
    elif isinstance(value, date | datetime):
        page.write_datetime(row, i, value, look)
    else:
        page.write_number(row, i, Exact(value) if isinstance(value, float) else value, look)


class Exact(float):
    """A float that is written with all its digits: XlsxWriter formats to 16, of which some doubles need 17."""

    def __format__(self, spec: str, /) -> str:
        return repr(float(self))


def _lay_out(page: Any, sheet: Sheet, width: int) -> None:
    page.freeze_panes(1, 0)
    if width:
        page.autofilter(0, 0, max(sheet.length, 1), width - 1)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_footer(footer(sheet.table.title))


def footer(title: str) -> str:
    """Title left, page number right; `&` starts a code there and is doubled. Excel allows 255 characters."""
    return f"&L{text(title)[:100].replace('&', '&&')}&RPage &P of &N"


def write_notes(book: Any, notes: Sequence[tuple[str, str]], formats: Formats) -> None:
    page = book.add_worksheet(NOTES)
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 100)
    for row, (label, note) in enumerate(notes):
        page.write_string(row, 0, text(label), formats.bold)
        page.write_string(row, 1, text(note), formats.wrapped)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
