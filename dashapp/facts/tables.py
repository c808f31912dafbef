"""Tables to ask: one in-memory DuckDB per combination of dataset states, with serving files attached read-only.

Every table is a view named after its dataset's key; where the state has a serving file, `<key>__day` and `<key>__month`
stand beside it. The engine can reach nothing but the files of this handle, and its configuration is locked.
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import duckdb

from dashapp.core.dataset import Dataset
from dashapp.core.errors import Invalid, Unavailable
from dashapp.core.rollup import RollupSpec, day_table, month_table, quoted
from dashapp.core.vintage import Vintage, live_vintages
from dashapp.facts.delta import find_base, make_delta
from dashapp.facts.folder import dataset_folder
from dashapp.facts.profile import Profile, profile_of
from dashapp.facts.serving import Serving, find_serving, serving_from_meta
from dashapp.facts.state import rows_in, state_digest
from dashapp.facts.visible import literal, table_schema, visible_sql

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger(__name__)
SMALL = 500_000  # rows in all live files up to which they are read once into memory (planning 365 files costs 0.5 s)


@dataclass(frozen=True, slots=True)
class TableAt:
    """One dataset at a moment: `vintages` are all its vintages (undone ones too), `at` is UTC or None for now."""

    dataset: Dataset
    vintages: tuple[Vintage, ...]
    at: datetime | None = None

    @property
    def live(self) -> tuple[Vintage, ...]:
        return live_vintages(self.vintages, self.at)

    @property
    def state(self) -> tuple[str, str]:
        """What identifies the rows: the dataset's key and the fingerprint of its state."""
        return self.dataset.key, state_digest(self.dataset, self.live)


