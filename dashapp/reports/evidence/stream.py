"""Hundreds of thousands of rows for a worksheet, written as they come: what XlsxWriter does cell by cell takes minutes.

The workbook is made by XlsxWriter, with the heads of the sheets; the rows are put into it afterwards, column by column
and by the type of each column. Texts are inline, so that none of them is ever taken for anything else.
"""
from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import isfinite
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from xml.sax.saxutils import escape

from dashapp.reports.xlsx.cells import text

_ROWS_END = "</sheetData>"
_DIMENSION = re.compile(r'<dimension ref="[^"]*"/>')
_CODE = re.compile(r"(_x[0-9a-fA-F]{4}_)")  # Excel reads `_x0041_` as `A`
_HELD = 1 << 25  # bytes of rows in memory; more go to a temporary file
_MEMO = 50_000
_NULL_DAY = date(1899, 12, 31).toordinal()
Parts = Sequence[str]


def text_cells(letter: str, rows: range, values: Iterable[str | None], memo: dict[str, str]) -> list[str]:
    """Texts as they are, in cells that hold text."""
    return ["" if v is None else f'<c r="{letter}{r}" t="inlineStr">{_inline(v, memo)}</c>'
            for r, v in zip(rows, values, strict=True)]


def number_cells(letter: str, rows: range, values: Iterable[Any], style: int = 0) -> list[str]:
    """Numbers with all their digits; none for a missing or infinite one."""
    look = f' s="{style}"' if style else ""
    return ["" if v is None or not isfinite(v) else f'<c r="{letter}{r}"{look}><v>{_digits(v)}</v></c>'
            for r, v in zip(rows, values, strict=True)]


def date_cells(letter: str, rows: range, values: Iterable[date | None], style: int) -> list[str]:
    return ["" if v is None else f'<c r="{letter}{r}" s="{style}"><v>{day_number(v)}</v></c>'
            for r, v in zip(rows, values, strict=True)]


def formula_cells(letter: str, rows: range, values: Iterable[float | int | str], parts: Parts) -> list[str]:
    """Formulas with the value beside each. parts: the formula without `=`, cut where the row's number stands."""
    parts = [escape(p) for p in parts]
    return [f'<c r="{letter}{r}" t="str"><f>{str(r).join(parts)}</f><v>{v}</v></c>' if isinstance(v, str) else
            f'<c r="{letter}{r}"><f>{str(r).join(parts)}</f><v>{_digits(v)}</v></c>'
            for r, v in zip(rows, values, strict=True)]


def day_number(day: date) -> int:
    """The number Excel gives a day; it believes that there was a 29th of February 1900."""
    number = day.toordinal() - _NULL_DAY
    return number + (number > 59)


def _digits(value: Any) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))


def _inline(value: str, memo: dict[str, str]) -> str:
    found = memo.get(value)
    if found is None:
        shown = escape(_CODE.sub(r"_x005F\1", text(value)))
        found = f'<is><t xml:space="preserve">{shown}</t></is>'
        if len(memo) < _MEMO:
            memo[value] = found
    return found


class RowFile:
    """The rows of one sheet, waiting to be put into the workbook. end: address of the last cell."""

    def __init__(self) -> None:
        self._file: IO[bytes] = SpooledTemporaryFile(_HELD)  # noqa: SIM115 - closed by `close`
        self.end = ""

    def add(self, rows: range, columns: Sequence[list[str]]) -> None:
        """One batch: the cells of every column for these rows (counted from 1)."""
        lines = (f'<row r="{r}">{"".join(cells)}</row>' for r, cells in zip(rows, zip(*columns, strict=True),
                                                                             strict=True))
        self._file.write("".join(lines).encode())

    def chunks(self) -> Iterator[bytes]:
        self._file.seek(0)
        while chunk := self._file.read(1 << 20):
            yield chunk

    def close(self) -> None:
        self._file.close()


def put_rows(workbook: bytes, rows: Mapping[str, RowFile]) -> bytes:
    """The workbook with the rows behind those its sheets have. rows: entry of the archive -> its rows."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, \
            zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            entry = zipfile.ZipInfo(info.filename, info.date_time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with new.open(entry, "w") as out:
                for chunk in _entry(old.read(info), rows.get(info.filename)):
                    out.write(chunk)
    return target.getvalue()


def _entry(content: bytes, rows: RowFile | None) -> Iterator[bytes]:
    if rows is None:
        yield content
        return
    head, _, tail = content.decode().partition(_ROWS_END)
    yield _DIMENSION.sub(f'<dimension ref="A1:{rows.end}"/>', head, count=1).encode()
    yield from rows.chunks()
    yield (_ROWS_END + tail).encode()
