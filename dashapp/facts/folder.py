"""Where the files of a dataset lie, and how one becomes durable.

`FACTS_DIR/<dataset>/<vintage>-<hash>.parquet` is the record; `v<version>-<state>-<spec>.duckdb` beside it is served and
can be deleted at any time; names that start with a dot are unfinished and never read.
"""
from __future__ import annotations

import os
import re
from pathlib import Path

from dashapp.core.errors import Invalid

_DATASET = re.compile(r"^[a-z][a-z0-9_]{0,119}$")
_VINTAGE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$")


def dataset_folder(root: Path, dataset: str, *, create: bool = False) -> Path:
    """The folder of a dataset. Raises Invalid for a key that is no snake_case word: it would be a path or a query."""
    if not _DATASET.match(dataset) or "__" in dataset:
        raise Invalid(f"{dataset[:40]!r} cannot be the key of a dataset.")
    folder = root / dataset
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def check_vintage(vintage: str) -> str:
    """The id itself when it is fit for a file name; raises Invalid otherwise."""
    if not _VINTAGE.match(vintage):
        raise Invalid(f"{vintage[:40]!r} cannot be the id of an upload.")
    return vintage


def sync_file(path: Path) -> None:
    """Make the file's bytes durable."""
    _sync(path, os.O_RDWR)


def sync_folder(path: Path) -> None:
    """Make the folder's names durable (a rename is only kept after this)."""
    _sync(path, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
