"""A sheet as read: a rectangle of texts, and what is known about its cells beyond their text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dashapp.ingest import address

if TYPE_CHECKING:
    import pyarrow as pa

TextCells = Callable[[tuple[int, ...]], Mapping[int, frozenset[int] | None]]


def all_text(columns: tuple[int, ...]) -> Mapping[int, frozenset[int] | None]:
    """The answer for files that know only text: None means every cell of the column."""
    return dict.fromkeys(columns)


@dataclass(frozen=True, slots=True)
class Grid:
    """Texts by row and column; row i of `table` is row i + 1 of the source, column j is column first_column + j.

    table: Arrow strings in columns c0, c1, ...; null is an empty cell. errors: (row, column) -> what stands there
    instead of a value (`#DIV/0!`, an uncached formula). merges: (top, left, bottom, right), 0-based, in grid columns.
    widths: number of fields per row of a delimited file. lines: first line of each row where rows span lines.
    text_cells: which rows of the named columns hold text rather than numbers (None: all).
    """

    table: pa.Table
    sheet: str | None = None
    first_column: int = 0
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    merges: tuple[tuple[int, int, int, int], ...] = ()
    widths: pa.Array | None = None
    lines: tuple[int, ...] | None = None
    text_cells: TextCells = all_text
    is_1904: bool = False

    def cell(self, row: int, column: int) -> str:
        """Excel address of a 0-based grid position."""
        return address.cell(row, self.first_column + column)

    def letter(self, column: int) -> str:
        return address.letters(self.first_column + column)

    def rows(self, start: int, count: int) -> list[list[str | None]]:
        """`count` rows from `start` as lists of texts; whitespace-only cells are None."""
        part = self.table.slice(start, count)
        columns = [[t if t and t.strip(BLANKS) else None for t in c.to_pylist()] for c in part.columns]
        return [list(row) for row in zip(*columns, strict=True)] if columns else []


BLANKS = " \t\r\n\u00a0\u202f\u2009\u200b\u200c\u200d\u2060\ufeff"
