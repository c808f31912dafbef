"""A machine-wide limit on how many files are read at once: one lock file per place, held by parent and child."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashapp.core.errors import Unavailable

_POLL = 0.05


@contextmanager
def slot(folder: Path, places: int, patience: float) -> Iterator[int]:
    """Hold one of `places` locks in `folder`; gives its file descriptor, to be inherited by the child, so that a place
    stays taken while either lives. Raises Unavailable after `patience` seconds."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handles = [os.open(folder / f"slot-{i}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for i in range(places)]
    try:
        yield _take(handles, time.monotonic() + patience)
    finally:
        for handle in handles:
            os.close(handle)


def _take(handles: list[int], deadline: float) -> int:
    while True:
        for handle in handles:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            return handle
        if time.monotonic() > deadline:
            raise Unavailable("Other files are being read at the moment. Please try again in a minute.")
        time.sleep(_POLL)
