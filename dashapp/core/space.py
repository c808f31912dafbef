"""A full disk, whoever noticed it: the operating system, or an engine that could not write on."""
from __future__ import annotations

import errno
from contextlib import ContextDecorator
from types import TracebackType

from dashapp.core.errors import OutOfSpace

FULL_DISK = "The disk is full. Nothing was stored; the figures are what they were."
_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
_WORDS = ("no space left on device", "max_temp_directory_size", "database or disk is full", "disk quota exceeded")


def is_full_disk(error: BaseException) -> bool:
    """Does an error of the system or of DuckDB, Arrow or SQLite say that nothing more can be written?

    DuckDB has no class of its own for it: a table says "No space left on device", rows put aside while it sorts say
    that the limit `max_temp_directory_size`, which is what the disk has left, is reached.
    """
    if isinstance(error, OSError) and error.errno in _NUMBERS:
        return True
    known = isinstance(error, OSError) or type(error).__module__.partition(".")[0] in ("_duckdb", "duckdb", "sqlite3")
    return known and any(word in str(error).lower() for word in _WORDS)


class SpaceNeeded(ContextDecorator):
    """`with SpaceNeeded():`, or over a verb, tells a full disk as `OutOfSpace`; every other error stays what it is."""

    def __enter__(self) -> SpaceNeeded:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if error is not None and is_full_disk(error):
            raise OutOfSpace(FULL_DISK) from error
