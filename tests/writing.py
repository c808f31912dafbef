"""Workbooks as people make them, for tests of every room."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol


def workbook(path: Path, rows: Sequence[Sequence[Any]], *, at: str = "A1", title: str = "Sheet1",
             merges: Sequence[tuple[str, str]] = ()) -> Path:
    """One sheet with the rows from `at` on: dates as real date cells, texts as texts, None left empty; `merges` are
    areas with the label that is written across them."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    page, form = book.add_worksheet(title), book.add_format({"num_format": "dd/mm/yyyy"})
    top, left = xl_cell_to_rowcol(at)
    for r, row in enumerate(rows, top):
        for c, value in enumerate(row, left):
            if isinstance(value, date):
                page.write_datetime(r, c, value, form)
            elif isinstance(value, str):
                page.write_string(r, c, value)
            elif value is not None:
                page.write_number(r, c, value)
    for area, label in merges:
        page.merge_range(area, label)
    book.close()
    return path
