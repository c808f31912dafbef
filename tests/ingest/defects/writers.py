"""Ways to write the good table of orders, with one defect in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from tests.hostile import ods

HEADER = ("order_id", "date", "region", "qty", "price", "revenue")
ROWS = 24
FIRST = date(2025, 1, 9)
Cell = object
Table = list[list[Cell]]


@dataclass(frozen=True)
class Error:
    """A cell that holds an error value."""

    text: str


def good(n: int) -> list[Cell]:
    """The n-th row: what it would be without any defect."""
    price = Decimal(100 + 7 * n) / 8
    return [f"K{n:03d}", FIRST + timedelta(n), ("EMEA", "APAC", "NA")[n % 3], n + 1, price, price * (n + 1)]


@dataclass(frozen=True)
class Writer:
    """name: of the way; write: header and rows to a file; first: the line of the first row; left: column of the first
    cell, counted from 0. text: is everything text there?
    """

    name: str
    ending: str
    write: Callable[[Path, Sequence[str], Table], None]
    first: int = 2
    left: int = 0
    text: bool = True

    def letter(self, column: int) -> str:
        return chr(ord("A") + self.left + column)


def _texts(
    separator: str, day: str, mark: str, encoding: str = "utf-8"
) -> Callable[[Path, Sequence[str], Table], None]:
    def cell(value: Cell) -> str:
        if isinstance(value, date):
            return value.strftime(day)
        if isinstance(value, Decimal):
            return str(value).replace(".", mark)
        return value.text if isinstance(value, Error) else "" if value is None else str(value)

    def write(path: Path, header: Sequence[str], rows: Table) -> None:
        lines = [separator.join(header), *(separator.join(map(cell, row)) for row in rows)]
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))

    return write


def _sheet(top: int, left: int, title: str | None) -> Callable[[Path, Sequence[str], Table], None]:
    def write(path: Path, header: Sequence[str], rows: Table) -> None:
        book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
        page, day = book.add_worksheet("Orders"), book.add_format({"num_format": "yyyy-mm-dd"})
        if title:
            page.write_string(0, 0, title)
        for c, name in enumerate(header):
            page.write_string(top, left + c, name)
        for r, row in enumerate(rows, start=top + 1):
            for c, value in enumerate(row, start=left):
                if isinstance(value, Error):
                    page.write_formula(r, c, "=1/0", None, value.text)
                elif isinstance(value, date):
                    page.write_datetime(r, c, value, day)
                elif isinstance(value, str):
                    page.write_string(r, c, value)
                elif value is not None:
                    page.write_number(r, c, float(value))  # type: ignore[arg-type]
        book.close()

    return write


def _ods(path: Path, header: Sequence[str], rows: Table) -> None:
    def cell(value: Cell) -> str:
        if isinstance(value, date):
            return ods.day(value.isoformat())
        if isinstance(value, Error):
            return ods.text(value.text)
        if value is None:
            return "<table:table-cell/>"
        return ods.text(value) if isinstance(value, str) else ods.number(float(value))  # type: ignore[arg-type]

    body = ods.table("Orders", [ods.text(h) for h in header], *([cell(v) for v in row] for row in rows))
    ods.pack(path, ods.content(body))


WRITERS = (
    Writer("csv", "csv", _texts(",", "%Y-%m-%d", ".")),
    Writer("csv-de", "csv", _texts(";", "%d.%m.%Y", ",", "cp1252")),
    Writer("tsv-us", "tsv", _texts("\t", "%m/%d/%Y", ".", "utf-16")),
    Writer("xlsx", "xlsx", _sheet(0, 0, None), text=False),
    Writer("xlsx-c5", "xlsx", _sheet(4, 2, "Orders of the year"), first=6, left=2, text=False),
    Writer("ods", "ods", _ods),
)
