"""Lost rows of large datasets, kept as files beside the vintages: finding them reads the keys of millions of rows.

A file holds what one state shows and another does not (`facts.lost`), and is named by the fingerprints of both; so it
can never be wrong, only missing. It is disposable: the last few are kept, and a damaged one is made anew.
"""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import contextlib
import logging
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dashapp.core.dataset import Dataset
from dashapp.core.vintage import Vintage
from dashapp.facts.lost import make_lost
from dashapp.facts.state import is_staged, rows_in, state_digest
from dashapp.facts.visible import literal

log = logging.getLogger(__name__)
WORTH = 500_000  # rows of both states from which finding takes longer than reading a file
KEPT = 24  # files per dataset: moments people go back to


def find_lost(connection: duckdb.DuckDBPyConnection, name: str, dataset: Dataset, folder: Path,
              live: Sequence[Vintage], other: Sequence[Vintage]) -> None:
    """As `make_lost`, from the file of an earlier question where there is one."""
    if any(map(is_staged, (*live, *other))) or sum(map(rows_in, {*live, *other})) <= WORTH:
        make_lost(connection, name, dataset, folder, live, other)
        return
    path = folder / f"l{state_digest(dataset, live)}-{state_digest(dataset, other)}.lost"
    if not _read(connection, name, path):
        make_lost(connection, name, dataset, folder, live, other)
        _write(connection, name, path)


def _read(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> bool:
    if not path.exists():
        return False
    try:
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet({literal(str(path))})")
        os.utime(path)
    except (duckdb.IOException, duckdb.InvalidInputException, FileNotFoundError) as error:
        log.warning("the kept rows %s cannot be read (%s); finding them anew", path.name, error)
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        path.unlink(missing_ok=True)
        return False
    return True


def _write(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Keep the table; a disk that is full keeps nothing, and the question goes on."""
    work = path.with_name(f".lost-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        connection.execute(f"COPY {name} TO {literal(str(work))} (FORMAT parquet)")
        work.replace(path)
        _prune(path.parent)
    except (duckdb.IOException, OSError) as error:
        log.warning("rows of the past could not be kept (%s)", error)
        work.unlink(missing_ok=True)


def _prune(folder: Path) -> None:
    """Delete all but the files used last; another process may be faster."""
    aged = []
    for path in folder.glob("l*.lost"):
        with contextlib.suppress(FileNotFoundError):
            aged.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(aged, reverse=True)[KEPT:]:
        path.unlink(missing_ok=True)
