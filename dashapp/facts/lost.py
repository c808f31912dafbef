"""Rows that one state of a dataset shows and another does not: what an undo, a correction or a replacement took away.

Read from the vintages that differ between the two states, and from those rows of the others that they hide; the rows
that both states show are never touched. Asked both ways round this is the whole difference of two states, so it serves
questions about the past (`facts.source`) and restatements (`facts.between`).
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from dashapp.core.dataset import Dataset
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage
from dashapp.facts.visible import (
    COMMIT,
    hiders_of,
    hides_by_key,
    keys_sql,
    part_sql,
    replaced_sql,
    same_key,
    table_schema,
)

BY = "_by"


def make_lost(connection: duckdb.DuckDBPyConnection, name: str, dataset: Dataset, folder: Path,
              live: Sequence[Vintage], other: Sequence[Vintage]) -> None:
    """Create the table `name` of the rows visible with the vintages `live` but not with `other`.

    Columns of `table_schema`, `_commit` and `_by`: the commit of the vintage that made the difference - the row's own
    where `other` lacks it, else the latest of `other` that hides the row.
    """
    ids, others = {v.id for v in live}, {v.id for v in other}
    mine = [v for v in live if v.id not in others]
    common = [v for v in live if v.id in others]
    theirs = [v for v in other if v.id not in ids and (hides_by_key(v) or v.replaced)]
    keys = unlisted_columns(dataset, hiders_of(live), theirs)
    parts = [f"SELECT *, CAST({v.commit} AS BIGINT) AS {BY} FROM ({part_sql(dataset, folder, v, live, keys)})"
             for v in mine]
    touched = [part_sql(dataset, folder, v, live, keys) for v in common if any(t.commit > v.commit for t in theirs)]
    parts += [_hidden(dataset, folder, " UNION ALL ".join(touched), theirs)] if touched else []
    types = {**table_schema(dataset), COMMIT: "BIGINT", BY: "BIGINT"}
    if not parts:
        cells = ", ".join(f"CAST(NULL AS {t}) AS {quoted(c)}" for c, t in types.items())
        connection.execute(f"CREATE TABLE {name} AS SELECT {cells} WHERE false")
        return
    connection.execute(f"CREATE TABLE {name} AS {' UNION ALL '.join(parts)}")
    for key in sorted({v.key_columns for v in hiders_of(live)}):
        _drop_superseded(connection, name, keys_sql(dataset, folder, key, hiders_of(live)), key)
    for column in keys:
        connection.execute(f"ALTER TABLE {name} DROP COLUMN {quoted(column)}")


def unlisted_columns(dataset: Dataset, hiders: Iterable[Vintage], replacing: Iterable[Vintage]) -> list[str]:
    """Columns of keys and slices that the dataset has no more; files still do."""
    keys = {key for v in (*hiders, *replacing) for key in v.key_columns}
    slices = {column for v in replacing for column, _ in v.replaced_slices}
    return sorted((keys | slices) - set(table_schema(dataset)))


def _hidden(dataset: Dataset, folder: Path, rows: str, hiders: Sequence[Vintage]) -> str:
    """SELECT of those of `rows` that a later one of `hiders` hides, with the commit of the latest that does."""
    gone = [f"CASE WHEN {replaced_sql(dataset, None, v)} THEN CAST({v.commit} AS BIGINT) END" for v in hiders
            if v.mode == "replace-period" and v.replaced]
    rows = f"SELECT *, greatest({', '.join([*gone, 'CAST(NULL AS BIGINT)'])}) AS {BY} FROM ({rows})"
    joins, found = [], [f"r.{BY}"]
    for number, key in enumerate(sorted({v.key_columns for v in hiders if hides_by_key(v)})):
        listed = keys_sql(dataset, folder, key, [v for v in hiders if hides_by_key(v)])
        joins.append(f" LEFT JOIN ({listed}) AS h{number} ON {same_key(key, f'h{number}')}")
        found.append(f"h{number}.c")
    by = f"greatest({', '.join(found)})" if joins else found[0]
    return f"SELECT r.* REPLACE ({by} AS {BY}) FROM ({rows}) AS r{''.join(joins)} WHERE {by} > r.{COMMIT}"


def _drop_superseded(connection: duckdb.DuckDBPyConnection, name: str, keys: str, key: Sequence[str]) -> None:
    """Delete rows that a later vintage of their own state hides; the keys of the others are not even grouped."""
    columns = ", ".join(quoted(k) for k in key)
    mine = f"SELECT DISTINCT {columns} FROM {name}"
    narrowed = f"SELECT k.* FROM ({keys}) AS k WHERE EXISTS (SELECT 1 FROM ({mine}) AS r WHERE {same_key(key)})"
    connection.execute(f"DELETE FROM {name} AS r WHERE EXISTS "
                       f"(SELECT 1 FROM ({narrowed}) AS k WHERE {same_key(key)} AND k.c > r.{COMMIT})")
