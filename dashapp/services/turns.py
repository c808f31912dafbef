"""Taking turns: what must be decided by one process at a time holds a named lock until its transaction ends."""
from __future__ import annotations

import zlib

from sqlalchemy import text
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

CHANGES = "datasets, uploads and definitions"  # one turn for all of them, taken first: no two can wait for each other


def take_turn(session: scoped_session[OrmSession], name: str) -> None:
    """Wait for the turn of `name`. On SQLite the write transaction is that turn already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": zlib.crc32(name.encode())})
