"""Naming the rows of a dataset at a moment: from its serving file, from one of another state, or from the vintages.

A question about the past would read large vintages anew, and anti-join millions of keys. Most of its rows stand in the
serving file of today: they are read there, less the vintages that were not live yet, plus the few rows that were
visible only then, which are found once and held in memory. Answers are those of the vintages.
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from dashapp.core.dataset import Dataset
from dashapp.core.rollup import bitmap_table, day_table, month_table, quoted
from dashapp.core.vintage import Vintage, live_vintages
from dashapp.facts.delta import find_base, make_delta
from dashapp.facts.folder import dataset_folder
from dashapp.facts.remembered import find_lost
from dashapp.facts.serving import Serving, find_serving, served_states, serving_from_meta
from dashapp.facts.state import rows_in, state_digest
from dashapp.facts.visible import hides_by_key, literal, table_schema, visible_sql

log = logging.getLogger(__name__)
SMALL = 500_000  # rows in all live files up to which they are read once into memory (planning 365 files costs 0.5 s)
OTHERS = 2_000_000  # rows of vintages that the other state lacks, which are held in memory


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


@dataclass(frozen=True, slots=True)
class Shown:
    """How the rows were named. serving: the serving file of exactly this state, if there is one; files: what the engine
    must be able to read from now on."""

    serving: Serving | None = None
    files: list[str] = field(default_factory=list)


def show(connection: duckdb.DuckDBPyConnection, root: Path, table: TableAt, name: str, alias: str) -> Shown:
    """Create the view or table `name` (a plain name) of the dataset's rows at its moment.

    alias: what an attached file may be called, without digits at its end. Where there is a serving file of this state
    its rollups are named after `name` as well.
    """
    serving = _attach(connection, root, table, name, f"{alias}_s")
    if serving is not None:
        return Shown(serving)
    if _attach_base(connection, root, table, name, f"{alias}_b"):
        return Shown()
    if sum(map(rows_in, table.live)) > SMALL and _attach_later(connection, root, table, name, f"{alias}_l"):
        return Shown()
    return Shown(None, _read(connection, root, table, name))


def _attach(connection: duckdb.DuckDBPyConnection, root: Path, table: TableAt, name: str, alias: str) -> Serving | None:
    """Attach the serving file of this state and name its tables; None where there is none that can be read."""
    path = find_serving(root, table.dataset, table.live)
    opened = _open(connection, path, alias) if path else None
    if opened is None:
        return None
    base, serving = opened
    views = {name: "rows"}
    if serving.rollups.day_schema():
        views[day_table(name)] = "day"
    if serving.rollups.month_schema():
        views[month_table(name)] = "month"
    if serving.rollups.bitmap_schema():
        views[bitmap_table(name)] = "bitmap"
    for view, source in views.items():
        connection.execute(f"CREATE VIEW {quoted(view)} AS SELECT * FROM {base}.{source}")
    return serving


def _open(connection: duckdb.DuckDBPyConnection, path: Path, alias: str) -> tuple[str, Serving] | None:
    """Attach a serving file, or find it attached: (its alias, what it holds).

    None when it was deleted or damaged meanwhile: the vintages give the same answers.
    """
    attached = connection.execute("SELECT database_name FROM duckdb_databases() WHERE path = ?", [str(path)]).fetchone()
    try:
        if attached is None:
            connection.execute(f"ATTACH {literal(str(path))} AS {alias} (READ_ONLY)")
        base = attached[0] if attached else alias
        found = connection.execute(f"SELECT json FROM {base}.meta").fetchone()
    except duckdb.Error as error:
        log.warning("serving file %s cannot be read (%s); answering from the vintages", path.name, error)
        return None
    return base, serving_from_meta(path, found[0] if found else "{}")


def _attach_base(connection: duckdb.DuckDBPyConnection, root: Path, table: TableAt, name: str, alias: str) -> bool:
    """Name the rows of a former serving file with the uploads since; False where there is no such file."""
    found = find_base(root, table.dataset, table.live)
    opened = _open(connection, found[0], alias) if found else None
    if found is None or opened is None:
        return False
    make_delta(connection, root, table.dataset, opened[0], found[1], name)
    return True


def _attach_later(connection: duckdb.DuckDBPyConnection, root: Path, table: TableAt, name: str, alias: str) -> bool:
    """Name the rows of the serving file of another state that were visible then too, with those visible only then."""
    for path, other in served_states(root, table.dataset, table.vintages):
        mine = [v for v in table.live if v not in other]
        opened = _open(connection, path, alias) if sum(map(rows_in, mine)) <= OTHERS else None
        if opened is None:
            continue
        try:
            _make_past(connection, root, table, name, opened[0], other)
        except duckdb.OutOfMemoryException:
            for part in ("lost", "past", "came", "hidden"):
                connection.execute(f"DROP TABLE IF EXISTS {quoted(f'_{name}_{part}')}")
            log.warning("the past of %s differs too much to be held in memory; answering from the vintages", name)
            return False
        return True
    return False


def _make_past(connection: duckdb.DuckDBPyConnection, root: Path, table: TableAt, name: str, alias: str,
               other: Sequence[Vintage]) -> None:
    """The view over `alias`, the attached serving file of the state `other`."""
    dataset, live = table.dataset, table.live
    folder = dataset_folder(root, dataset.key)
    names = ", ".join(quoted(c) for c in table_schema(dataset))
    kept = [v for v in other if v in live]
    ids = ", ".join(literal(v.id) for v in kept)
    tests = [f"r._vintage IN ({ids})" if ids else "false"] if len(kept) < len(other) else []
    if any(hides_by_key(v) or v.replaced for v in live if v not in other):
        tests.append(_not_hidden_then(connection, folder, table, name, alias, other, ids))
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    view = f"SELECT {names} FROM {alias}.rows AS r{where}"
    if any(hides_by_key(v) or v.replaced for v in other if v not in live) or len(kept) < len(live):
        past, lost = quoted(f"_{name}_past"), quoted(f"_{name}_lost")
        find_lost(connection, lost, dataset, folder, live, other)
        connection.execute(f"CREATE TABLE {past} AS SELECT {names} FROM {alias}.rows LIMIT 0")
        _widen(connection, past, lost)
        connection.execute(f"INSERT INTO {past} SELECT {names} FROM {lost}")
        connection.execute(f"DROP TABLE {lost}")
        view += f" UNION ALL SELECT {names} FROM {past}"
    connection.execute(f"CREATE VIEW {quoted(name)} AS {view}")


def _widen(connection: duckdb.DuckDBPyConnection, table: str, rows: str) -> None:
    """Make those ENUM columns of the empty `table` texts that do not know a text of `rows`. The others stay: they are
    scanned several times faster.
    """
    for column, type, *_ in connection.execute(f"DESCRIBE {table}").fetchall():
        if type.startswith("ENUM"):
            known = f"SELECT unnest(enum_range((SELECT {quoted(column)} FROM {table})))"
            strange = connection.execute(f"SELECT 1 FROM {rows} WHERE {quoted(column)} NOT IN "
                                         f"(SELECT CAST(t AS VARCHAR) FROM ({known}) AS e(t)) LIMIT 1").fetchone()
            if strange:
                connection.execute(f"ALTER TABLE {table} ALTER {quoted(column)} TYPE VARCHAR")


def _not_hidden_then(connection: duckdb.DuckDBPyConnection, folder: Path, table: TableAt, name: str, alias: str,
                     other: Sequence[Vintage], ids: str) -> str:
    """Condition on a row `r` of the serving file: no vintage undone since hid it then. ids: those live both times."""
    came, hidden = quoted(f"_{name}_came"), quoted(f"_{name}_hidden")
    find_lost(connection, came, table.dataset, folder, other, table.live)
    connection.execute(f"DELETE FROM {came} WHERE _vintage NOT IN ({ids})" if ids else f"DELETE FROM {came}")
    connection.execute(
        f"CREATE TABLE {hidden} AS SELECT r.id FROM ("
        f"SELECT rowid AS id, CAST(_vintage AS VARCHAR) AS v, CAST(_sheet AS VARCHAR) AS s, _row AS n "
        f"FROM {alias}.rows WHERE _row IN (SELECT _row FROM {came})) AS r "  # numbers first: texts of few rows only
        f"JOIN {came} AS c ON r.v = c._vintage AND r.n = c._row AND r.s IS NOT DISTINCT FROM c._sheet")
    connection.execute(f"DROP TABLE {came}")
    return f"NOT EXISTS (SELECT 1 FROM {hidden} AS h WHERE h.id = r.rowid)"


def _read(connection: duckdb.DuckDBPyConnection, root: Path, table: TableAt, name: str) -> list[str]:
    """Name the rows read from the vintages themselves; returns the files that must stay readable."""
    folder = dataset_folder(root, table.dataset.key)
    sql = visible_sql(table.dataset, folder, table.live)
    if sum(map(rows_in, table.live)) <= SMALL:
        connection.execute(f"CREATE TABLE {quoted(name)} AS {sql}")
        return []
    connection.execute(f"CREATE VIEW {quoted(name)} AS {sql}")
    return [str(folder / v.filename) for v in table.live]
