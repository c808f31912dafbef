"""Bulk rows through rustpy-xlsxwriter, several times faster than XlsxWriter, with the same cells.

The library is young, so it gets only what it was tried with: records of plain Python values. (It leaves decimals of
Arrow tables blank without a word, and refuses texts over Excel's limit: cells are fitted before.) Texts are written as
inline strings and never looked at: no formula, no link can come of them.
"""
from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dashapp.reports.table import Column, Table, merged_notes
from dashapp.reports.xlsx.cells import ExcelCell, fit, text
from dashapp.reports.xlsx.formats import column_format, places
from dashapp.reports.xlsx.formatted import footer
from dashapp.reports.xlsx.sheets import MAX_ROWS, NOTES, Sheet, sheets, widths


def can_write(tables: Sequence[Table]) -> bool:
    """Is the library there, and can it express these tables: unique headings, one format per column?"""
    return importlib.util.find_spec("rustpy_xlsxwriter") is not None and all(
        len({text(c.heading) for c in t.columns}) == len(t.columns) and all(c.type != "figure" for c in t.columns)
        for t in tables
    )


def write(tables: Sequence[Table], *, max_rows: int = MAX_ROWS) -> bytes:
    """The workbook's bytes."""
    from rustpy_xlsxwriter import write_worksheets

    parts = sheets(tables, max_rows)
    notes = merged_notes(tables)
    wide: dict[str, dict[str, float] | list[float]] = {s.name: [float(w) for w in widths(s.table)] for s in parts}
    target = io.BytesIO()
    write_worksheets(
        [*((s.name, _records(s)) for s in parts), *([(NOTES, _notes(notes))] if notes else [])], target,
        freeze_panes={s.name: {"row": 1, "col": 0} for s in parts},
        autofilter={s.name: True for s in parts},
        column_widths={**wide, NOTES: [24.0, 100.0]},
        column_formats={s.name: _formats(s.table.columns) for s in parts},
        header_format={s.name: _head() for s in parts},
        page_setup={s.name: _page(s.table.title) for s in parts},
    )
    return target.getvalue()


def _records(sheet: Sheet) -> Iterator[dict[str, ExcelCell]] | list[dict[str, ExcelCell]]:
    heads = [text(c.heading) for c in sheet.table.columns]
    if not sheet.length:
        return [dict.fromkeys(heads)]
    fits = [_fitter(c) for c in sheet.table.columns]
    return ({h: f(cell) for h, f, cell in zip(heads, fits, row, strict=True)} for row in sheet.rows)


def _fitter(column: Column) -> Callable[[Any], ExcelCell]:
    decimals = places(column)

    def fitted(cell: Any) -> ExcelCell:
        value = fit(cell, decimals)
        return ("yes" if value else "no") if isinstance(value, bool) else value

    return fitted


def _notes(notes: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"About": text(label), "this file": text(note)} for label, note in notes]


def _formats(columns: Sequence[Column]) -> list[Any]:
    from rustpy_xlsxwriter import Format

    return [Format().set_num_format(column_format(c)) for c in columns]


def _head() -> Any:
    from rustpy_xlsxwriter import Format

    return Format().set_bold().set_border_bottom("thin").set_background_color("#E9ECEF").set_text_wrap()


def _page(title: str) -> dict[str, Any]:
    return {"landscape": True, "paper_size": 9, "repeat_rows": (0, 0), "fit_to_pages": (1, 0), "footer": footer(title)}
