"""Headers made usable: empty, blank and repeated ones named, the mapping's columns found among them."""

from __future__ import annotations

import difflib
from collections import defaultdict
from dataclasses import replace

from dashapp.core.dataset import Dataset, snake_case
from dashapp.core.issue import Issue
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.ingest import units, words
from dashapp.ingest.cells import look
from dashapp.ingest.grid import BLANKS, Grid
from dashapp.ingest.header import Header, clean

Named = list[tuple[int, str]]


def name_columns(grid: Grid, header: Header) -> tuple[Named, list[Issue]]:
    """(grid column, header) of every column of the table. A header that is written twice gets its letter behind it
    (`Amount [C]`), a column with values but no header its letter alone (`[C]`, with an issue), empty columns go."""
    width = _width(grid, header)
    out: Named = []
    issues: list[Issue] = []
    counts: dict[str, int] = defaultdict(int)
    for name in header.names[:width]:
        if name:
            counts[name] += 1
    for index, name in enumerate(header.names[:width]):
        letter = grid.letter(index)
        if name:
            out.append((index, name if counts[name] == 1 else f"{name} [{letter}]"))
        elif _has_values(grid, index, header.row + 1):
            out.append((index, f"[{letter}]"))
            issues.append(
                Issue(
                    "header-empty",
                    f"Column {letter} has values but no header: name it in the file, or ignore it.",
                    sheet=grid.sheet,
                    cell=grid.cell(header.row, index),
                    column=f"[{letter}]",
                )
            )
    return out, issues


def vet_header(grid: Grid, header: Header, *, is_declared: bool) -> list[Issue]:
    """Is it a header at all? Values in its place mean that there is none; dates in it mean that periods run
    sideways.
    """
    names = [n for n in header.names if n]
    looks = [look(n) for n in names]
    if names and not is_declared and not any(k == "text" for k in looks):
        return [
            Issue(
                "header-none",
                f"No row looks like a header: row {header.row + 1} holds values ({', '.join(names[:4])[:80]}).",
                sheet=grid.sheet,
                row=None,
                cell=grid.cell(header.row, 0),
                help="Add a row of column names to the file, or say which row is the header.",
            )
        ]
    if looks.count("date") >= 3:
        return [
            Issue(
                "header-periods",
                f"{looks.count('date')} columns are named after dates: the table has its periods side by side. "
                "One row per period is needed to follow them over time.",
                "warning",
                grid.sheet,
            )
        ]
    return []


def _width(grid: Grid, header: Header) -> int:
    """Columns to look at. Fields of a ragged record beyond the header belong to that record, not to a nameless
    column.
    """
    if grid.widths is None:
        return len(header.names)
    return min(int(grid.widths[header.row].as_py()), len(header.names))


def _has_values(grid: Grid, index: int, first: int) -> bool:
    return any(t and t.strip(BLANKS) for t in grid.table.column(index).slice(first).drop_null().to_pylist())


def key_for(header: str, column: int, known: Dataset | None) -> str:
    """The dataset key of a header: without a unit that scales (`Revenue (EUR thousand)` -> `revenue`), unless the
    dataset has the column under its whole name, as it was once taken as written."""
    whole = words.key_of(header, column)
    rest, unit = units.split(header)
    if unit is None or unit.scale == 1.0:
        return whole
    short = words.key_of(rest, column)
    is_old = known is not None and known.column(whole) is not None and known.column(short) is None
    return whole if is_old else short


def match_mapping(mapping: Mapping, named: Named, sheet: str | None) -> tuple[Mapping, list[Issue]]:
    """The mapping with its columns keyed by the headers as found (same words, other case or blanks), and an issue for
    every column the file does not have."""
    exact = {name for _, name in named}
    folded = {snake_case(name): name for _, name in reversed(named)}
    columns: dict[str, ColumnMapping] = {}
    issues = []
    for name, column in mapping.columns.items():
        found = name if name in exact else (clean(name) if clean(name) in exact else folded.get(snake_case(name)))
        if found is None:
            near = difflib.get_close_matches(name, sorted(exact), 1, 0.6)
            issues.append(
                Issue(
                    "mapping-column",
                    f"The mapping names the column {name[:60]!r}, which the file does not have.",
                    sheet=sheet,
                    column=name,
                    help=f"Did you mean {near[0]!r}?" if near else None,
                )
            )
        else:
            columns[found] = column
    return replace(mapping, columns=columns), issues


def vet_keys(
    named: Named, mapping: Mapping, grid: Grid, header: Header, known: Dataset | None = None
) -> list[Issue]:
    """An error for every two columns that would become one: equal headers, or headers that differ in case or signs
    only.
    """
    first: dict[str, tuple[int, str]] = {}
    issues = []
    for index, name in named:
        declared = mapping.columns.get(name)
        if declared is not None and declared.role is not None and declared.role.value == "ignore":
            continue
        key = (declared.key if declared else None) or key_for(name, grid.first_column + index, known)
        if key in first:
            other, theirs = first[key]
            issues.append(
                Issue(
                    "header-duplicate",
                    f"Columns {grid.letter(other)} ({theirs!r}) and {grid.letter(index)} ({name!r}) have the same "
                    f"name: "
                    "rename one in the file, ignore one, or give it another key.",
                    sheet=grid.sheet,
                    cell=grid.cell(header.row, index),
                    column=name,
                )
            )
        else:
            first[key] = (index, name)
    return issues
