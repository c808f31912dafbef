"""From a sheet to its table: which of several tables, how it is laid out, and what was unsure about that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dashapp.core.dataset import Dataset
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping
from dashapp.core.registry import Registry
from dashapp.core.words import counted
from dashapp.ingest import areas, words
from dashapp.ingest.across import Across, find_across
from dashapp.ingest.areas import Area
from dashapp.ingest.grid import Grid
from dashapp.ingest.header import Header, find_header
from dashapp.ingest.layouts import Layout, Sight, Turned
from dashapp.ingest.limits import FileLimits
from dashapp.ingest.model import Ask, Choice

LAYOUTS = Registry("dashapp.ingest.layouts", Layout)
_SURE, _APART = 0.7, 0.2
_TITLES, _NOTES = 12, 12


@dataclass(slots=True)
class Recognised:
    """The table as rows of one meaning, and where it came from.

    source: the grid of the table before it was turned; row: its header row there (0-based); tables: all of the sheet;
    table: the address that was chosen, None where the sheet is one table. lines: texts above and below the table.
    """

    turned: Turned
    source: Grid
    row: int
    layout: str
    sure: float
    table: str | None = None
    tables: tuple[Choice, ...] = ()
    lines: tuple[str, ...] = ()
    issues: list[Issue] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)


def recognise(grid: Grid, mapping: Mapping, known: Dataset | None, limits: FileLimits) -> Recognised:
    """The table of a sheet. Raises Invalid for an empty sheet and for a declared place or layout that is not there."""
    found = areas.find_tables(grid) if mapping.table is None or ":" not in mapping.table else []
    chosen, told, asks = _chosen(grid, found, mapping, known)
    table = chosen.address(grid) if chosen is not None and (len(found) > 1 or mapping.table) else None
    source = grid if chosen is None or table is None else grid.cut(chosen.top, chosen.left, chosen.bottom, chosen.right)
    across = find_across(source, mapping)
    sight = Sight(source, _header(source, mapping, across, chosen), across, mapping, known, limits)
    layout, sure, unsure = _laid_out(sight)
    turned = layout.turn(sight)
    row = across.row if across is not None and layout.name in ("wide", "statement") else sight.header.row
    top = across.top if across is not None and layout.name in ("wide", "statement") else sight.header.top
    return Recognised(turned, source, row, layout.name, sure, table, _offered(grid, found), _lines(source, top),
                      [*told, *turned.issues], [*asks, *unsure])


def _header(grid: Grid, mapping: Mapping, across: Across | None, area: Area | None) -> Header:
    """The header of a plain reading: within the table's own rows, not among parameters above it. Where periods run
    across and nothing was declared, that is their row."""
    header = find_header(grid, mapping.header_row)
    if mapping.header_row is None and area is not None and area.names and header.row < area.header:
        header = replace(find_header(grid, area.header + 1), confidence=header.confidence)
    if across is None or mapping.header_row is not None or across.confidence < 0.5 or header.row == across.row:
        return header
    return find_header(grid, across.row + 1)


def _chosen(grid: Grid, found: Sequence[Area], mapping: Mapping,
            known: Dataset | None) -> tuple[Area | None, list[Issue], list[Ask]]:
    if mapping.table is not None:
        return _declared(grid, found, mapping.table), [], []
    if len(found) < 2:
        return (found[0] if found else None), [], []
    others = "; ".join(f"{a.address(grid)} ({', '.join(a.names[:4])[:60]})" for a in found)
    if mapping.header_row is not None:
        inside = [a for a in found if a.top <= mapping.header_row - 1 <= a.bottom]
        if len(inside) == 1:
            return inside[0], [_told(grid, found, inside[0])], []
    fitting = [a for a in found if _fits(a, known)]
    if len(fitting) == 1:
        return fitting[0], [_told(grid, found, fitting[0])], []
    best = max(found, key=lambda a: (a.rows * len(a.names), -a.top))
    text = f"The sheet holds {len(found)} tables: {others}. Which one is meant?"
    return best, [], [Ask("table", text, None, _offered(grid, found))]


def _declared(grid: Grid, found: Sequence[Area], text: str) -> Area:
    top, left, bottom, right = areas.parse(grid, text)
    if bottom is not None and right is not None:
        last = grid.table.num_rows - 1, grid.table.num_columns - 1
        return Area(top, left, min(bottom, last[0]), min(right, last[1]))
    inside = [a for a in found if a.top <= top <= a.bottom and a.left <= left <= a.right]
    if inside:
        return replace(inside[0], top=min(top, inside[0].header))
    raise Invalid(f"No table begins at {text}. The sheet holds: {', '.join(a.address(grid) for a in found) or 'none'}.")


def _fits(area: Area, known: Dataset | None) -> bool:
    """Does a table have the columns that identify and date the rows of the dataset, and most of the others?"""
    if known is None or not known.columns:
        return False
    keys = {words.key_of(n, i) for i, n in enumerate(area.names)}
    needed = {*known.key_columns, *([known.date_column] if known.date_column else [])}
    return needed <= keys and sum(c.key in keys for c in known.columns) >= 0.6 * len(known.columns)


def _told(grid: Grid, found: Sequence[Area], chosen: Area) -> Issue:
    others = ", ".join(a.address(grid) for a in found if a is not chosen)
    return Issue("table-others", f"The sheet holds {counted(len(found), 'table')}; only {chosen.address(grid)} is "
                 f"read. Others: {others}.", "info", grid.sheet, count=len(found) - 1)


def _offered(grid: Grid, found: Sequence[Area]) -> tuple[Choice, ...]:
    if len(found) < 2:
        return ()
    return tuple(Choice(a.address(grid), f"{a.address(grid)}: {', '.join(a.names[:5])[:80]} "
                        f"({counted(a.rows, 'row')})") for a in found)


def _laid_out(sight: Sight) -> tuple[Layout, float, list[Ask]]:
    declared = sight.mapping.layout
    if declared is not None:
        return LAYOUTS[declared], 1.0, []
    ranked = sorted(((layout.sure(sight), layout) for layout in LAYOUTS), key=lambda item: -item[0])
    (sure, best), (second, other) = ranked[:2]
    plain = {best.name, other.name} <= {"flat", "readings"}
    if plain or (sure >= _SURE and sure - second >= _APART):
        return best, sure, []
    likely = [layout for s, layout in ranked if s >= 0.2][:3]
    text = "How is the table laid out? Its columns are periods, but the file alone does not tell the rest."
    return best, sure, [Ask("layout", text, None, tuple(Choice(x.name, f"{x.label}: {x.help}") for x in likely))]


def _lines(grid: Grid, top: int) -> tuple[str, ...]:
    """Texts above the header and below the table, where units are written."""
    above = [c for r in grid.rows(max(0, top - _TITLES), min(top, _TITLES)) for c in r if c]
    last = grid.table.num_rows
    end = [[c for c in r if c] for r in grid.rows(max(top + 2, last - _NOTES), _NOTES)]
    below = [filled[0] for filled in end if len(filled) == 1]
    return tuple(t[:200] for t in (*above, *below))
