"""Which rows of a staged file find their row in another dataset."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from dashapp.core.dataset import Dataset
from dashapp.core.join import JoinMatch
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage, live_vintages
from dashapp.facts.folder import dataset_folder
from dashapp.facts.visible import file_columns, literal, visible_sql

SHOWN = 10


def match_of(root: Path, candidate: Path, column: str, reference: Dataset, vintages: Sequence[Vintage], key: str, *,
             config: dict[str, Any]) -> JoinMatch | None:
    """The rows of the staged file whose `column` is a visible `key` of the reference; None when the file does not
    have the column. An empty cell finds nothing.
    """
    if column not in file_columns(candidate):
        return None
    there = visible_sql(reference, dataset_folder(root, reference.key), live_vintages(tuple(vintages)))
    spill = str(dataset_folder(root, reference.key) / f".effect-{secrets.token_hex(4)}.spill")
    with duckdb.connect(":memory:", config={**config, "temp_directory": spill}) as connection:
        connection.execute(
            "CREATE TABLE counted AS WITH known AS "
            f"(SELECT DISTINCT CAST({quoted(key)} AS VARCHAR) AS k FROM ({there})) "
            f"SELECT f.k, f.n, known.k IS NOT NULL AS found FROM (SELECT CAST({quoted(column)} AS VARCHAR) AS k, "
            f"count(*) AS n FROM read_parquet({literal(str(candidate))}) GROUP BY ALL) AS f "
            "LEFT JOIN known ON known.k = f.k")
        told = connection.execute("SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE found), 0), "
                                  "count(*) FILTER (WHERE NOT found) FROM counted").fetchone()
        missing = connection.execute("SELECT coalesce(k, '') FROM counted WHERE NOT found "
                                     f"ORDER BY n DESC, k NULLS LAST LIMIT {SHOWN}").fetchall()
    rows, matched, distinct = (int(n) for n in told or (0, 0, 0))
    return JoinMatch(column, f"{reference.key}.{key}", rows, matched, tuple(str(k) for (k,) in missing), distinct)


def write_keys(root: Path, reference: Dataset, vintages: Sequence[Vintage], key: str, out: Path, *,
               config: dict[str, Any]) -> None:
    """The distinct visible values of a column, as texts, in a Parquet file of one column `k`."""
    there = visible_sql(reference, dataset_folder(root, reference.key), live_vintages(tuple(vintages)))
    with duckdb.connect(":memory:", config={**config, "temp_directory": ""}) as connection:
        connection.execute(
            f"COPY (SELECT DISTINCT CAST({quoted(key)} AS VARCHAR) AS k FROM ({there}) WHERE {quoted(key)} IS NOT NULL)"
            f" TO {literal(str(out))} (FORMAT parquet)")
