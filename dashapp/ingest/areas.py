"""Several tables in one sheet: where each stands, by the empty rows and columns between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashapp.core.errors import Invalid
from dashapp.ingest import address
from dashapp.ingest.cells import look
from dashapp.ingest.grid import Grid
from dashapp.ingest.header import clean, find_header

if TYPE_CHECKING:
    import numpy as np

_GAPS, _LEAST = 400, 2


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a sheet (0-based grid positions, both ends within) with a table in it.

    header: its row; names: what its columns are called; rows: filled rows below the header.
    """

    top: int
    left: int
    bottom: int
    right: int
    header: int = 0
    names: tuple[str, ...] = ()
    rows: int = 0

    def address(self, grid: Grid) -> str:
        return f"{grid.cell(self.top, self.left)}:{grid.cell(self.bottom, self.right)}"


def find_tables(grid: Grid) -> list[Area]:
    """The tables of a sheet, from top to bottom and from left to right; one for a sheet that is one table.

    A block of rows after an empty row is a table of its own when it has names above values and they are not those of
    the table above it. Blocks side by side are, when both have a header and they do not end in the same row.
    """
    filled = _filled(grid)
    if filled is None or not filled.any():
        return []
    out: list[Area] = []
    for left, right in _columns(grid, filled):
        out += _stacked(grid, filled, left, right)
    return sorted(out, key=lambda a: (a.top, a.left)) or []


def _filled(grid: Grid) -> np.ndarray | None:
    """Rows x columns of bool; None for a sheet whose size makes several tables in it unlikely."""
    import numpy as np
    import pyarrow.compute as pc

    if grid.table.num_rows > 200_000 or grid.table.num_columns > 400 or not grid.table.num_columns:
        return None
    columns = [pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(c), ""), False).to_numpy(zero_copy_only=False)
               for c in (grid.table.column(i).combine_chunks() for i in range(grid.table.num_columns))]
    return np.column_stack(columns)


def _used(filled: np.ndarray, axis: int) -> list[bool]:
    """Which columns (axis 0) or rows (axis 1) hold anything."""
    return [bool(one) for one in filled.sum(axis=axis) > 0]


def _runs(used: Sequence[bool]) -> list[tuple[int, int]]:
    """(first, last) of every stretch of true values."""
    out, start = [], None
    for i, is_used in enumerate([*used, False]):
        if is_used and start is None:
            start = i
        elif not is_used and start is not None:
            out.append((start, i - 1))
            start = None
    return out


def _columns(grid: Grid, filled: np.ndarray) -> list[tuple[int, int]]:
    """Stretches of columns that hold tables of their own."""
    runs = _runs(_used(filled, 0))
    whole = (runs[0][0], runs[-1][1])
    if len(runs) < 2 or len(runs) > 20:
        return [whole]
    tables = [_table(grid, filled, run) for run in runs]
    if not all(tables):
        return [whole]
    ends = {(t.header, t.bottom) for t in tables if t}
    twice = len({name for t in tables if t for name in t.names}) < sum(len(t.names) for t in tables if t)
    return runs if len(ends) > 1 or twice else [whole]


def _table(grid: Grid, filled: np.ndarray, run: tuple[int, int]) -> Area | None:
    rows = [i for i, is_used in enumerate(_used(filled[:, run[0] : run[1] + 1], 1)) if is_used]
    return _judged(grid, filled, rows[0], run[0], rows[-1], run[1]) if rows else None


