"""The rows of a dataset that count, as one SQL statement over its vintage files: the meaning of visibility.

A row is hidden by a later live vintage that has its key or that replaced its period (within the replaced slices).
`append` brings rows without identity, so it hides nothing. Missing values in keys compare as equal, a missing value
in a slice is the empty text. A column that a file does not have is missing in all its rows.
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from dashapp.core.dataset import STORED, SYSTEM_COLUMNS, Column, Dataset, RoleOf
from dashapp.core.rollup import quoted
from dashapp.core.vintage import Vintage

COMMIT = "_commit"
_SYSTEM = {"_vintage": "VARCHAR", "_sheet": "VARCHAR", "_row": "INTEGER"}


def stored_columns(dataset: Dataset) -> tuple[Column, ...]:
    """The columns that exist as facts: all that are not ignored."""
    return tuple(c for c in dataset.columns if c.role is not RoleOf.IGNORE)


def table_schema(dataset: Dataset) -> dict[str, str]:
    """Column -> DuckDB type of the dataset's table, system columns last."""
    return {**{c.key: STORED[c.type] for c in stored_columns(dataset)}, **_SYSTEM}


def literal(text: str) -> str:
    """A text as an SQL literal, safe for any text."""
    return "'" + text.replace("'", "''") + "'"


def hides_by_key(vintage: Vintage) -> bool:
    """Does the vintage supersede earlier rows of the same key?"""
    return vintage.mode != "append" and bool(vintage.key_columns)


def visible_sql(dataset: Dataset, folder: Path, live: Sequence[Vintage], *, with_commit: bool = False,
                spills: bool = False) -> str:
    """SELECT of the visible rows, unordered, with the columns of `table_schema` (and `_commit` when asked).

    live: the vintages live at the wanted moment, in commit order (`core.vintage.live_vintages`). spills: the engine may
    write to disk. Then NOT EXISTS serves, which sets all rows aside before it compares (ten million fit into a gigabyte
    with a sort behind them); without a disk a join streams them past the keys, of which memory holds only those.
    """
    names = [quoted(c) for c in table_schema(dataset)] + ([COMMIT] if with_commit else [])
    if not live:
        types = {**table_schema(dataset), **({COMMIT: "BIGINT"} if with_commit else {})}
        return "SELECT " + ", ".join(f"CAST(NULL AS {t}) AS {quoted(c)}" for c, t in types.items()) + " WHERE false"
    hiders = hiders_of(live)
    keys = sorted({key for v in hiders for key in v.key_columns} - set(table_schema(dataset)))
    rows = f"({' UNION ALL '.join(part_sql(dataset, folder, v, live, keys) for v in live)}) AS r"
    tests = []
    for number, key in enumerate(sorted({v.key_columns for v in hiders})):
        listed, name = keys_sql(dataset, folder, key, hiders), f"k{number}"
        same = f"{same_key(key, name)} AND {name}.c > r.{COMMIT}"
        if spills:
            tests.append(f"NOT EXISTS (SELECT 1 FROM ({listed}) AS {name} WHERE {same})")
        else:
            rows += f" ANTI JOIN ({listed}) AS {name} ON {same}"
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return f"SELECT {', '.join(f'r.{name}' for name in names)} FROM {rows}{where}"


def hiders_of(live: Sequence[Vintage]) -> list[Vintage]:
    """Vintages whose keys can hide a row: not the first, which has nothing before it."""
    return [v for v in live if hides_by_key(v) and v.commit > live[0].commit]


def part_sql(dataset: Dataset, folder: Path, vintage: Vintage, live: Sequence[Vintage], keys: Iterable[str]) -> str:
    """One vintage's rows in the dataset's columns, less those whose period was replaced later."""
    path = folder / vintage.filename
    cells = [f"{_cell(path, c, t)} AS {quoted(c)}" for c, t in table_schema(dataset).items() if c != "_vintage"]
    cells += [f"{_cell(path, k, 'VARCHAR')} AS {quoted(k)}" for k in keys]
    cells += [f"{literal(vintage.id)} AS _vintage", f"CAST({vintage.commit} AS BIGINT) AS {COMMIT}"]
    tests = [f"({replaced_sql(dataset, path, v)}) IS NOT TRUE" for v in live
             if v.commit > vintage.commit and v.mode == "replace-period" and v.replaced]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return f"SELECT {', '.join(cells)} FROM read_parquet({literal(str(path))}){where}"


def replaced_sql(dataset: Dataset, path: Path | None, vintage: Vintage) -> str:
    """Condition on rows of the file `path` (of the dataset's table when None): `vintage` replaced them."""
    if vintage.replaced is None or dataset.date_column is None:
        return "false"
    first, last = vintage.replaced
    day = _cell(path, dataset.date_column, "DATE")
    tests = [f"{day} BETWEEN DATE '{first.isoformat()}' AND DATE '{last.isoformat()}'"]
    for column, values in vintage.replaced_slices:
        texts = ", ".join(literal(v) for v in values)
        tests.append(f"coalesce({_cell(path, column, 'VARCHAR')}, '') IN ({texts})" if texts else "false")
    return " AND ".join(tests)


def keys_sql(dataset: Dataset, folder: Path, key: tuple[str, ...], hiders: Iterable[Vintage]) -> str:
    """SELECT of the keys (k0, k1, ...) in those hiders that go by `key`, each with its highest commit (c)."""
    schema, parts = table_schema(dataset), []
    for v in hiders:
        if v.key_columns == key:
            path = folder / v.filename
            cells = [f"{_cell(path, k, schema.get(k, 'VARCHAR'))} AS k{n}" for n, k in enumerate(key)]
            source = f"read_parquet({literal(str(path))})"
            parts.append(f"SELECT {', '.join(cells)}, CAST({v.commit} AS BIGINT) AS c FROM {source}")
    columns = ", ".join(f"k{n}" for n in range(len(key)))
    return f"SELECT {columns}, max(c) AS c FROM ({' UNION ALL '.join(parts)}) GROUP BY ALL"


def same_key(key: Sequence[str], alias: str = "k") -> str:
    """Condition: the row `r` has the key of `alias`, a row of `keys_sql`."""
    return " AND ".join(f"{alias}.k{n} IS NOT DISTINCT FROM r.{quoted(k)}" for n, k in enumerate(key))


def _cell(path: Path | None, column: str, type: str) -> str:
    """A column of a file as `type`; missing where the file does not have it."""
    if path is not None and column not in file_columns(path):
        return f"CAST(NULL AS {type})"
    return f"CAST({quoted(column)} AS {type})"


def file_columns(path: Path) -> tuple[str, ...]:
    """Columns of a Parquet file. Vintage files never change (a staged one may), so the answer is kept."""
    stat = path.stat()
    return _columns(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4096)
def _columns(path: Path, _touched: int, _size: int) -> tuple[str, ...]:
    from pyarrow import parquet

    return tuple(parquet.read_schema(path).names)


def extra_columns(dataset: Dataset, path: Path) -> list[str]:
    """Columns of a file that the dataset does not know, without the system's."""
    return [c for c in file_columns(path) if dataset.column(c) is None and c not in SYSTEM_COLUMNS]
