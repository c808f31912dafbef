"""Periods across the columns, parts of one figure down the rows: every cell becomes a row of its own."""

from __future__ import annotations

from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.issue import Issue
from dashapp.core.words import counted
from dashapp.ingest import figures, ragged, words
from dashapp.ingest.across import Across
from dashapp.ingest.layouts import Layout, Sight, Turned
from dashapp.ingest.turning import Body, Build, body_of, is_value, mostly_numbers, seen_across
from dashapp.ingest.units import unit_of

_SCENARIOS = frozenset(("actual", "actuals", "budget", "plan", "forecast", "target", "prior", "ist", "soll", "vorjahr"))
_SAMPLE = 500


def figures_among(sight: Sight) -> tuple[int | None, float]:
    """(the label column that names figures most surely, how surely) of a table with periods across."""
    across = sight.across
    if across is None or not across.labels:
        return None, 0.0
    columns = list(across.labels)
    texts = [[t for t in sight.grid.table.column(j).slice(across.first, _SAMPLE).to_pylist() if t and t.strip()]
             for j in columns]
    at, sure = figures.best([(across.labels[j], t) for j, t in zip(columns, texts, strict=True)])
    return (None if at is None else columns[at]), sure


def unit_column(sight: Sight) -> int | None:
    """The label column that holds the unit of each line, if there is one."""
    across = sight.across
    for j in across.labels if across else ():
        texts = [t for t in sight.grid.table.column(j).slice(across.first if across else 0, 500).to_pylist()
                 if t and t.strip()]
        if texts and sum(unit_of(t) is not None or t.strip() in ("%", "#", "FTE") for t in texts) >= 0.6 * len(texts):
            return j
    return None


def sure(sight: Sight) -> float:
    if sight.across is None:
        return 0.0
    _, figure = figures_among(sight)
    alone = len(sight.across.labels) - (unit_column(sight) is not None) <= 1
    return sight.across.confidence * (1.0 - figure if alone else 1.0)


def turn(sight: Sight) -> Turned:
    across = seen_across(sight)
    body = body_of(sight, with_totals=False)
    named = any(name for _, name in across.periods.values())
    build, empty = _unpivoted(sight, across, body, named=named)
    issues = list(body.issues)
    if empty:
        said = f"{counted(empty, 'empty cell')} of the period columns: no row is made of them."
        issues.append(Issue("cells-empty", said, "info", sight.grid.sheet, count=empty))
    return Turned(build.grid(sight.grid), build.header, tuple(issues), _keys(sight, across, build),
                  frozenset(h for h in sight.header.names if h),
                  frozenset(build.names[-1:]) if mostly_numbers(build.columns[-1]) else frozenset())


def _unpivoted(sight: Sight, across: Across, body: Body, *, named: bool) -> tuple[Build, int]:
    grid, labels = sight.grid, list(across.labels)
    shift = grid.first_column
    names = [*_label_names(across), "Date", *([_second(across)] if named else []), value_name(sight)]
    fixed: list[tuple[int | None, int | None]] = [(None, j + shift) for j in labels]
    fixed += [(across.row, None)] * (2 if named else 1) + [(None, None)]
    build = Build(names, fixed, [[] for _ in names], [], [])
    odd, empty = ragged.odd_lines(grid, across.row, across.first), 0
    for n, r in enumerate(body.rows):
        for j, (span, name) in across.periods.items():
            text, error = body.value(r, j), grid.errors.get((r, j)) or odd.get(r)
            if not error and not is_value(text):
                empty += 1
                continue
            line = [body.labels[k][n] for k in labels] + [span.text] + ([name] if named else []) + [text]
            for column, cell in zip(build.columns, line, strict=True):
                column.append(cell)
            build.rows.append(r)
            build.at.append(j + shift)
            if error:
                build.errors[(len(build.rows), len(names) - 1)] = error
    return build, empty


def _label_names(across: Across) -> list[str]:
    nameless = [j for j, h in across.labels.items() if not h]
    return [h or ("Name" if len(nameless) == 1 else f"Name {nameless.index(j) + 1}") for j, h in across.labels.items()]


def _second(across: Across) -> str:
    said = {(name or "").lower() for _, name in across.periods.values()}
    return "Scenario" if said & _SCENARIOS else "KPI"


def value_name(sight: Sight) -> str:
    """What the numbers are called: as the dataset's only measure, as the line above the table says, else `Value`."""
    own = _only_measure(sight.known)
    if own:
        return own
    across = sight.across
    for row in sight.grid.rows(0, across.top if across else 0)[-5:]:
        for text in (t for t in row if t):
            first = text.split(" by ")[0].split("(")[0].split(",")[0].strip()
            if first and len(first.split()) <= 3 and words.is_money(words.key_of(first, 0)):
                return first
    return "Value"


def _only_measure(known: Dataset | None) -> str | None:
    measures = [c.header for c in (known.columns if known else ()) if c.role is RoleOf.MEASURE]
    return measures[0] if len(measures) == 1 else None


def _keys(sight: Sight, across: Across, build: Build) -> dict[str, str]:
    column, figure = figures_among(sight)
    value = build.names[-1]
    if "KPI" in build.names:
        return {"KPI": "kpi", value: "value"}
    if column is not None and figure >= 0.6:
        return {build.names[list(across.labels).index(column)]: "kpi", value: "value"}
    return {}


ENTRY = Layout("wide", "Periods across, parts of one figure down",
               "Months or years are columns, regions or products are rows; each cell becomes a row with its date.",
               sure, turn)
