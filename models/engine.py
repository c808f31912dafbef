"""How connections behave: SQLite with WAL and immediate transactions, PostgreSQL with a deadline on locks.

Without `BEGIN IMMEDIATE` two writers that both read first lose one update silently on SQLite.
"""
from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event

BUSY_MS = 15_000


def engine_options(url: str) -> dict[str, Any]:
    """SQLAlchemy engine options for a database URL."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_MS / 1000}}
    return {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 10, "pool_timeout": 15,
            "connect_args": {"options": f"-c lock_timeout={BUSY_MS} -c timezone=utc"}}


def prepare_engine(engine: Engine) -> None:
    """Attach the hooks; idempotent per engine."""
    if engine.dialect.name == "sqlite" and not event.contains(engine, "connect", _on_connect):
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # pysqlite's own BEGIN is deferred; ours below is not
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", f"busy_timeout={BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Any) -> None:
    # Readers that never write say so through execution options: they need no write lock.
    reading = connection.get_execution_options().get("ledgerline_read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
