"""What an evidence workbook is made of, and where its cells stand."""
from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashapp.core.dataset import Dataset
from dashapp.core.kpi import Kpi
from dashapp.core.series import Number
from dashapp.query.evidence import Evidence, RowSheet

FIGURE = "Figure"
FIRST_TERM = 12  # the row of the first term on the sheet `Figure`, counted from 1
HEAD = 4  # rows above the first row of a dataset's sheet
EQUAL, DIFFERS = "equal", "differs"


@dataclass(frozen=True)
class RowsOf:
    """The fetched rows of one dataset. table: Arrow, as the statement of `sheet` gives them; files: upload -> name;
    places: for each row the cells it stands in (`Orders!H214`)."""

    sheet: RowSheet
    dataset: Dataset
    table: Any
    files: dict[str, str]
    places: list[str]


@dataclass(frozen=True)
class Book:
    """One figure with its evidence. value: None where there is none, for the reason in `reason`. notes: label, text."""

    kpi: Kpi
    about: str
    value: Number | None
    reason: str | None
    evidence: Evidence
    rows: tuple[RowsOf, ...]
    notes: tuple[tuple[str, str], ...]
    created: datetime


@dataclass
class TermColumn:
    """What stands in the column of a term, as it was written. numbers: the values in the order of the rows; days: of
    the same rows, as ordinals (for `first` and `last`); missing: rows that take part without a value."""

    numbers: array[float] = field(default_factory=lambda: array("d"))
    days: array[int] = field(default_factory=lambda: array("l"))
    missing: int = 0


@dataclass(frozen=True)
class TermCells:
    """Where a term stands among the rows. values: range of its column; dates: range of the date column; place: sheet
    and column, for people. is_live: the column recomputes itself; else it holds what the engine said. column: the same
    values, for those who read without recomputing."""

    values: str
    dates: str
    place: str
    is_live: bool
    column: TermColumn


def term_row(number: int) -> int:
    """The row of a term on the sheet `Figure`, counted from 1."""
    return FIRST_TERM + number
