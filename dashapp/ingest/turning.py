"""What turning a table needs: its labels row by row, which rows are data, and a new grid that knows where it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashapp.core.errors import Invalid, TooLarge
from dashapp.core.issue import Issue
from dashapp.core.position import COLUMNS, ROWS
from dashapp.ingest import words
from dashapp.ingest.across import Across
from dashapp.ingest.cells import is_missing, look
from dashapp.ingest.grid import BLANKS, Grid, Origin
from dashapp.ingest.header import Header
from dashapp.ingest.layouts import Sight

TAIL = 15


@dataclass(slots=True)
class Body:
    """The rows below the header. rows: grid rows that hold data; labels: column -> text per such row; cells: column ->
    text per grid row, of the period columns. issues: what was left out, or filled in.
    """

    rows: list[int]
    labels: dict[int, list[str | None]]
    cells: dict[int, list[str | None]]
    sections: dict[int, str] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def value(self, row: int, column: int) -> str | None:
        return self.cells[column][row]


def seen_across(sight: Sight) -> Across:
    """The periods of a table that is to be read by them. Raises Invalid where there are none, or none has a year."""
    across = sight.across
    if across is None or not across.periods:
        raise Invalid("The table has no periods across its columns: choose another layout.")
    if across.yearless:
        raise Invalid(
            f"The columns {', '.join(across.yearless[:4])} name no year, and no line above the table names just one: "
            f"write it into the header or into a title, such as {across.yearless[0]} 2025."
        )
    return across


def body_of(sight: Sight, *, with_totals: bool) -> Body:
    """The data rows of a table with periods across. with_totals: lines called total are figures of their own; else they
    are left out, told."""
    across, grid = seen_across(sight), sight.grid
    _fits(sight, across)
    texts = {j: _texts(grid, j) for j in (*across.periods, *across.labels)}
    cells = {j: texts[j] for j in across.periods}
    out = Body([], {}, cells)
    rows = [r for r in range(across.first, grid.table.num_rows) if any(texts[j][r] for j in texts) or _broken(grid, r)]
    last = max((r for r in rows if _has_number(grid, cells, r)), default=-1)
    told: dict[str, list[int]] = {"total": [], "note": [], "header": []}
    section = ""
    kept: list[int] = []
    for r in rows:
        labels = [t for j in across.labels if (t := texts[j][r])]
        reason = _reason(grid, cells, labels, r, last, with_totals=with_totals)
        if reason == "section":
            section = labels[0] if labels else section
        elif reason:
            told[reason].append(r)
        else:
            kept.append(r)
            out.sections[r] = section
    out.rows = kept
    out.labels = {j: _filled(grid, j, texts[j], kept, across, out.issues) for j in across.labels}
    out.issues += _said(grid, across, told)
    return out


def _fits(sight: Sight, across: Across) -> None:
    grid = sight.grid
    if grid.table.num_rows > ROWS or grid.first_column + grid.table.num_columns > COLUMNS:
        raise TooLarge("The table is too large to be read by its cells: bring its periods as rows.")
    if (grid.table.num_rows - across.first) * len(across.periods) > sight.limits.rows * 2:
        raise TooLarge("The table has more than two million cells in its period columns: split it by year.")


def _texts(grid: Grid, column: int) -> list[str | None]:
    return [t if t and t.strip(BLANKS) else None for t in grid.table.column(column).to_pylist()]


def _broken(grid: Grid, row: int) -> bool:
    return any(r == row for r, _ in grid.errors) if len(grid.errors) < 2_000 else True


def _has_number(grid: Grid, cells: Mapping[int, list[str | None]], row: int) -> bool:
    return any((t := c[row]) and look(t) == "number" for c in cells.values())


def _reason(  # noqa: PLR0911 - one line per reason
    grid: Grid, cells: Mapping[int, list[str | None]], labels: Sequence[str], row: int, last: int, *, with_totals: bool
) -> str | None:
    """Why a row is no data: a total, a note below the table, a repeated header, a line that only heads a section."""
    values = [t for c in cells.values() if (t := c[row])]
    broken = any((row, j) in grid.errors for j in cells)
    if not values and not broken:
        return "note" if row > last else "section"
    if broken:
        return None
    if not with_totals and any(words.TOTAL.search(label) for label in labels):
        return "total"
    if not labels and row == last and not with_totals:
        return "total"
    if len(values) >= 2 and all(look(v) == "date" for v in values):
        return "header"
    if row > last and not any(look(v) in ("number", "missing") for v in values):
        return "note"
    return None


def _filled(grid: Grid, column: int, texts: list[str | None], rows: list[int], across: Across,
            issues: list[Issue]) -> list[str | None]:
    """The labels of one column; below a merged cell, or in a column that names a group once, the name above holds."""
    merged = {r for top, left, bottom, _ in grid.merges if left == column for r in range(top + 1, bottom + 1)}
    groups = column != max(across.labels) and len(across.labels) > 1
    out: list[str | None] = []
    filled, held = [], None
    for r in rows:
        text = texts[r]
        if text is None and held is not None and (r in merged or groups):
            filled.append(r)
            text = held
        held = text or held
        out.append(text)
    if filled:
        name = across.labels[column] or f"column {grid.letter(column)}"
        issues.append(Issue(
            "label-filled", f"{len(filled)} empty cells of {name!r} take the name above them.", "info", grid.sheet,
            grid.cell(filled[0], column), grid.line(filled[0]), across.labels[column], count=len(filled)))
    return out


def _said(grid: Grid, across: Across, told: Mapping[str, list[int]]) -> list[Issue]:
    labels = {"total": "totals", "note": "footnotes", "header": "repeated headers"}
    out = [Issue(f"excluded-{reason}",
                 f"Left out as {labels[reason]}: row{'s' if len(rows) > 1 else ''} "
                 f"{', '.join(str(grid.line(r)) for r in rows[:8])}{', ...' if len(rows) > 8 else ''}.",
                 "info", grid.sheet, row=grid.line(rows[0]), count=len(rows))
           for reason, rows in told.items() if rows]
    if across.sums:
        shown = ", ".join(f"{grid.letter(j)} ({h[:40]})" for j, h in sorted(across.sums.items())[:10])
        out.append(Issue("excluded-column", f"Left out as sums or comparisons of other columns: {shown}.", "info",
                         grid.sheet, count=len(across.sums)))
    out += [Issue("column-odd",
                  f"Column {grid.letter(j)} ({header[:40]!r}) holds numbers, but its header names no period.", "error",
                  grid.sheet, grid.cell(across.row, j), column=header,
                  help="Say in the mapping whether it is a dimension or to be ignored, or mend its header.")
            for j, header in sorted(across.odd.items())]
    return out


def is_value(text: str | None) -> bool:
    """Does a cell of a period column say something? A dash or `n/a` there says that there is nothing."""
    return not is_missing(text)


def mostly_numbers(cells: Sequence[str | None]) -> bool:
    """Do at least half of the cells that say something hold a number? Then the others are mistakes, not labels."""
    looks = [look(c) for c in cells if is_value(c)]
    return bool(looks) and 2 * looks.count("number") >= len(looks)


@dataclass(slots=True)
class Build:
    """A turned table on its way: columns of texts, and per row the source cell it is named after."""

    names: list[str]
    fixed: list[tuple[int | None, int | None]]
    columns: list[list[str | None]]
    rows: list[int]
    at: list[int]
    errors: dict[tuple[int, int], str] = field(default_factory=dict)

    def grid(self, source: Grid) -> Grid:
        """The grid; its row 0 is the header, named after the header's own cells."""
        import pyarrow as pa

        table = pa.table({f"c{i}": pa.array([name, *column], pa.string())
                          for i, (name, column) in enumerate(zip(self.names, self.columns, strict=True))})
        origin = Origin([0, *self.rows], [0, *self.at], tuple(self.fixed))
        widths = None
        return Grid(table, source.sheet, 0, self.errors, (), widths, None, _text_cells(source, origin),
                    source.is_1904, origin)

    @property
    def header(self) -> Header:
        return Header(0, 0, tuple(self.names), 1.0)


def _text_cells(source: Grid, origin: Origin):  # type: ignore[no-untyped-def]
    def of(columns: tuple[int, ...]) -> dict[int, frozenset[int] | None]:
        at = sorted({origin.cell(r, c)[1] - source.first_column for c in columns for r in range(1, len(origin.rows))})
        found = source.text_cells(tuple(at))
        out: dict[int, frozenset[int] | None] = {}
        for c in columns:
            rows = []
            for r in range(1, len(origin.rows)):
                line, column = origin.cell(r, c)
                texts = found.get(column - source.first_column, frozenset())
                if texts is None or line in texts:
                    rows.append(r)
            out[c] = frozenset(rows)
        return out

    return of
