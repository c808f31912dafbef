"""Where a row stands in its source, in the one whole number a vintage keeps of it (`_row`).

Most rows are a row of their file: the number is that row, counted from 1. Where periods run across the columns, one row
of the file gives many, so that the number names a cell: negative, growing from left to right and from top to bottom.
"""
from __future__ import annotations

ROWS, COLUMNS = 1 << 20, 1 << 11
_LEAST = -ROWS * COLUMNS


def packed(row: int, column: int) -> int:
    """The number of a cell: row counted from 1 (at most 1,048,576), column from 0 (below 2,048). Raises ValueError."""
    if not (1 <= row <= ROWS and 0 <= column < COLUMNS):
        raise ValueError(f"no cell of a table read by cells: row {row}, column {column}")
    return _LEAST + (row - 1) * COLUMNS + column


def unpacked(number: int) -> tuple[int, int | None]:
    """(row counted from 1, column from 0 or None for a whole row) of a `_row`."""
    if number >= 0:
        return number, None
    row, column = divmod(number - _LEAST, COLUMNS)
    return row + 1, column


def line_of(number: int) -> int:
    """The row of the source, counted from 1."""
    return unpacked(number)[0]
