"""Rows of closed periods that a change of the vintages would bring or take away, row by row.

Rows that only one of the two states shows are found by `facts.lost`; equal rows on both sides are partners one by one,
so that a file which brings closed months again unchanged touches none of them.
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import duckdb

from dashapp.core.calendar import Calendar
from dashapp.core.closing import SHOWN, ClosedRow, Touched
from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.period import Grain
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage
from dashapp.core.where import Where
from dashapp.facts.folder import dataset_folder
from dashapp.facts.lost import make_lost
from dashapp.facts.scope import where_sql
from dashapp.facts.visible import stored_columns

CELLS = 8  # columns shown of a row


def touched_of(root: Path, dataset: Dataset, before: Sequence[Vintage], after: Sequence[Vintage], until: date,
               scope: Sequence[Where], calendar: Calendar, config: dict[str, Any]) -> Touched:
    """What the step from the live vintages `before` to `after` (each in commit order) does to days up to `until`.

    dataset: with every column of both. Of a dataset without dates the rows that go are told: closed rows of others may
    be joined to them, and none of those changes by a row that is merely new. scope: only rows within it are shown.
    """
    folder = dataset_folder(root, dataset.key)
    spill = str(folder / f".closed-{secrets.token_hex(4)}.spill")
    with duckdb.connect(":memory:", config={**config, "temp_directory": spill}) as connection:
        make_lost(connection, "came", dataset, folder, after, before)
        make_lost(connection, "went", dataset, folder, before, after)
        day = dataset.date_column
        _keep_unpaired(connection, dataset, f"{quoted(day)} <= DATE '{until.isoformat()}'" if day else "true")
        if day is None:
            count = _count(connection, "went")
            rows = _rows(connection, dataset, "went", "goes", scope, SHOWN)
            return Touched(until, 0, count, (), rows, is_list=True)
        came, went = _days(connection, "came", day), _days(connection, "went", day)
        rows = _rows(connection, dataset, "came", "comes", scope, SHOWN - min(SHOWN // 2, sum(went.values())))
        rows += _rows(connection, dataset, "went", "goes", scope, SHOWN - len(rows))
    return Touched(until, sum(came.values()), sum(went.values()), _months(came, went, calendar), rows)


def _keep_unpaired(connection: duckdb.DuckDBPyConnection, dataset: Dataset, closed: str) -> None:
    """Make the views `came_alone` and `went_alone`: closed rows without an equal one on the other side."""
    columns = [quoted(c.key) for c in stored_columns(dataset)]
    listed = ", ".join(columns)
    same = " AND ".join(f"b.{c} IS NOT DISTINCT FROM a.{c}" for c in [*columns, "_turn"])
    for side in ("came", "went"):
        connection.execute(f"CREATE TABLE {side}_closed AS SELECT *, row_number() OVER (PARTITION BY {listed} ORDER BY "
                           f"_commit, _sheet, _row) AS _turn FROM {side} WHERE {closed}")
    for side, other in (("came", "went"), ("went", "came")):
        connection.execute(f"CREATE VIEW {side}_alone AS SELECT * FROM {side}_closed AS a WHERE NOT EXISTS "
                           f"(SELECT 1 FROM {other}_closed AS b WHERE {same})")


def _count(connection: duckdb.DuckDBPyConnection, side: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {side}_alone").fetchone()
    return int(found[0]) if found else 0


def _days(connection: duckdb.DuckDBPyConnection, side: str, day: str) -> dict[date, int]:
    found = connection.execute(f"SELECT {quoted(day)}, count(*) FROM {side}_alone GROUP BY 1 ORDER BY 1").fetchall()
    return {d: int(n) for d, n in found}


def _months(came: dict[date, int], went: dict[date, int], calendar: Calendar) -> tuple[tuple[str, int, int], ...]:
    out: dict[str, list[int]] = {}
    for days, at in ((came, 0), (went, 1)):
        for day, count in days.items():
            out.setdefault(calendar.period(day, Grain.MONTH).label, [0, 0])[at] += count
    return tuple((label, *counts) for label, counts in sorted(out.items()))  # type: ignore[misc]


def _rows(connection: duckdb.DuckDBPyConnection, dataset: Dataset, side: str, deed: Literal["comes", "goes"],
          scope: Sequence[Where], most: int) -> tuple[ClosedRow, ...]:
    shown = _shown(dataset)
    names = [c.key for c in stored_columns(dataset)]
    inside = " AND ".join(where_sql(w, names) for w in scope) or "true"
    day = quoted(dataset.date_column) if dataset.date_column else "CAST(NULL AS DATE)"
    cells = ", ".join(f"CAST({quoted(key)} AS VARCHAR)" for key, _ in shown)
    found = connection.execute(f"SELECT {day}, _vintage, _sheet, _row, {cells} FROM {side}_alone WHERE {inside} "
                               f"ORDER BY 1, 2, 3, 4 LIMIT {max(0, most)}").fetchall()
    headers = [header for _, header in shown]
    return tuple(ClosedRow(deed, r[0], str(r[1]), r[2], int(r[3]), dict(zip(headers, r[4:], strict=True)))
                 for r in found)


def _shown(dataset: Dataset) -> list[tuple[str, str]]:
    """Key and header of the columns that say which row it is and what it weighs, at most eight."""
    columns = [c for c in stored_columns(dataset) if c.key != dataset.date_column]
    rank = {RoleOf.ID: 1, RoleOf.MEASURE: 2, RoleOf.ENTITY: 3, RoleOf.DIMENSION: 4}
    columns.sort(key=lambda c: 0 if c.key in dataset.key_columns else rank.get(c.role, 5))
    return [(c.key, c.header) for c in columns[:CELLS]]
