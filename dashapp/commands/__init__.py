"""The command line: one file per command, each binding `ENTRY`. `python -m dashapp` scans them.

A command imports what it needs inside `run`: starting the terminal must not load the whole product.
"""
from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import AppError

if TYPE_CHECKING:
    from dashapp.services.desk import Desk
    from dashapp.settings import Settings

# Who can run a process on the server's data folder can do anything with it: the terminal is an admin.
TERMINAL = Actor(id=None, email="terminal", name="Terminal", role=Role.ADMIN, via="cli")


class WrongUse(Exception):
    """The command was asked in a way that cannot be meant: exit code 2, with one sentence."""


class Failed(AppError):
    """The command was asked well and the work failed: what a file holds, not what was typed."""


@dataclass(frozen=True)
class Command:
    """One command. `run` returns an exit code or None for 0.

    starts: it starts a server, which must be told its key and kind; the others work on an installation as it was
    started. It may raise WrongUse, Invalid and NotFound (2), and every other AppError (1).
    """

    name: str
    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Settings], int | None]
    starts: bool = False


def now() -> datetime:
    """The moment a command happens at."""
    return datetime.now(UTC)


@contextmanager
def opened(settings: Settings) -> Iterator[Desk]:
    """The desk, with an app context around it. Raises Unavailable when the database must be migrated first."""
    from dashapp.services import keeping
    from dashapp.settings import signing_key

    with keeping.state_app(settings.database_url).app_context():
        keeping.require_schema()
        desk = keeping.open_desk(settings.data_dir, settings.facts_dir, signing_key(settings), settings.organisation,
                                 cache=settings.cache_bytes, max_upload=settings.upload_bytes)
        try:
            yield desk
        finally:
            desk.ledger.warehouses.close()
