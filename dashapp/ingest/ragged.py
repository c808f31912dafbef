"""Lines of a text file with more or fewer fields than its header, whose cells may have shifted."""

from __future__ import annotations

from dashapp.ingest.grid import Grid


def odd_lines(grid: Grid, header: int, first: int) -> dict[int, str]:
    """Row (0-based) from `first` on -> what is wrong with it. Longer by empty fields only: nothing shifted."""
    if grid.widths is None:
        return {}
    width = int(grid.widths[header].as_py())
    out = {}
    for row, have in enumerate(grid.widths.slice(first).to_pylist(), start=first):
        if have in (0, width) or (have > width and _is_empty(grid, row, width, have)):
            continue
        line = grid.lines[row] if grid.lines else row + 1
        out[row] = f"{have} fields where the header has {width} (line {line})"
    return out


def _is_empty(grid: Grid, row: int, start: int, end: int) -> bool:
    return all(not grid.table.column(c)[row].as_py() for c in range(start, min(end, grid.table.num_columns)))
