"""DuckDB inside the child: one thread, little memory, no way out to the file system but its own scratch folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dashapp.ingest.limits import MIB, FileLimits

if TYPE_CHECKING:
    import duckdb


def connect(scratch: Path, limits: FileLimits) -> duckdb.DuckDBPyConnection:
    """A private in-memory database that spills into `scratch`."""
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{limits.engine // MIB}MB",
            "threads": 1,
            "temp_directory": str(scratch),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        },
    )
