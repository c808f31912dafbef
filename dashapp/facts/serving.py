"""Serving files: per dataset version one immutable, disposable DuckDB file made from the vintages.

Tables inside: `rows` (sorted by date; texts of few values as ENUM, which compare and sort like text), `day`, `month`
and `bitmap` (see `core.rollup`), `meta` (one JSON text: version, profile, vintages, rollups). A file is found by the
fingerprint of the state it holds, so one that was left over, or made for a dataset of the same key deleted since, is
never read.
"""
from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dashapp.core.dataset import Dataset
from dashapp.core.failpoint import failpoint
from dashapp.core.rollup import RollupSpec, rollup_from_json
from dashapp.core.vintage import Vintage
from dashapp.facts.bitmap import make_bitmap
from dashapp.facts.folder import dataset_folder, sync_file, sync_folder
from dashapp.facts.profile import Profile, profile_from_json, profile_of
from dashapp.facts.roll import fitting, make_day, make_month
from dashapp.facts.state import spec_digest, state_digest
from dashapp.facts.table import make_rows
from dashapp.facts.visible import literal

log = logging.getLogger(__name__)
KEPT = 2


@dataclass(frozen=True, slots=True)
class Serving:
    """A serving file and what it holds. rollups: what was really pre-added; vintages: ids, in commit order."""

    path: Path
    dataset: str
    version: int
    profile: Profile
    rollups: RollupSpec
    vintages: tuple[str, ...]


def find_serving(root: Path, dataset: Dataset, live: Sequence[Vintage]) -> Path | None:
    """The newest serving file of exactly this state, or None."""
    found = dataset_folder(root, dataset.key).glob(f"v*-{state_digest(dataset, live)}-*.duckdb")
    return max(found, key=_age, default=None)


def served_states(root: Path, dataset: Dataset, vintages: Sequence[Vintage]) -> list[tuple[Path, list[Vintage]]]:
    """Serving files of any state of the record, newest first, with the vintages live in each, in commit order."""
    out = []
    for path in sorted(dataset_folder(root, dataset.key).glob("v*.duckdb"), key=_age, reverse=True):
        held = _vintages_of(path)
        live = sorted((v for v in vintages if v.id in held), key=lambda v: v.commit)
        if len(live) == len(held) and f"-{state_digest(dataset, live)}-" in path.name:
            out.append((path, live))
    return out


def _vintages_of(path: Path) -> frozenset[str]:
    """Ids of the vintages in a serving file; none when it is gone or damaged, which changes no answer."""
    try:
        return frozenset(read_serving(path).vintages)
    except duckdb.Error as error:
        log.warning("serving file %s cannot be read (%s)", path.name, error)
        return frozenset()


def build_serving(root: Path, dataset: Dataset, live: Sequence[Vintage], spec: RollupSpec,
                  config: dict[str, Any]) -> Serving:
    """Make the serving file of this state under a temporary name and rename it; older files beyond two are deleted.

    A file of the same state and the same wish is not made again. config: DuckDB's memory_limit and threads.
    """
    folder = dataset_folder(root, dataset.key, create=True)
    final = folder / f"v{dataset.version:08d}-{state_digest(dataset, live)}-{spec_digest(spec)}.duckdb"
    if not final.exists():
        work = folder / f".building-{os.getpid()}-{secrets.token_hex(4)}.duckdb"
        try:
            with duckdb.connect(str(work), config={**config, "temp_directory": str(work.with_suffix(".spill")),
                                                   "preserve_insertion_order": False}) as connection:
                _make(connection, dataset, folder, live, spec)
            sync_file(work)
            failpoint("facts.build.written")
            work.replace(final)
            failpoint("facts.build.renamed")
            sync_folder(folder)
        finally:
            for left in (work, work.with_name(work.name + ".wal")):
                left.unlink(missing_ok=True)
    _prune(folder, final)
    return read_serving(final)


def _make(connection: duckdb.DuckDBPyConnection, dataset: Dataset, folder: Path, live: Sequence[Vintage],
          spec: RollupSpec) -> None:
    make_rows(connection, dataset, folder, live)
    failpoint("facts.build.rows")
    profile = profile_of(connection, "rows", dataset)
    made = make_day(connection, fitting(connection, spec, profile))
    make_month(connection, made)
    made = make_bitmap(connection, made, profile)
    meta = {"version": dataset.version, "dataset": dataset.key, "profile": profile.to_json(),
            "rollups": made.to_json(), "vintages": [v.id for v in live]}
    connection.execute(f"CREATE TABLE meta AS SELECT {literal(json.dumps(meta))} AS json")
    connection.execute("CHECKPOINT")


def read_serving(path: Path) -> Serving:
    """What a serving file says about itself. Raises duckdb.Error when it is gone or damaged."""
    with duckdb.connect(str(path), read_only=True, config={"threads": 1}) as connection:
        found = connection.execute("SELECT json FROM meta").fetchone()
    return serving_from_meta(path, found[0] if found else "{}")


def stored_profile(path: Path) -> Profile | None:
    """The profile kept in a serving file; None when it is gone or damaged, which changes no answer."""
    try:
        return read_serving(path).profile
    except duckdb.Error as error:
        log.warning("serving file %s cannot be read (%s)", path.name, error)
        return None


def serving_from_meta(path: Path, text: str) -> Serving:
    """A serving value from the JSON text of its `meta` table."""
    meta = json.loads(text)
    return Serving(path, meta["dataset"], meta["version"], profile_from_json(meta["profile"]),
                   rollup_from_json(meta["rollups"]), tuple(meta["vintages"]))


def _prune(folder: Path, newest: Path) -> None:
    """Keep the newest file and the one before; readers that have an older one open keep what they opened."""
    older = sorted((p for p in folder.glob("v*.duckdb") if p != newest), key=_age, reverse=True)
    for path in older[KEPT - 1:]:
        path.unlink(missing_ok=True)


def _age(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except FileNotFoundError:  # another process pruned it between the listing and now
        return 0, path.name
