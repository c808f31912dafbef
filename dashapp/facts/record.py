"""Vintage files: written under a temporary name, sealed by fsync and rename, never changed afterwards.

The final name carries the hash of the bytes, so that sealing again after a crash can never change a file that a
committed upload points at.
"""
from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from dashapp.core.errors import NotFound
from dashapp.core.failpoint import failpoint
from dashapp.facts.folder import check_vintage, dataset_folder, sync_file, sync_folder


def staging_path(root: Path, dataset: str, vintage: str) -> Path:
    """The temporary name to write a vintage to; its folder exists afterwards."""
    return dataset_folder(root, dataset, create=True) / f".staging-{check_vintage(vintage)}.parquet"


def seal(root: Path, dataset: str, vintage: str) -> tuple[str, str, int]:
    """Make the staged file a vintage file: (file name in the dataset's folder, sha256 of its bytes, rows).

    Nothing refers to the file yet; until its commit it is an orphan. Raises NotFound when nothing is staged.
    """
    staged = staging_path(root, dataset, vintage)
    if not staged.exists():
        raise NotFound("There is no converted file for this upload.")
    digest, rows = file_digest(staged), row_count(staged)
    final = staged.with_name(f"{vintage}-{digest[:16]}.parquet")
    sync_file(staged)
    failpoint("facts.seal.written")
    staged.replace(final)
    failpoint("facts.seal.renamed")
    sync_folder(final.parent)
    return final.name, digest, rows


def discard(root: Path, dataset: str, vintage: str) -> None:
    """Forget what was staged for this upload, if anything."""
    staging_path(root, dataset, vintage).unlink(missing_ok=True)


def sweep(root: Path, dataset: str, known: Iterable[str], before: datetime) -> int:
    """Delete files that no upload points at, and what a killed build left: the number deleted.

    known: file names of all recorded vintages, undone ones too. Files touched at or after `before` may belong to an
    upload that is being committed right now and are left alone.
    """
    folder, kept, gone = dataset_folder(root, dataset), set(known), 0
    for path in {*folder.glob("*.parquet"), *folder.glob(".[!.]*")}:
        if path.name not in kept and _touched(path) < before.timestamp():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            gone += 1
    return gone


def _touched(path: Path) -> float:
    """When the file was last written; now and for ever for one that somebody else has just deleted."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def row_count(path: Path) -> int:
    """Rows of a Parquet file, from its footer."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        return int(file.metadata.num_rows)


def file_digest(path: Path) -> str:
    """sha256 of the file's bytes as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
