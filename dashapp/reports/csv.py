"""Tables as CSV that no spreadsheet takes for formulas.

Source: OWASP "CSV Injection". A text whose first visible character could start a formula gets an apostrophe in
front, unless the text is a plain number.
"""
from __future__ import annotations

import csv as _csv
import io
import math
import re
from datetime import date, datetime
from decimal import Decimal

from dashapp.reports.table import Cell, Column, Figure, Table

# Full-width and small variants count too: some spreadsheets fold them to ASCII on import.
_STARTERS = "=+\\-@＝＋－＠﹦﹢﹣﹫−"
_DANGEROUS = re.compile(rf"^(?:[\t\r\n\x00]|[\s\ufeff\u200b\x00-\x1f{{]*[{_STARTERS}])")
_NUMBER = re.compile(r"^[+-]?(?:\d{1,3}(?:[.,' ]\d{3})+|\d+)?(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?%?$", re.ASCII)
LONGEST = 8  # decimals of money and of its products


def write(table: Table, *, bom: bool = True, delimiter: str = ",", decimal: str = ".") -> bytes:
    """The table as CSV: UTF-8, CRLF, one header line, ISO dates, no value as an empty field.

    bom: lead with a byte-order mark, which Excel needs to read UTF-8. decimal: mark of fractions; with a comma the
    delimiter must be another. Numbers are written in full, never rounded. Raises ValueError when the marks collide.
    """
    if delimiter == decimal or len(delimiter) != 1:
        raise ValueError("the delimiter must be one character and differ from the decimal mark")
    out = io.StringIO(newline="")
    writer = _csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([guard(c.heading) for c in table.columns])
    columns = table.columns
    for row in table.rows:
        writer.writerow([_field(cell, column, decimal) for cell, column in zip(row, columns, strict=True)])
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8", errors="replace")


def guard(text: str) -> str:
    """The text, with an apostrophe in front when a spreadsheet could run it. NUL, which CSV cannot carry, becomes �."""
    safe = text.replace("\x00", "\ufffd")
    return f"'{safe}" if _DANGEROUS.match(text) and not is_number(text) else safe


def is_number(text: str) -> bool:
    """Is the text nothing but one number, as people write them (`-1,234.50`, `+3`, `-4%`, `1e6`)?"""
    return any(c.isdigit() for c in text) and bool(_NUMBER.fullmatch(text))


def number_text(value: Decimal | float | int, *, decimals: int = 0, mark: str = ".") -> str:
    """A number in full without exponent: at least `decimals` digits after the mark, no other trailing zeros."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if -int(exact.as_tuple().exponent) > LONGEST:  # a quotient, which has no last digit: as JSON and Excel show it
        exact = Decimal(repr(float(exact)))
    text = f"{exact:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(decimals, "0")
    return whole + (mark + fraction if fraction else "")


def _field(cell: Cell, column: Column, mark: str) -> str:
    decimals = column.decimals or 0 if column.type == "money" else 0
    if isinstance(cell, Figure):
        decimals, cell = cell.decimals if cell.unit == "currency" else 0, cell.value
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Decimal | float | int):
        return number_text(cell, decimals=decimals, mark=mark) if _is_finite(cell) else ""
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return guard(str(cell))


def _is_finite(value: Decimal | float | int) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)

