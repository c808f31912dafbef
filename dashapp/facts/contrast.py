"""Two vintage files compared row by row, each as it was brought, whatever became of its rows since."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import duckdb

from dashapp.core.contrast import SHOWN, Contrast, Pair
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage
from dashapp.facts.folder import dataset_folder
from dashapp.facts.visible import file_columns, part_sql, stored_columns

_COUNTS = {"same": "a._row IS NOT NULL AND b._row IS NOT NULL AND {equal}",
           "changed": "a._row IS NOT NULL AND b._row IS NOT NULL AND NOT {equal}",
           "only_first": "b._row IS NULL", "only_second": "a._row IS NULL"}


def contrast_of(root: Path, dataset: Dataset, one: Vintage, other: Vintage, config: dict[str, Any]) -> Contrast:
    """The earlier commit first. Rows are told apart by the key of the later one; of equal keys, and where there is no
    key, they are partners in the order of the file."""
    first, second = sorted((one, other), key=lambda v: v.commit)
    folder, columns = dataset_folder(root, dataset.key), stored_columns(dataset)
    names = {c.key for c in columns}
    key = second.key_columns if second.key_columns and set(second.key_columns) <= names else ()
    told = [c for c in columns if c.key in key] or list(columns)
    rest = [c for c in columns if c.key not in key] if key else []
    spill = str(folder / f".contrast-{secrets.token_hex(4)}.spill")
    with duckdb.connect(":memory:", config={**config, "temp_directory": spill}) as connection:
        for side, vintage in (("a", first), ("b", second)):
            _show(connection, side, part_sql(dataset, folder, vintage, [vintage], ()), told)
        same = " AND ".join(f"a.{quoted(c.key)} IS NOT DISTINCT FROM b.{quoted(c.key)}" for c in told)
        equal = " AND ".join(f"a.{quoted(c.key)} IS NOT DISTINCT FROM b.{quoted(c.key)}" for c in rest) or "true"
        joined = f"a FULL OUTER JOIN b ON {same} AND a._turn = b._turn"
        counts = _counts(connection, joined, f"({equal})")
        pairs = _pairs(connection, joined, f"({equal})", told, rest)
        sums = _sums(connection, [c for c in columns if c.role is RoleOf.MEASURE])
    have = [set(file_columns(folder / v.filename)) for v in (first, second)]
    lone = tuple(tuple(c.header for c in columns if c.key in here - there)
                 for here, there in ((have[0], have[1]), (have[1], have[0])))
    return Contrast(first.id, second.id, tuple(c.header for c in told) if key else (), (first.rows, second.rows),
                    **counts, sums=sums, columns=lone, pairs=pairs)  # type: ignore[arg-type]


def _show(connection: duckdb.DuckDBPyConnection, side: str, rows: str, told: list[Column]) -> None:
    by = ", ".join(quoted(c.key) for c in told)
    connection.execute(f"CREATE TABLE {side} AS SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY _sheet, _row) "
                       f"AS _turn FROM ({rows})")


def _counts(connection: duckdb.DuckDBPyConnection, joined: str, equal: str) -> dict[str, int]:
    asked = ", ".join(f"count(*) FILTER (WHERE {test.format(equal=equal)})" for test in _COUNTS.values())
    found = connection.execute(f"SELECT {asked} FROM {joined}").fetchone()
    return dict(zip(_COUNTS, map(int, found or ()), strict=True))


def _pairs(connection: duckdb.DuckDBPyConnection, joined: str, equal: str, told: list[Column],
           rest: list[Column]) -> tuple[Pair, ...]:
    cells = [f"CAST({side}.{quoted(c.key)} AS VARCHAR)" for c in (*told, *rest) for side in ("a", "b")]
    order = ", ".join(f"coalesce(a.{quoted(c.key)}, b.{quoted(c.key)})" for c in told)
    found = connection.execute(f"SELECT a._row, b._row, {', '.join(cells)} FROM {joined} WHERE a._row IS NULL OR "
                               f"b._row IS NULL OR NOT {equal} ORDER BY {order}, 1, 2 LIMIT {SHOWN}").fetchall()
    return tuple(_pair(r, told, rest) for r in found)


def _pair(found: tuple[Any, ...], told: list[Column], rest: list[Column]) -> Pair:
    at, texts = (found[0], found[1]), [(found[i], found[i + 1]) for i in range(2, len(found), 2)]
    key = tuple((c.header, a if at[0] is not None else b) for c, (a, b) in zip(told, texts, strict=False))
    others = zip(rest, texts[len(told):], strict=True)
    cells = tuple((c.header, a, b) for c, (a, b) in others if a != b)
    fate = "changed" if None not in at else "second" if at[0] is None else "first"
    return Pair(fate, key, cells, at)  # type: ignore[arg-type]


def _sums(connection: duckdb.DuckDBPyConnection,
          measures: list[Column]) -> tuple[tuple[str, Any, Any], ...]:
    """Totals of money are exact, those of other numbers are added with compensation."""
    if not measures:
        return ()
    asked = ", ".join(f"{'sum' if c.type == 'money' else 'fsum'}({quoted(c.key)})" for c in measures)
    sides = [connection.execute(f"SELECT {asked} FROM {side}").fetchone() or () for side in ("a", "b")]
    return tuple((c.header, a, b) for c, a, b in zip(measures, *sides, strict=True))
