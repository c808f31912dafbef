"""What a commit would do, found out before it is committed."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Column, ColumnType, Dataset, Mode, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage, live_vintages
from dashapp.core.where import Where
from dashapp.facts.folder import dataset_folder
from dashapp.facts.scope import Slices, replaced_slices, where_sql, whole_periods
from dashapp.facts.visible import (
    extra_columns,
    file_columns,
    hides_by_key,
    literal,
    replaced_sql,
    stored_columns,
    visible_sql,
)

OVERLAPS = 10  # earlier sheets that are named


@dataclass(frozen=True, slots=True)
class Displaced:
    """Visible rows that rows of the file with another value in a dimension would replace: `rows` in all.

    old, new, pair: the most frequent pair of values and its rows; new is None where the file has no value.
    """

    column: str
    rows: int
    old: str
    new: str | None
    pair: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Visible rows of one sheet of one earlier upload that the file brings again, equal in every column."""

    vintage: str
    sheet: str | None
    rows: int
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Rows by fate. Of the file: rows = new + identical + changed.

    identical: all columns equal those of a row that is visible now. changed: another row with the same key is visible.
    superseded: visible rows whose key is in the file. hidden: visible rows in the replaced periods. vanishing: those of
    the hidden that have neither an equal row nor their key in the file. duplicate_keys_in_file: rows of the file beyond
    the first of their key. rows_outside_scope and hidden_outside_scope (rows that the file would take out of sight
    although the uploader may not see them) must be 0 for a scoped uploader. first/last: dates in the file. replaced and
    replaced_slices: what to record on the vintage. displaced: by dimension, the superseded rows that the uploader may
    see and that the file has under another value. overlaps: visible rows within the scope that the file brings again,
    most first; shared_days: dates of the file that have visible rows.
    """

    rows: int
    new: int
    identical: int
    changed: int
    superseded: int = 0
    hidden: int = 0
    vanishing: int = 0
    duplicate_keys_in_file: int = 0
    rows_outside_scope: int = 0
    hidden_outside_scope: int = 0
    first: date | None = None
    last: date | None = None
    replaced: tuple[date, date] | None = None
    replaced_slices: Slices = ()
    displaced: tuple[Displaced, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    shared_days: int = 0


def effect_of(root: Path, dataset: Dataset, vintages: Sequence[Vintage], candidate: Path, *, mode: Mode,
              key: tuple[str, ...], slices: tuple[str, ...], scope: tuple[Where, ...], calendar: Calendar,
              config: dict[str, Any]) -> Effect:
    """Compare the staged file with the rows visible now, as if it were committed next.

    dataset: as known before the commit; columns that only the file has are compared too. Raises Invalid for an
    upsert without a key.
    """
    if mode == "upsert" and not key:
        raise Invalid("Rows can only be updated when a key says which row is which.")
    folder, live = dataset_folder(root, dataset.key), live_vintages(tuple(vintages))
    known = _with_columns(dataset, candidate)
    spill = str(folder / f".effect-{secrets.token_hex(4)}.spill")
    with duckdb.connect(":memory:", config={**config, "temp_directory": spill}) as connection:
        first, last = span_of(connection, known, candidate)
        next_one = hypothetical(known, vintages, candidate, mode, key)
        if mode == "replace-period" and first and last:
            files = [folder / v.filename for v in vintages]
            confined = replaced_slices(connection, files, candidate, slices, scope)
            next_one = replace(next_one, replaced=whole_periods(known, first, last, calendar), replaced_slices=confined)
        connection.execute(f"CREATE VIEW before AS {visible_sql(known, folder, live, spills=True)}")
        connection.execute(f"CREATE VIEW file AS {visible_sql(known, folder, [next_one])}")
        counts = counts_of(connection, known, next_one, scope)
        displaced = displaced_of(connection, known, key, scope) if counts["superseded"] else ()
        overlaps = overlaps_of(connection, known, scope) if counts["identical"] else ()
        shared = shared_days(connection, known, scope) if mode == "append" else 0
    return Effect(**counts, overlaps=overlaps, shared_days=shared, first=first, last=last, replaced=next_one.replaced,
                  replaced_slices=next_one.replaced_slices, displaced=displaced)


def _with_columns(dataset: Dataset, candidate: Path) -> Dataset:
    """The dataset with the file's unknown columns."""
    from pyarrow import parquet

    fields = parquet.read_schema(candidate)
    more = [Column(name, name, RoleOf.DIMENSION, _type_of(str(fields.field(name).type)))
            for name in extra_columns(dataset, candidate)]
    return replace(dataset, columns=(*dataset.columns, *more))


def _type_of(arrow: str) -> ColumnType:
    """The column type that holds an Arrow type, named as Arrow writes it."""
    if arrow.startswith("date"):
        return "date"
    if arrow.startswith("decimal"):
        return "money"
    return "number" if arrow.startswith(("double", "float", "int", "uint")) else "text"


def hypothetical(dataset: Dataset, vintages: Sequence[Vintage], candidate: Path, mode: Mode,
                  key: tuple[str, ...]) -> Vintage:
    """The vintage that the file would be."""
    number = max((v.commit for v in vintages), default=0) + 1
    return Vintage("candidate", dataset.key, number, datetime.max.replace(tzinfo=UTC), str(candidate.resolve()), "", 0,
                   mode, key)


