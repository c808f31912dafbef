"""What can be wrong with one row of a table, or with all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.ingest.defects.writers import Error, Table, good

ID, DAY, REGION, QTY, PRICE, REVENUE = range(6)


@dataclass(frozen=True)
class Defect:
    """kind: its family; plant: puts it into row n of the rows. column: where it shows, None for the whole row.
    is_kept: the row itself may come in, if it is told; spoils: so may those behind it, which it spoils as well.
    """

    kind: str
    name: str
    plant: Callable[[Table, int], None]
    column: int | None = None
    is_kept: bool = False
    spoils: bool = False


def _cell(column: int, value: object) -> Callable[[Table, int], None]:
    def plant(rows: Table, n: int) -> None:
        rows[n][column] = value

    return plant


def _shifted(by: int) -> Callable[[Table, int], None]:
    def plant(rows: Table, n: int) -> None:
        row = rows[n]
        rows[n] = [None, *row[:-1]] if by > 0 else [*row[1:], None]

    return plant


def _again(changed: bool) -> Callable[[Table, int], None]:
    def plant(rows: Table, n: int) -> None:
        copy = list(rows[n])
        if changed:
            copy[REVENUE] = Decimal("1.25")
        rows.append(copy)

    return plant


def _spelled(change: Callable[[str], str]) -> Callable[[Table, int], None]:
    """The row once more, its key spelled otherwise."""

    def plant(rows: Table, n: int) -> None:
        rows.append([change(str(rows[n][ID])), *rows[n][1:]])

    return plant


def _times(column: int, factor: Decimal) -> Callable[[Table, int], None]:
    def plant(rows: Table, n: int) -> None:
        rows[n][column] = Decimal(str(rows[n][column])) * factor

    return plant


def _moved(column: int) -> Callable[[Table, int], None]:
    """A column slid down by one cell from here on."""

    def plant(rows: Table, n: int) -> None:
        cells = [None, *(row[column] for row in rows[n:])]
        rows.append([None] * len(rows[n]))
        for row, cell in zip(rows[n:], cells, strict=True):
            row[column] = cell

    return plant


def _digits(rows: Table, n: int) -> None:
    """The first two digits that differ change their places."""
    text = str(rows[n][REVENUE])
    at = next(i for i in range(len(text) - 1) if text[i : i + 2].isdigit() and text[i] != text[i + 1])
    rows[n][REVENUE] = Decimal(text[:at] + text[at + 1] + text[at] + text[at + 2 :])


def _small(rows: Table, n: int) -> None:
    rows[n][REGION] = str(rows[n][REGION]).lower()


def _pasted(rows: Table, n: int) -> None:
    rows.extend(list(row) for row in rows[n : n + 4])


def _total(rows: Table, n: int) -> None:
    rows.insert(n, ["Total", None, None, sum(r[QTY] for r in rows[:n]), None, sum(r[REVENUE] for r in rows[:n])])  # type: ignore[misc]


def _header(rows: Table, n: int) -> None:
    rows.insert(n, ["order_id", "date", "region", "qty", "price", "revenue"])


def _swapped(rows: Table, n: int) -> None:
    rows[n][QTY], rows[n][REGION] = rows[n][REGION], rows[n][QTY]


DATES = (
    "2025-02-30",
    "32.13.2025",
    "soon",
    "12:30",
    "1789-07-14",
    "2025-13-13",
    "n/a",
    None,
    "99/99/2025",
    "May the 4th",
)
NUMBERS = ("many", "1O0", "--5", "5 5", "0x1F", "1e400", "inf", "=A1*2", "5k", "1.2.3", "n.n.", "12:30")
DEFECTS = (
    *(Defect("date", f"date {t}", _cell(DAY, t), DAY) for t in DATES),
    *(Defect("number", f"qty {t}", _cell(QTY, t), QTY) for t in NUMBERS[:6]),
    *(Defect("number", f"revenue {t}", _cell(REVENUE, t), REVENUE) for t in NUMBERS[6:]),
    *(
        Defect("error", f"{t} in {c}", _cell(c, Error(t)), c, is_kept=t == "#N/A")  # as a text it says: missing
        for t, c in (("#DIV/0!", REVENUE), ("#REF!", PRICE), ("#N/A", QTY), ("#VALUE!", DAY))
    ),
    Defect("shift", "cells one to the right", _shifted(1)),
    Defect("shift", "cells one to the left", _shifted(-1)),
    Defect("shift", "region and quantity swapped", _swapped, is_kept=True),  # the region `NA` is a missing quantity
    Defect("sign", "negative revenue", _cell(REVENUE, Decimal("-517.25")), REVENUE, is_kept=True),
    Defect("sign", "negative quantity", _cell(QTY, Decimal(-7)), QTY, is_kept=True),
    Defect("sign", "a row of returns without their sign", _times(REVENUE, Decimal(-1)), REVENUE, is_kept=True),
    Defect("unit", "revenue in thousands", _times(REVENUE, Decimal("0.001")), REVENUE, is_kept=True),
    Defect("unit", "price in cents", _times(PRICE, Decimal(100)), is_kept=True),
    Defect("number", "two digits changed places", _digits, REVENUE, is_kept=True),
    Defect("number", "a zero typed for the amount", _cell(REVENUE, Decimal(0)), REVENUE, is_kept=True),
    Defect("date", "a slip of the decade", _cell(DAY, date(2015, 1, 12)), DAY, is_kept=True),
    Defect("date", "a slip of the century", _cell(DAY, date(1925, 1, 12)), DAY, is_kept=True),
    Defect("shift", "revenue slid down by one", _moved(REVENUE), spoils=True, is_kept=True),
    Defect("shift", "quantity slid down by one", _moved(QTY), spoils=True, is_kept=True),
    Defect("duplicate", "a key in small letters", _spelled(str.lower), is_kept=True),
    Defect("duplicate", "a key with a blank behind", _spelled(lambda k: f"{k} "), is_kept=True),
    Defect("duplicate", "a key with a hard blank in it", _spelled(lambda k: f"{k[0]}\u00a0{k[1:]}"), is_kept=True),
    Defect("spelling", "a region in small letters", _small, REGION, is_kept=True),
    Defect("unit", "percent among amounts", _cell(PRICE, "12 %"), PRICE, is_kept=True),
    Defect("unit", "dollars among amounts", _cell(PRICE, "USD 12"), PRICE),
    Defect("date", "a date to come", _cell(DAY, date(2031, 3, 14)), DAY, is_kept=True),
    Defect("duplicate", "a row twice", _again(changed=False), is_kept=True),
    Defect("duplicate", "a key with two values", _again(changed=True)),
    Defect("overlap", "a block pasted again", _pasted, is_kept=True),
    Defect("row", "a total in between", _total, is_kept=True),
    Defect("row", "a header in between", _header, is_kept=True),
    Defect("key", "no order number", _cell(ID, None), ID),
)
assert good(0)[DAY] is not None
