"""Sheets: names Excel accepts, tables cut to the length of a sheet, and widths that show the content."""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dashapp.reports.table import Figure, Table

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_NAME = 31
NOTES = "Notes"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SAMPLE = 200
_WIDTHS = (8, 60)
_BY_TYPE = {"date": 11, "datetime": 20, "money": 14, "percent": 10, "integer": 10, "number": 14, "flag": 9,
            "figure": 16}


@dataclass
class Sheet:
    """One worksheet: its name, its table, and how many of the table's rows are its own (taken from `rows` in turn)."""

    name: str
    table: Table
    rows: Iterator[Sequence[Any]]
    length: int


def sheets(tables: Sequence[Table], max_rows: int = MAX_ROWS) -> list[Sheet]:
    """The sheets of a workbook. A table longer than a sheet goes on in further sheets `Name (2)`, each with its head.

    Sheets of one table share one walk through its rows: write them in order. Raises ValueError beyond 16,384 columns.
    """
    taken = {NOTES.lower()}
    out = []
    for table in tables:
        if len(table.columns) > MAX_COLUMNS:
            raise ValueError(f"{table.title}: a worksheet has at most {MAX_COLUMNS} columns")
        rows, left = iter(table.rows), len(table.rows)
        while True:
            length = min(left, max_rows - 1)
            out.append(Sheet(sheet_name(table.title, taken), table, islice(rows, length), length))
            left -= length
            if not left:
                break
    return out


def sheet_name(title: str, taken: set[str]) -> str:
    """A name Excel accepts, near to `title`, not yet in `taken` (lower case; the new name is added)."""
    base = _FORBIDDEN.sub(" ", title).strip().strip("'").strip() or "Sheet"
    if base.lower() == "history":
        base = "History of"
    name, number = _cut(base, MAX_NAME), 1
    while name.lower() in taken:
        number += 1
        ending = f" ({number})"
        name = _cut(base, MAX_NAME - len(ending)) + ending
    taken.add(name.lower())
    return name


def widths(table: Table) -> list[int]:
    """Characters per column: what is declared, else the longest of head and first rows, within 8 to 60."""
    out = [c.width or max(len(c.heading) + 3, _BY_TYPE.get(c.type, 8)) for c in table.columns]
    for row in islice(iter(table.rows), _SAMPLE):
        for i, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            if column.width is None and column.type == "text" and cell is not None and not isinstance(cell, Figure):
                out[i] = max(out[i], len(str(cell)) + 2)
    return [min(max(w, _WIDTHS[0]), _WIDTHS[1]) for w in out]


def _cut(name: str, limit: int) -> str:
    """Excel counts UTF-16 units."""
    return name.encode("utf-16-le")[: limit * 2].decode("utf-16-le", errors="ignore").strip().strip("'")
