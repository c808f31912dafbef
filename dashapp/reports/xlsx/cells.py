"""What a worksheet cell can hold: texts cut and cleaned, numbers that Excel keeps exactly, dates it knows."""
from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal

from dashapp.reports.csv import number_text
from dashapp.reports.table import Cell, Figure

MAX_TEXT = 32_767
CUT_MARK = " … [cut]"
# XML 1.0 cannot carry these; tab and line feed it can. `_x0041_` in a text would be shown as `A` by Excel.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Excel keeps 15 digits: the first whole number that could lose the last of so many decimals.
_LIMITS = [10 ** (15 - decimals) for decimals in range(16)]
_FIRST_DATE = date(1900, 1, 1)

ExcelCell = str | int | float | bool | date | datetime | None


def fit(cell: Cell, decimals: int = 0) -> ExcelCell:
    """The cell as Excel can keep it.

    A decimal or whole number that would lose its last shown digit (Excel holds 15) becomes text with all digits. NaN
    and infinity become blanks, moments UTC without a zone, dates before 1900 ISO texts.
    """
    if isinstance(cell, Figure):
        return fit(cell.value, cell.decimals)
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, str):
        return text(cell)
    if isinstance(cell, datetime):
        return _moment(cell)
    if isinstance(cell, date):
        return cell if cell >= _FIRST_DATE else cell.isoformat()
    return _number(cell, decimals)


def text(value: str) -> str:
    """The text without characters a workbook cannot hold (each becomes �, CR LF a line feed), cut with a mark."""
    if len(value) <= MAX_TEXT // 2 and value.isprintable():
        return value  # nearly every cell of nearly every table
    value = _UNPRINTABLE.sub("\ufffd", value.replace("\r\n", "\n"))
    return value if _units(value) <= MAX_TEXT else _cut(value)


def _units(value: str) -> int:
    """Length as Excel counts it: in UTF-16 units, so an emoji is two."""
    return len(value) if len(value) <= MAX_TEXT // 2 else len(value.encode("utf-16-le")) // 2


def _cut(value: str) -> str:
    room = (MAX_TEXT - len(CUT_MARK)) * 2
    return value.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore") + CUT_MARK


def _number(value: Decimal | float | int, decimals: int) -> ExcelCell:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    if abs(value) >= _LIMITS[min(decimals, 15) if isinstance(value, Decimal) else 0]:
        return number_text(value, decimals=decimals)
    return value if isinstance(value, int) else float(value)


def _moment(value: datetime) -> ExcelCell:
    naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return naive if naive.date() >= _FIRST_DATE else naive.isoformat(sep=" ")
