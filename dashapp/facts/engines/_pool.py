"""The open warehouses of a process, each behind a breaker: ten cards do not wait ten times for a dead one."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dashapp.facts.engines import ENGINES, Unreachable, Warehouse
from dashapp.facts.engines._patience import StillAsking, Waiting

PAUSES = (15.0, 30.0, 60.0, 120.0)  # seconds until it is asked again, after one failure, two, ...
T = TypeVar("T")


@dataclass
class Breaker:
    """After a failure everybody is told at once for a while, without asking; then one question tries again."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    until: float = 0.0
    said: str = ""
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def call(self, work: Callable[[], T]) -> T:
        """The value of `work`. Raises what it raises, and Unreachable at once while nobody is to be asked."""
        with self._guard:
            if self.clock() < self.until:
                raise Unreachable(self.said)
        try:
            value = work()
        except Unreachable as error:
            with self._guard:
                if self.clock() < self.until:
                    raise  # of several questions that failed together one is counted
                pause = PAUSES[min(self.failures, len(PAUSES) - 1)]
                self.failures, self.until, self.said = self.failures + 1, self.clock() + pause, error.message
            raise
        with self._guard:
            self.failures, self.until = 0, 0.0
        return value


@dataclass
class Line:
    """One warehouse as the product speaks with it; every call is named after the connection when it fails."""

    key: str
    engine: str
    warehouse: Warehouse
    breaker: Breaker = field(default_factory=Breaker)
    waiting: Waiting = field(default_factory=Waiting)

    def call(self, work: Callable[[Warehouse], T]) -> T:
        """The value of `work`; an Unreachable says which warehouse it was."""
        return self.breaker.call(lambda: self.apart(work))

    def apart(self, work: Callable[[Warehouse], T]) -> T:
        """As `call`, past the breaker: long work that nobody waits for says nothing about questions that are short."""
        try:
            return work(self.warehouse)
        except Unreachable as error:
            raise Unreachable(f"The warehouse {self.key} {error.message}") from error.__cause__

    def fetch(self, sql: str, *, timeout: float, **more: Any) -> dict[str, list[Any]]:
        """See `Warehouse.fetch`."""
        return self.call(lambda w: w.fetch(sql, timeout=timeout, **more))

    def fetch_soon(self, sql: str, version: int, *, timeout: float, patience: float) -> dict[str, list[Any]]:
        """As `fetch`, waited for at most `patience` seconds; version: of the rows, whose answers are not mixed up.

        Raises StillAsking; asked again within a minute, the answer is there.
        """
        try:
            found: dict[str, list[Any]] = self.waiting.answer(
                (sql, version), lambda: self.fetch(sql, timeout=timeout), patience)
        except StillAsking as error:
            raise StillAsking(f"The warehouse {self.key} {error.message}") from None
        return found


class Warehouses:
    """Lines by connection; one that was changed or removed is closed. stamp: changes whenever its URL does."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[str, Line]] = {}
        self._guard = threading.Lock()

    def line(self, key: str, engine: str, stamp: str, url: Callable[[], str]) -> Line:
        """The line of a connection, opened when it is first asked for. url: tells the secret, asked only then."""
        with self._guard:
            found = self._lines.get(key)
            if found is not None and found[0] == stamp:
                return found[1]
            if found is not None:
                found[1].warehouse.close()
            line = Line(key, engine, ENGINES[engine].open(url()))
            self._lines[key] = (stamp, line)
            return line

    def forget(self, key: str) -> None:
        """Close the line of a connection that is gone."""
        with self._guard:
            found = self._lines.pop(key, None)
        if found is not None:
            found[1].warehouse.close()

    def close(self) -> None:
        """Close them all."""
        for key in list(self._lines):
            self.forget(key)