def _stacked(grid: Grid, filled: np.ndarray, left: int, right: int) -> list[Area]:
    """The tables of a stretch of columns, from top to bottom."""
    blocks = _runs(_used(filled[:, left : right + 1], 1))
    whole = Area(blocks[0][0], left, blocks[-1][1], right)
    if len(blocks) < 2 or len(blocks) > _GAPS:
        return [_judged(grid, filled, whole.top, left, whole.bottom, right) or whole]
    out: list[Area] = []
    waiting: int | None = None  # titles that belong to the table below them
    for top, bottom in blocks:
        found = _judged(grid, filled, top, left, bottom, right)
        if found is None or (out and _is_continued(out[-1], found)):
            if out and bottom - top + 1 > 2:
                out[-1] = _longer(grid, filled, out[-1], bottom)
                waiting = None
            else:
                waiting = top if waiting is None else waiting
            continue
        start = found.top if waiting is None else waiting
        if out and waiting is not None and waiting <= out[-1].bottom:
            start = found.top
        out.append(Area(start, left, bottom, right, found.header, found.names, found.rows))
        waiting = None
    if not out:
        return [whole]
    if waiting is not None:  # a note below the last table
        out[-1] = _longer(grid, filled, out[-1], whole.bottom)
    first = out[0]
    out[0] = Area(whole.top, left, first.bottom, right, first.header, first.names, first.rows)
    return [_narrowed(filled, a) for a in out]


def _longer(grid: Grid, filled: np.ndarray, area: Area, bottom: int) -> Area:
    rows = int(filled[area.header + 1 : bottom + 1, area.left : area.right + 1].any(axis=1).sum())
    return Area(area.top, area.left, bottom, area.right, area.header, area.names, rows)


def _narrowed(filled: np.ndarray, area: Area) -> Area:
    inside = _used(filled[area.top : area.bottom + 1, area.left : area.right + 1], 0)
    used = [i for i, is_used in enumerate(inside) if is_used]
    return Area(area.top, area.left + used[0], area.bottom, area.left + used[-1], area.header, area.names, area.rows)


def _is_continued(above: Area, found: Area) -> bool:
    """Is a block the same table again: under the same names, as after a page break?"""
    return set(found.names) <= set(above.names)


def _judged(grid: Grid, filled: np.ndarray, top: int, left: int, bottom: int, right: int) -> Area | None:
    """The block as a table; None for a block that has no row of names above at least two rows with values."""
    used = filled[top : bottom + 1, left : right + 1].any(axis=0)
    if bottom - top < _LEAST or used.sum() < _LEAST:
        return None
    part = grid.cut(top, left, min(bottom, top + 200), right)
    try:
        header = find_header(part, None)
    except Invalid:
        return None
    names = tuple(n for n in header.names if n)
    rows = int(filled[header.row + 1 : bottom + 1, left : right + 1].any(axis=1).sum())
    texts = sum(1 for n in names if look(n) == "text")
    if len(names) < _LEAST or rows < _LEAST or texts < 1 or (texts < 0.5 * len(names) and not _are_periods(names)):
        return None
    below = [r for r in part.rows(header.row + 1, 30) if any(r)]
    values = [sum(1 for c in r if look(c) in ("number", "date") and c) for r in below]
    if sum(1 for v in values if v) < 0.6 * len(below):
        return None
    if any(look(n) == "text" and len(n) > 60 for n in names):
        return None
    return Area(top, left, bottom, right, header.row, tuple(clean(n) or "" for n in names), rows)


def _are_periods(names: Sequence[str]) -> bool:
    from dashapp.ingest.periods import part_of, span_of

    return sum(1 for n in names if span_of(n) or part_of(n)) >= 0.5 * len(names)


def parse(grid: Grid, text: str) -> tuple[int, int, int | None, int | None]:
    """(top, left, bottom, right) in grid positions of `C5:H40`; bottom and right None for `C5`. Raises Invalid for a
    place outside of what the sheet holds."""
    first, _, last = text.upper().partition(":")
    top, left = _position(grid, first)
    bottom, right = _position(grid, last) if last else (None, None)
    if not (0 <= top < grid.table.num_rows and 0 <= left < grid.table.num_columns) or (
        bottom is not None and right is not None and (bottom <= top or right < left)
    ):
        raise Invalid(f"There is no table at {text}: the sheet holds "
                      f"{grid.cell(0, 0)}:{grid.cell(max(0, grid.table.num_rows - 1), grid.table.num_columns - 1)}.")
    return top, left, bottom, right


def _position(grid: Grid, cell: str) -> tuple[int, int]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]) - 1, address.column_index(letters) - grid.first_column