def span_of(connection: duckdb.DuckDBPyConnection, dataset: Dataset,
            candidate: Path) -> tuple[date | None, date | None]:
    """First and last date in the file."""
    if dataset.date_column is None or dataset.date_column not in file_columns(candidate):
        return None, None
    day = f"CAST({quoted(dataset.date_column)} AS DATE)"
    found = connection.execute(f"SELECT min({day}), max({day}) FROM read_parquet({literal(str(candidate))})").fetchone()
    return found if found else (None, None)


def counts_of(connection: duckdb.DuckDBPyConnection, dataset: Dataset, vintage: Vintage,
            scope: Sequence[Where]) -> dict[str, int]:
    """The numbers of an Effect, from the views `before` and `file`."""
    columns = [c.key for c in stored_columns(dataset)]
    equal = match(columns)
    by_key = match(vintage.key_columns) if hides_by_key(vintage) else "false"
    gone = replaced_sql(dataset, None, vintage)
    outside = f"({' AND '.join(where_sql(w, columns) for w in scope) or 'true'}) IS NOT TRUE"
    key = ", ".join(quoted(k) for k in vintage.key_columns)
    asked = {
        "rows": "SELECT count(*) FROM file",
        "identical": f"SELECT count(*) FROM file AS a WHERE {_exists('before', equal)}",
        "changed": f"SELECT count(*) FROM file AS a WHERE {_exists('before', by_key)} "
                   f"AND NOT {_exists('before', equal)}",
        "superseded": f"SELECT count(*) FROM before AS a WHERE {_exists('file', by_key)}",
        "hidden": f"SELECT count(*) FROM before AS a WHERE {gone}",
        "vanishing": f"SELECT count(*) FROM before AS a WHERE {gone} AND NOT {_exists('file', equal)} "
                     f"AND NOT {_exists('file', by_key)}",
        "duplicate_keys_in_file": f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM file GROUP BY {key})"
                                  if key else "SELECT 0",
        "rows_outside_scope": f"SELECT count(*) FROM file AS a WHERE {outside}" if scope else "SELECT 0",
        "hidden_outside_scope": f"SELECT count(*) FROM before AS a WHERE {outside} AND {_exists('file', by_key)}"
                                if scope else "SELECT 0",
    }
    row = connection.execute(f"SELECT {', '.join(f'({sql})' for sql in asked.values())}").fetchone()
    assert row is not None, "a SELECT of numbers has a row"
    out = {name: int(found) for name, found in zip(asked, row, strict=True)}
    return {**out, "new": out["rows"] - out["identical"] - out["changed"]}


def displaced_of(connection: duckdb.DuckDBPyConnection, dataset: Dataset, key: tuple[str, ...],
               scope: Sequence[Where]) -> tuple[Displaced, ...]:
    """What the file would replace under another value of a dimension, from the views `before` and `file`."""
    columns = [c.key for c in stored_columns(dataset)]
    inside = " AND ".join(where_sql(w, columns) for w in scope) or "true"
    out = []
    for column in stored_columns(dataset):
        if column.role not in (RoleOf.DIMENSION, RoleOf.CURRENCY) or column.key in key:
            continue
        old, new = f"a.{quoted(column.key)}", f"b.{quoted(column.key)}"
        found = connection.execute(
            f"SELECT CAST({old} AS VARCHAR), CAST({new} AS VARCHAR),"
            " count(DISTINCT (a._vintage, a._sheet, a._row)) AS n, sum(n) OVER ()"
            f" FROM (SELECT * FROM before WHERE {inside}) AS a JOIN file AS b ON {match(key)}"
            f" WHERE {old} IS NOT NULL AND {new} IS DISTINCT FROM {old} GROUP BY {old}, {new} ORDER BY n DESC, 1, 2"
            " LIMIT 1").fetchone()
        if found:
            out.append(Displaced(column.key, int(found[3]), found[0], found[1], int(found[2])))
    return tuple(out)


def overlaps_of(connection: duckdb.DuckDBPyConnection, dataset: Dataset, scope: Sequence[Where]) -> tuple[Overlap, ...]:
    """Where the rows that the file brings again came from, from the views `before` and `file`."""
    columns = [c.key for c in stored_columns(dataset)]
    inside = " AND ".join(where_sql(w, columns) for w in scope) or "true"
    day = quoted(dataset.date_column) if dataset.date_column else "CAST(NULL AS DATE)"
    found = connection.execute(
        f"SELECT _vintage, _sheet, count(*), min({day}), max({day}) FROM before AS a WHERE {inside} "
        f"AND {_exists('file', match(columns))} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {OVERLAPS}").fetchall()
    return tuple(Overlap(str(v), s, int(n), a, b) for v, s, n, a, b in found)


def shared_days(connection: duckdb.DuckDBPyConnection, dataset: Dataset, scope: Sequence[Where]) -> int:
    if dataset.date_column is None:
        return 0
    day = quoted(dataset.date_column)
    inside = " AND ".join(where_sql(w, [c.key for c in stored_columns(dataset)]) for w in scope) or "true"
    found = connection.execute(f"SELECT count(DISTINCT {day}) FROM file WHERE {day} IN "
                               f"(SELECT {day} FROM before WHERE {inside})").fetchone()
    return int(found[0]) if found else 0


def match(columns: Sequence[str]) -> str:
    """Condition on rows a and b: equal in these columns, missing equals missing."""
    return " AND ".join(f"b.{quoted(c)} IS NOT DISTINCT FROM a.{quoted(c)}" for c in columns) or "true"


def _exists(table: str, condition: str) -> str:
    return "false" if condition == "false" else f"EXISTS (SELECT 1 FROM {table} AS b WHERE {condition})"
