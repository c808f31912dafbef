"""What a dataset's visible rows look like at large: how many, from when to when, on which weekdays."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import duckdb

from dashapp.core.dataset import Dataset
from dashapp.core.rollup import quoted
from dashapp.facts.visible import stored_columns

EXACT = 20_000  # distinct texts up to which a column is counted exactly; the estimate beyond is good to a few percent


@dataclass(frozen=True, slots=True)
class Profile:
    """rows; first and last date (None without dates); weekdays: 0 Monday ... 6 Sunday -> number of distinct dates on it
    (only days that occur); dates: number of distinct dates; cardinality: text column -> number of distinct values,
    missing not counted (an estimate above 20,000).
    """

    rows: int = 0
    first: date | None = None
    last: date | None = None
    weekdays: Mapping[int, int] = field(default_factory=dict)
    dates: int = 0
    cardinality: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"rows": self.rows, "first": self.first.isoformat() if self.first else None,
                "last": self.last.isoformat() if self.last else None, "dates": self.dates,
                "weekdays": {str(k): v for k, v in self.weekdays.items()}, "cardinality": dict(self.cardinality)}


def profile_from_json(data: Mapping[str, Any]) -> Profile:
    """The profile that `to_json` wrote."""
    first, last = (date.fromisoformat(data[k]) if data[k] else None for k in ("first", "last"))
    return Profile(data["rows"], first, last, {int(k): v for k, v in data["weekdays"].items()}, data["dates"],
                   dict(data["cardinality"]))


def profile_of(cursor: duckdb.DuckDBPyConnection, table: str, dataset: Dataset) -> Profile:
    """Compute the profile of `table` (an SQL name) that holds the dataset's rows."""
    texts = [c.key for c in stored_columns(dataset) if c.type == "text"]
    return replace(reach_of(cursor, table, dataset), cardinality=_cardinality(cursor, table, texts))


def reach_of(cursor: duckdb.DuckDBPyConnection, table: str, dataset: Dataset) -> Profile:
    """The profile without the numbers of values, which cost a look at every text."""
    if dataset.date_column is None:
        return Profile(rows=_row(cursor, f"SELECT count(*) FROM {table}")[0])
    # Grouped once: of rows of the past, which are a join, DISTINCT takes eight times as long, and rows are counted too.
    day = quoted(dataset.date_column)
    cursor.execute(f"SELECT isodow(d) - 1, count(d), sum(n), min(d), max(d) FROM "
                   f"(SELECT {day} AS d, count(*) AS n FROM {table} GROUP BY 1) GROUP BY 1 ORDER BY 1")
    found = cursor.fetchall()
    rows, days = sum(int(d[2]) for d in found), [d for d in found if d[0] is not None]
    if not days:
        return Profile(rows=rows)
    return Profile(rows, min(d[3] for d in days), max(d[4] for d in days), {int(d[0]): int(d[1]) for d in days},
                   sum(int(d[1]) for d in days))


def _cardinality(cursor: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> dict[str, int]:
    if not columns:
        return {}
    guesses = _row(cursor, f"SELECT {', '.join(f'approx_count_distinct({quoted(c)})' for c in columns)} FROM {table}")
    out = dict(zip(columns, map(int, guesses), strict=True))
    few = [c for c in columns if out[c] <= EXACT]
    if few:
        exact = _row(cursor, f"SELECT {', '.join(f'count(DISTINCT {quoted(c)})' for c in few)} FROM {table}")
        out |= dict(zip(few, map(int, exact), strict=True))
    return out


def _row(cursor: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    found = cursor.execute(sql).fetchone()
    assert found is not None, "an aggregate always gives one row"
    return tuple(found)
