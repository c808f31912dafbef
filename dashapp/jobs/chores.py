"""Small work that comes round again and is not worth a row: what it leaves undone today, it does tomorrow."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from dashapp.services import feeding, placing, quality, sweeping, working
from dashapp.services.desk import Desk

Chore = Callable[[Desk, datetime], object]
TABLE: tuple[tuple[timedelta, Chore], ...] = (
    (timedelta(hours=1), lambda desk, now: sweeping.sweep(desk, now=now)),
    (timedelta(hours=1), lambda desk, now: working.forget_old(now=now)),
    (timedelta(minutes=1), lambda desk, now: placing.queue_due(desk, now=now)),
    (timedelta(seconds=30), lambda desk, now: feeding.queue_due(desk, now=now)),
    (timedelta(hours=1), lambda desk, now: quality.queue_due(desk, now=now)),
)


class Chores:
    """Call it with the desk and the moment between jobs; each chore runs when its time has come, and at the start."""

    def __init__(self, table: tuple[tuple[timedelta, Chore], ...] = TABLE) -> None:
        self._due: list[tuple[timedelta, Chore, datetime | None]] = [(every, chore, None) for every, chore in table]

    def __call__(self, desk: Callable[[], Desk], now: datetime) -> None:
        """`desk` is opened only when something is due."""
        due = [(every, chore) for every, chore, at in self._due if at is None or at <= now]
        if not due:
            return
        self._due = [(every, chore, now + every if at is None or at <= now else at) for every, chore, at in self._due]
        opened = desk()
        for _, chore in due:
            chore(opened, now)