class Tables:
    """A handle that any number of threads may ask at once; each call has its own cursor.

    rollups: dataset key -> what its serving file has pre-added; a dataset answered from its vintages is not in it.
    shown: (dataset key, fingerprint of its state, name of its serving file or the empty text) of each dataset.
    """

    def __init__(self, root: Path, wanted: Iterable[TableAt], config: dict[str, Any]) -> None:
        self._wanted = {w.dataset.key: w for w in wanted}
        self._profiles: dict[str, Profile] = {}
        self._connection = duckdb.connect(":memory:", config={**config, "temp_directory": ""})
        rollups, readable, files = {}, [], dict.fromkeys(self._wanted, "")
        for number, (key, table) in enumerate(self._wanted.items()):
            serving = _attach(self._connection, root, table, f"s{number}")
            if serving is not None:
                rollups[key], self._profiles[key] = serving.rollups, serving.profile
                files[key] = serving.path.name
            elif not _attach_base(self._connection, root, table, f"b{number}"):
                readable += _read(self._connection, root, table)
        self.rollups: Mapping[str, RollupSpec] = MappingProxyType(rollups)
        self.shown = frozenset((*w.state, files[key]) for key, w in self._wanted.items())
        self._lock(readable)

    def _lock(self, readable: list[str]) -> None:
        """From here on the engine opens no other file and changes no setting."""
        self._connection.execute(f"SET allowed_paths = [{', '.join(literal(p) for p in readable)}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def fetch(self, sql: str, *, timeout: float | None = None) -> pa.Table:
        """The answer to one SELECT; texts are plain strings. timeout: seconds.

        Raises Unavailable when it takes longer, or more memory than the ledger allows.
        """
        cursor = self._connection.cursor()
        timer = threading.Timer(timeout, cursor.interrupt) if timeout is not None else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            return _plain(cursor.execute(sql).to_arrow_table())
        except duckdb.InterruptException as error:
            raise Unavailable(f"This question took longer than {timeout:g} seconds.") from error
        except duckdb.OutOfMemoryException as error:
            raise Unavailable("This question needs more memory than one question may use.") from error
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise Invalid("A number of this question grew beyond 38 digits.") from error
        finally:
            if timer:
                timer.cancel()
            cursor.close()

    def rows(self, dataset: str, where: str | None = None, *, limit: int = 1000, offset: int = 0,
             timeout: float | None = None) -> pa.Table:
        """Visible rows with `_vintage`, `_sheet`, `_row`, in the order of dates and then of the source.

        where: SQL condition on the dataset's columns as `query` compiles it; never text a person wrote.
        """
        table = self._wanted[dataset].dataset
        order = [quoted(table.date_column)] if table.date_column else []
        order += ["_vintage", "_sheet", "_row"]
        return self.fetch(
            f"SELECT {', '.join(quoted(c) for c in table_schema(table))} FROM {quoted(dataset)} "
            f"{f'WHERE {where} ' if where else ''}ORDER BY {', '.join(order)} LIMIT {limit:d} OFFSET {offset:d}",
            timeout=timeout)

    def profile(self, dataset: str) -> Profile:
        """The profile of a dataset as this handle shows it; computed once where there is no serving file."""
        if dataset not in self._profiles:
            with self._connection.cursor() as cursor:
                self._profiles[dataset] = profile_of(cursor, quoted(dataset), self._wanted[dataset].dataset)
        return self._profiles[dataset]

    def vintages(self, dataset: str) -> tuple[str, ...]:
        """Ids of the vintages that are live in this handle, in commit order."""
        return tuple(v.id for v in self._wanted[dataset].live)

    def schema(self, dataset: str) -> dict[str, str]:
        """Column -> DuckDB type of the dataset's table (texts may be stored as ENUM but are given as VARCHAR)."""
        return table_schema(self._wanted[dataset].dataset)


def _attach(connection: duckdb.DuckDBPyConnection, root: Path, table: TableAt, name: str) -> Serving | None:
    """Attach the serving file of this state and name its tables; None where there is none that can be read."""
    path = find_serving(root, table.dataset, table.live)
    serving = _open(connection, path, name) if path else None
    if serving is None:
        return None
    key = table.dataset.key
    views = {key: "rows"}
    if serving.rollups.day_schema():
        views[day_table(key)] = "day"
    if serving.rollups.month_schema():
        views[month_table(key)] = "month"
    for view, source in views.items():
        connection.execute(f"CREATE VIEW {quoted(view)} AS SELECT * FROM {name}.{source}")
    return serving


def _open(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> Serving | None:
    """Attach a serving file; None when it was deleted or damaged meanwhile: the vintages give the same answers."""
    try:
        connection.execute(f"ATTACH {literal(str(path))} AS {name} (READ_ONLY)")
        found = connection.execute(f"SELECT json FROM {name}.meta").fetchone()
    except duckdb.Error as error:
        log.warning("serving file %s cannot be read (%s); answering from the vintages", path.name, error)
        return None
    return serving_from_meta(path, found[0] if found else "{}")


def _attach_base(connection: duckdb.DuckDBPyConnection, root: Path, table: TableAt, name: str) -> bool:
    """Name the rows of a former serving file with the uploads since; False where there is no such file."""
    found = find_base(root, table.dataset, table.live)
    if found is None or _open(connection, found[0], name) is None:
        return False
    make_delta(connection, root, table.dataset, name, found[1])
    return True


def _read(connection: duckdb.DuckDBPyConnection, root: Path, table: TableAt) -> list[str]:
    """Name the rows read from the vintages themselves; returns the files that must stay readable."""
    folder, name = dataset_folder(root, table.dataset.key), quoted(table.dataset.key)
    sql = visible_sql(table.dataset, folder, table.live)
    if sum(map(rows_in, table.live)) <= SMALL:
        connection.execute(f"CREATE TABLE {name} AS {sql}")
        return []
    connection.execute(f"CREATE VIEW {name} AS {sql}")
    return [str(folder / v.filename) for v in table.live]


def _plain(table: pa.Table) -> pa.Table:
    """Dictionary-encoded texts (ENUM columns) as plain strings."""
    import pyarrow as pa

    schema = pa.schema([pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f for f in table.schema])
    return table if schema.equals(table.schema) else table.cast(schema)
