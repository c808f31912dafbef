"""How far the reading of a file is, where no job stands for it: a first look is taken while somebody waits for it.

A small file among the scratch files says it, so that every process of the installation can tell; it goes with the work.
"""
from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dashapp.core.words import counted
from dashapp.services.desk import Desk

EVERY = 0.3  # seconds between two notes
STALE = 200.0  # seconds after which a note was left by a process that died; a file is read for 180 at most


def words(rows: int | None) -> str:
    """`reading: 120,000 rows read`, or `reading` where the rows are not known yet."""
    return "reading" if rows is None else f"reading: {counted(rows, 'row')} read"


@contextmanager
def kept(desk: Desk, upload: str) -> Iterator[Callable[[float, int | None], None]]:
    """What it gives is told the share and the rows read, and keeps them for `look` until the block ends. The share
    never goes back."""
    path, most, told = _path(desk, upload), 0.0, 0.0

    def tell(share: float, rows: int | None) -> None:
        nonlocal most, told
        most = max(most, min(share, 0.99))
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps([most, words(rows), told]), encoding="utf-8")
            fresh.replace(path)

    try:
        yield tell
    finally:
        path.unlink(missing_ok=True)


def look(desk: Desk, upload: str) -> tuple[float, str] | None:
    """(share, words) of the reading that is under way; None where none is."""
    path = _path(desk, upload)
    try:
        share, said, at = json.loads(path.read_text(encoding="utf-8"))
        is_fresh = 0 <= time.monotonic() - at <= STALE  # a clock that all processes of the machine share
    except (OSError, ValueError, TypeError):
        return None
    return (float(share), str(said)) if is_fresh else None


def _path(desk: Desk, upload: str) -> Path:
    return desk.scratch / f"reading-{upload}.json"
