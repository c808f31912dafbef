"""The `rows` table of a serving file: visible rows sorted by date, texts of few values as ENUM."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dashapp.core.dataset import Dataset
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage
from dashapp.facts.visible import COMMIT, file_columns, literal, table_schema, visible_sql

FEW = 10_000  # distinct texts up to which a column becomes an ENUM


def make_rows(connection: duckdb.DuckDBPyConnection, dataset: Dataset, folder: Path, live: Sequence[Vintage]) -> None:
    """Create table `rows`. The order is that of dates, then of commits and source rows, so that equal states give
    equal tables.
    """
    schema = table_schema(dataset)
    texts = [c for c, type in schema.items() if type == "VARCHAR" and c != "_vintage"]
    enums = _enums(connection, texts, folder, live)
    cells = [f"CAST({quoted(c)} AS {enums[c]}) AS {quoted(c)}" if c in enums else quoted(c) for c in schema]
    day = [quoted(dataset.date_column)] if dataset.date_column in schema else []
    order = ", ".join([*day, COMMIT, "_sheet", "_row"])
    source = visible_sql(dataset, folder, live, with_commit=True, spills=True)
    connection.execute(f"CREATE TABLE rows AS SELECT {', '.join(cells)} FROM ({source}) ORDER BY {order}")


def _enums(connection: duckdb.DuckDBPyConnection, texts: Sequence[str], folder: Path,
           live: Sequence[Vintage]) -> dict[str, str]:
    """Column -> name of its ENUM type, made from the values of all live files (hidden rows cost nothing but a word)."""
    if not live:
        return {}
    out = {"_vintage": _enum(connection, "e_vintage", ", ".join(f"({literal(v.id)})" for v in live))}
    for number, column in enumerate(texts):
        paths = [folder / v.filename for v in live if column in file_columns(folder / v.filename)]
        files = "[" + ", ".join(literal(str(p)) for p in paths) + "]"
        source = f"SELECT CAST({quoted(column)} AS VARCHAR) AS t FROM read_parquet({files}, union_by_name = true)"
        if not paths:
            continue
        guess = connection.execute(f"SELECT approx_count_distinct(t) FROM ({source})").fetchone()
        if guess and 0 < guess[0] <= FEW:
            out[column] = _enum(connection, f"e_{number}", source)
    return out


def _enum(connection: duckdb.DuckDBPyConnection, name: str, source: str) -> str:
    """Make an ENUM whose order is that of its texts, so that `<`, min and ORDER BY mean what they mean for text."""
    values = f"VALUES {source}" if source.startswith("(") else source
    connection.execute(f"CREATE TYPE {name} AS ENUM (SELECT DISTINCT t FROM ({values}) AS v(t) "
                       f"WHERE t IS NOT NULL ORDER BY t)")
    return name
