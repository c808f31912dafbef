"""Tables to ask: one in-memory DuckDB per combination of dataset states, with serving files attached read-only.

Every table is a view named after its dataset's key; where the state has a serving file, its rollups (`<key>__day`,
`<key>__month`, `<key>__bitmap`) stand beside it. The engine can reach nothing but the files of this handle, and its
configuration is locked.
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import duckdb

from dashapp.core.errors import Invalid, Unavailable
from dashapp.core.rollup import RollupSpec, quoted
from dashapp.core.vintage import Vintage
from dashapp.facts.profile import Profile, profile_of, reach_of
from dashapp.facts.source import TableAt, show
from dashapp.facts.visible import literal, table_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TableAt", "Tables"]


class Tables:
    """A handle that any number of threads may ask at once; each call has its own cursor.

    rollups: dataset key -> what its serving file has pre-added; a dataset answered from its vintages is not in it.
    shown: (dataset key, fingerprint of its state, name of its serving file or the empty text) of each dataset.
    """

    def __init__(self, root: Path, wanted: Iterable[TableAt], config: dict[str, Any]) -> None:
        self._wanted = {w.dataset.key: w for w in wanted}
        self._profiles: dict[str, Profile] = {}
        self._reaches: dict[str, Profile] = {}
        self._connection = duckdb.connect(":memory:", config={**config, "temp_directory": ""})
        rollups, readable, files = {}, [], dict.fromkeys(self._wanted, "")
        for number, (key, table) in enumerate(self._wanted.items()):
            found = show(self._connection, root, table, key, f"t{number}")
            readable += found.files
            if found.serving is not None:
                rollups[key], self._profiles[key] = found.serving.rollups, found.serving.profile
                files[key] = found.serving.path.name
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
            return plain_texts(cursor.execute(sql).to_arrow_table())
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

    def reach(self, dataset: str) -> Profile:
        """Dates and weekdays of the rows, without counting the values of texts where nobody did; computed once."""
        if dataset in self._profiles:
            return self._profiles[dataset]
        if dataset not in self._reaches:
            with self._connection.cursor() as cursor:
                self._reaches[dataset] = reach_of(cursor, quoted(dataset), self._wanted[dataset].dataset)
        return self._reaches[dataset]

    def live(self, dataset: str) -> tuple[Vintage, ...]:
        """The vintages that are live in this handle, in commit order."""
        return self._wanted[dataset].live

    def vintages(self, dataset: str) -> tuple[str, ...]:
        """Ids of the vintages that are live in this handle, in commit order."""
        return tuple(v.id for v in self._wanted[dataset].live)

    def schema(self, dataset: str) -> dict[str, str]:
        """Column -> DuckDB type of the dataset's table (texts may be stored as ENUM but are given as VARCHAR)."""
        return table_schema(self._wanted[dataset].dataset)


def plain_texts(table: pa.Table) -> pa.Table:
    """Dictionary-encoded texts (ENUM columns) as plain strings."""
    import pyarrow as pa

    schema = pa.schema([pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f for f in table.schema])
    return table if schema.equals(table.schema) else table.cast(schema)
