"""The value every writer takes: a titled table of typed cells with the notes that make it traceable."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from dashapp.core.kpi import Unit

CellType = Literal["text", "number", "money", "percent", "integer", "date", "datetime", "flag", "figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that brings its own unit, for columns that mix KPIs. Percent values are fractions."""

    value: Decimal | float | int | None
    unit: Unit
    decimals: int


Cell = str | int | float | Decimal | bool | date | datetime | Figure | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. decimals: shown in Excel and the least written in CSV for money; values are never rounded.

    unit: text put behind the title (`EUR`); width: characters, None to fit the content.
    """

    title: str
    type: CellType = "text"
    decimals: int | None = None
    unit: str | None = None
    width: int | None = None

    @property
    def heading(self) -> str:
        return f"{self.title} ({self.unit})" if self.unit else self.title


class Rows(Protocol):
    """Anything of known length that can be walked more than once: a tuple of tuples or `ArrowRows`."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Sequence[Any]]: ...


@dataclass(frozen=True, slots=True)
class Table:
    """title: also the sheet's name. Each row holds one cell per column; None is no value and stays blank.

    notes: (label, text) pairs: what was asked, filters, as-of, data versions, definitions. They go to a sheet of
    their own in Excel and are left out of CSV, which programs read.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Rows
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ArrowRows:
    """The rows of an Arrow table, walked batch by batch: a million rows are never Python objects all at once."""

    table: Any
    batch: int = 8_192

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for batch in self.table.to_batches(max_chunksize=self.batch):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def bare(cell: Cell) -> str | int | float | Decimal | bool | date | datetime | None:
    """The cell without its unit."""
    return cell.value if isinstance(cell, Figure) else cell


def merged_notes(tables: Iterable[Table]) -> tuple[tuple[str, str], ...]:
    """The notes of all tables, each once, in order of first appearance."""
    return tuple(dict.fromkeys(note for table in tables for note in table.notes))
