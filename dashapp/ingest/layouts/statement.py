"""Periods across the columns, one figure per line (a profit and loss account): every period becomes a row, every line a
column with a type, a unit and a figure of its own."""

from __future__ import annotations

from collections import Counter

from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.ingest import ragged
from dashapp.ingest.layouts import Layout, Sight, Turned
from dashapp.ingest.layouts.wide import figures_among, unit_column
from dashapp.ingest.turning import Body, Build, body_of, is_value, mostly_numbers, seen_across
from dashapp.ingest.units import unit_of

_LINES = 300


def sure(sight: Sight) -> float:
    across = sight.across
    if across is None or not across.labels or any(name for _, name in across.periods.values()):
        return 0.0
    names = len(across.labels) - (unit_column(sight) is not None)
    if names != 1 or sight.grid.table.num_rows - across.first > 2 * _LINES:
        return 0.0
    _, figure = figures_among(sight)
    return across.confidence * figure


def turn(sight: Sight) -> Turned:
    across, grid = seen_across(sight), sight.grid
    body = body_of(sight, with_totals=True)
    units = unit_column(sight)
    column = next((j for j in across.labels if j != units), None)
    if column is None or not body.rows:
        raise Invalid("No column names the figures of the lines: choose another layout.")
    if len(body.rows) > _LINES:
        raise Invalid(f"The table has {len(body.rows):,} lines; a column for each of at most {_LINES} can be made. "
                      "Choose the layout with parts of one figure down the rows.")
    names = _names(sight, body, column, units)
    shift = grid.first_column
    build = Build(["Date", *names], [(across.row, None), *((r, None) for r in body.rows)],
                  [[] for _ in range(1 + len(names))], [], [])
    odd = ragged.odd_lines(grid, across.row, across.first)
    for j, (span, _) in across.periods.items():
        errors = {r: e for r in body.rows if (e := grid.errors.get((r, j)) or odd.get(r))}
        if not errors and not any(is_value(body.value(r, j)) for r in body.rows):
            continue  # a month to come
        for cells, text in zip(build.columns, [span.text, *(body.value(r, j) for r in body.rows)], strict=True):
            cells.append(text)
        build.rows.append(across.row)
        build.at.append(j + shift)
        build.errors |= {(len(build.rows), 1 + body.rows.index(r)): e for r, e in errors.items()}
    issues = [*body.issues, *_unnamed(sight, body, column)]
    return Turned(build.grid(grid), build.header, tuple(issues), {}, frozenset(h for h in sight.header.names if h),
                  frozenset(n for n, c in zip(names, build.columns[1:], strict=True) if mostly_numbers(c)))


def _names(sight: Sight, body: Body, column: int, units: int | None) -> list[str]:
    """A name per line: with its section where two lines are called the same, with its unit where a column has it."""
    labels = [" ".join((t or "").split()) for t in body.labels[column]]
    counts = Counter(labels)
    names = []
    for n, (label, r) in enumerate(zip(labels, body.rows, strict=True)):
        section = body.sections.get(r, "")
        name = f"{section} / {label}" if label and counts[label] > 1 and section else label
        unit = body.labels[units][n] if units is not None else None
        if name and unit and unit_of(unit):
            name = f"{name} ({unit.strip(' ()')})"
        elif name and unit and unit.strip() == "%":
            name = f"{name} %"
        names.append(name or f"[{sight.grid.line(r)}]")
    twice = {name for name, count in Counter(names).items() if count > 1}
    return [f"{name} [{sight.grid.line(r)}]" if name in twice else name
            for name, r in zip(names, body.rows, strict=True)]


def _unnamed(sight: Sight, body: Body, column: int) -> list[Issue]:
    return [Issue("header-empty", f"Row {sight.grid.line(r)} has values but no name: name it in the file.",
                  sheet=sight.grid.sheet, cell=sight.grid.cell(r, column), column=f"[{sight.grid.line(r)}]")
            for r, label in zip(body.rows, body.labels[column], strict=True) if not label]


ENTRY = Layout("statement", "Periods across, one figure per line",
               "Months or years are columns, each line is a figure (revenue, costs); each period becomes a row.",
               sure, turn)
