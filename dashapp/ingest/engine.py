"""DuckDB inside the child: one thread, little memory, no way out to the file system but its own scratch folder."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from dashapp.ingest.limits import MIB, FileLimits

if TYPE_CHECKING:
    import duckdb


@contextmanager
def warming() -> Iterator[None]:
    """Load the libraries that come after the parser while it works: it holds no lock of the interpreter meanwhile.

    They are a third of a second of every file's reading. A library that cannot be loaded raises here.
    """
    with ThreadPoolExecutor(1) as thread:
        loading = [thread.submit(import_module, name) for name in ("pyarrow.compute", "duckdb")]
        yield
        for one in loading:
            one.result()


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
