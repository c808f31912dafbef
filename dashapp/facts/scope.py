"""What a `replace-period` file replaces: whole periods, its slices, and no more than the uploader's scope."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import duckdb

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.rollup import quoted
from dashapp.core.where import Where
from dashapp.facts.visible import file_columns, literal

Slices = tuple[tuple[str, tuple[str, ...]], ...]


def whole_periods(dataset: Dataset, first: date, last: date, calendar: Calendar) -> tuple[date, date]:
    """The closed range of whole periods of the dataset's grain between two dates (days for events)."""
    return calendar.period(first, dataset.grain).start, calendar.period(last, dataset.grain).end


def where_sql(where: Where, columns: Iterable[str]) -> str:
    """A condition of the filter grammar over a table with these columns; a missing value, or a column that is not
    there, counts as the empty text.
    """
    column = f"coalesce(CAST({quoted(where.column)} AS VARCHAR), '')" if where.column in columns else "''"
    if where.op == "~=":
        return f"contains({column}, {literal(where.values[0])})"
    values = ", ".join(literal(v) for v in where.values)
    return f"{column} {'IN' if where.op == '=' else 'NOT IN'} ({values})"


def replaced_slices(connection: duckdb.DuckDBPyConnection, earlier: Sequence[Path], candidate: Path,
                    slices: Iterable[str], scope: Sequence[Where]) -> Slices:
    """The values, per column, to which a replacement is confined: those in the file for slice columns, those within
    the scope for scoped columns. Listing values is exact, because only rows of the `earlier` files (of all
    vintages, undone ones too) can be replaced. Missing values are listed as the empty text.
    """
    out: dict[str, set[str]] = {}
    for column in slices:
        out[column] = set(_values(connection, [candidate], column, ()))
    for column in sorted({w.column for w in scope}):
        conditions = [w for w in scope if w.column == column]
        allowed = set(_values(connection, [*earlier, candidate], column, conditions))
        out[column] = out[column] & allowed if column in out else allowed
    return tuple((column, tuple(sorted(values))) for column, values in sorted(out.items()))


def _values(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], column: str,
            conditions: Sequence[Where]) -> list[str]:
    having = [p for p in paths if column in file_columns(p)]
    selects = [f"SELECT CAST({quoted(column)} AS VARCHAR) AS {quoted(column)} FROM read_parquet({literal(str(p))})"
               for p in having]
    if len(having) < len(paths):
        selects.append(f"SELECT CAST(NULL AS VARCHAR) AS {quoted(column)}")
    where = " AND ".join(where_sql(w, [column]) for w in conditions) or "true"
    found = connection.execute(f"SELECT DISTINCT coalesce({quoted(column)}, '') FROM "
                               f"({' UNION ALL '.join(selects)}) WHERE {where}")
    return [str(row[0]) for row in found.fetchall()]
