"""A full disk is known whoever notices it, and nothing else is taken for one."""
from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import duckdb
import pytest

from dashapp.core.errors import OutOfSpace
from dashapp.core.space import FULL_DISK, SpaceNeeded, is_full_disk

SPILL = ("Out of Memory Error: failed to offload data block of size 256.0 KiB (2.5 MiB/2.6 MiB used).\n"
         "This limit was set by the 'max_temp_directory_size' setting.")


@pytest.mark.parametrize("error", [
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
    OSError("[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"),
    duckdb.IOException('IO Error: Could not write file "a": No space left on device'),
    duckdb.OutOfMemoryException(SPILL), sqlite3.OperationalError("database or disk is full")], ids=str)
def test_h2_a_full_disk_is_told_as_one(error: Exception) -> None:
    assert is_full_disk(error)
    with pytest.raises(OutOfSpace) as told, SpaceNeeded():
        raise error
    assert (told.value.message, told.value.__cause__) == (FULL_DISK, error)


@pytest.mark.parametrize("error", [
    OSError(errno.EACCES, os.strerror(errno.EACCES)), ValueError("No space left on device"),
    duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block"),
    sqlite3.OperationalError("database is locked"), KeyboardInterrupt()], ids=repr)
def test_other_errors_stay_what_they_are(error: BaseException) -> None:
    assert not is_full_disk(error)
    with pytest.raises(type(error)) as told, SpaceNeeded():
        raise error
    assert told.value is error


def test_a_verb_that_needs_space_keeps_its_name_and_its_answer(tmp_path: Path) -> None:
    @SpaceNeeded()
    def write(words: str, *, times: int = 1) -> int:
        """Write."""
        return (tmp_path / "a").write_text(words * times)

    assert (write("ab", times=3), write.__name__, write.__doc__) == (6, "write", "Write.")
