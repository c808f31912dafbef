"""A sheet as read: a rectangle of texts, and what is known about its cells beyond their text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dashapp.core.position import packed
from dashapp.ingest import address

if TYPE_CHECKING:
    import pyarrow as pa

TextCells = Callable[[tuple[int, ...]], Mapping[int, frozenset[int] | None]]
Merges = tuple[tuple[int, int, int, int], ...]


def all_text(columns: tuple[int, ...]) -> Mapping[int, frozenset[int] | None]:
    """The answer for files that know only text: None means every cell of the column."""
    return dict.fromkeys(columns)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the cells of a table stand that was turned: every row of it comes from a cell of the source.

    rows, columns: source row and absolute column (0-based) per grid row. fixed: per grid column the source row and
    the absolute column that hold for all its cells; None where that of the grid row holds.
    """

    rows: Sequence[int]
    columns: Sequence[int]
    fixed: tuple[tuple[int | None, int | None], ...]

    def cell(self, row: int, column: int) -> tuple[int, int]:
        """(source row, absolute column) of a grid position."""
        line, at = self.fixed[column]
        return (self.rows[row] if line is None else line), (self.columns[row] if at is None else at)

    def letter(self, column: int) -> str:
        """`B` for a column that stays one, `C:N` for one that runs across, `C4:N4` for one within a row."""
        line, at = self.fixed[column]
        if at is not None:
            return address.letters(at)
        first, last = min(self.columns[1:], default=0), max(self.columns[1:], default=0)
        row = "" if line is None else str(line + 1)
        return f"{address.letters(first)}{row}:{address.letters(last)}{row}"


@dataclass(frozen=True, slots=True)
class Grid:
    """Texts by row and column; row i of `table` is row i + 1 of the source, column j is column first_column + j.

    table: Arrow strings in columns c0, c1, ...; null is an empty cell. errors: (row, column) -> what stands there
    instead of a value (`#DIV/0!`, an uncached formula). merges: (top, left, bottom, right), 0-based, in grid columns.
    widths: number of fields per row of a delimited file. lines: first line of each row where rows span lines.
    text_cells: which rows of the named columns hold text rather than numbers (None: all). origin: where cells stand
    in the source, for a table that was turned.
    """

    table: pa.Table
    sheet: str | None = None
    first_column: int = 0
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    merges: Merges = ()
    widths: pa.Array | None = None
    lines: tuple[int, ...] | None = None
    text_cells: TextCells = all_text
    is_1904: bool = False
    origin: Origin | None = None

    def cell(self, row: int, column: int) -> str:
        """Excel address of a 0-based grid position."""
        if self.origin is not None:
            return address.cell(*self.origin.cell(row, column))
        return address.cell(row, self.first_column + column)

    def letter(self, column: int) -> str:
        if self.origin is not None:
            return self.origin.letter(column)
        return address.letters(self.first_column + column)

    def line(self, row: int) -> int:
        """The row of the source, counted from 1, of a 0-based grid row."""
        return row + 1 if self.origin is None else self.origin.rows[row] + 1

    def place(self, row: int) -> str:
        """How a whole grid row is called: `row 7`, or the cell it comes from."""
        if self.origin is None:
            return f"row {row + 1}"
        return address.cell(self.origin.rows[row], self.origin.columns[row])

    def position(self, row: int) -> int:
        """What the vintage keeps of where a grid row stands (see core.position)."""
        if self.origin is None:
            return row + 1
        return packed(self.origin.rows[row] + 1, self.origin.columns[row])

    def rows(self, start: int, count: int) -> list[list[str | None]]:
        """`count` rows from `start` as lists of texts; whitespace-only cells are None."""
        part = self.table.slice(start, count)
        columns = [[t if t and t.strip(BLANKS) else None for t in c.to_pylist()] for c in part.columns]
        return [list(row) for row in zip(*columns, strict=True)] if columns else []

    def cut(self, top: int, left: int, bottom: int, right: int) -> Grid:
        """The same sheet with nothing but the cells of a rectangle (0-based grid positions, both ends within)."""
        import pyarrow as pa

        names = self.table.column_names[left : right + 1]
        body = self.table.select(names).slice(top, bottom - top + 1)
        above = pa.table({n: pa.nulls(top, pa.string()) for n in names})
        table = pa.concat_tables([above, body]).rename_columns([f"c{i}" for i in range(len(names))])
        inside = {(r, c - left): t for (r, c), t in self.errors.items() if top <= r <= bottom and left <= c <= right}
        merges = tuple((t, lo - left, b, hi - left) for t, lo, b, hi in self.merges
                       if top <= t and b <= bottom and left <= lo and hi <= right)
        widths = None if self.widths is None else _widths_within(self.widths, left, right, table.num_rows)

        def texts(columns: tuple[int, ...]) -> Mapping[int, frozenset[int] | None]:
            found = self.text_cells(tuple(c + left for c in columns))
            return {c - left: rows for c, rows in found.items()}

        return replace(self, table=table, first_column=self.first_column + left, errors=inside, merges=merges,
                       widths=widths, text_cells=texts)


def _widths_within(widths: pa.Array, left: int, right: int, rows: int) -> pa.Array:
    import pyarrow.compute as pc

    return pc.min_element_wise(pc.max_element_wise(pc.subtract(widths.slice(0, rows), left), 0), right - left + 1)


BLANKS = " \t\r\n\u00a0\u202f\u2009\u200b\u200c\u200d\u2060\ufeff"
