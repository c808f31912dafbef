"""One computation at a time per key, over all threads and processes: ten people who ask at once cause one.

Threads of a process wait for the one that computes and get what it gets. Processes take turns by a lock of the
operating system, which ends with its process, however that ends; who gets the turn looks first whether the answer is
there by then. Nobody waits longer than the time given: then everybody computes for themselves.
"""
from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

log = logging.getLogger("ledgerline.cache")
T = TypeVar("T")
FIRST_LOOK, LAST_LOOK = 0.002, 0.05  # seconds between two tries to get the turn


@dataclass
class _Trip:
    """A computation of this process that is under way. is_lost: its thread was stopped and has nothing to give."""

    over: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: Exception | None = None
    is_lost: bool = True


class Flight:
    """folder: where the lock files are, 256 at most and empty; None for the threads of one process only."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._trips: dict[str, _Trip] = {}

    def once(self, key: str, find: Callable[[], T | None], make: Callable[[], T], *, seconds: float) -> T:
        """What `make` returns, or what `find` finds when another process was first.

        An error of `make` reaches all threads that waited for it. key: hexadecimal digits. `make` must not ask for
        another key here: two that wait for each other would wait until their time is over.
        """
        with self._guard:
            leader = self._trips.get(key)
            mine = self._trips[key] = _Trip() if leader is None else leader
        if leader is not None:
            return _followed(leader, make, seconds)
        try:
            mine.answer = self._in_turn(key, find, make, seconds)
            mine.is_lost = False
            return mine.answer
        except Exception as error:
            mine.error, mine.is_lost = error, False
            raise
        finally:
            with self._guard:
                del self._trips[key]
            mine.over.set()

    def _in_turn(self, key: str, find: Callable[[], T | None], make: Callable[[], T], seconds: float) -> T:
        with self._turn(key, seconds):
            found = find()
            return make() if found is None else found

    @contextmanager
    def _turn(self, key: str, seconds: float) -> Iterator[None]:
        """Hold the key's turn among the processes. Without one in time, or where files cannot be locked, it goes on
        all the same: that costs work, never a wrong answer."""
        descriptor = self._opened(key)
        try:
            if descriptor is not None:
                _lock(descriptor, seconds)
            yield
        finally:
            if descriptor is not None:
                os.close(descriptor)  # which ends the lock

    def _opened(self, key: str) -> int | None:
        if self._folder is None:
            return None
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._folder / f"{key[:2]}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            log.warning("no turns among processes: %s", error.strerror)
            return None


def _followed(leader: _Trip, make: Callable[[], T], seconds: float) -> T:
    """What the thread that computes gets; computed again when it takes too long or was stopped."""
    if not leader.over.wait(seconds):
        log.warning("the same question is computed for more than %.0f seconds; it is computed twice now", seconds)
        return make()
    if leader.error is not None:
        raise leader.error
    answer: T = make() if leader.is_lost else leader.answer
    return answer


def _lock(descriptor: int, seconds: float) -> None:
    """Get the lock, or give up when the time is over or the file system knows no locks."""
    until, pause = time.monotonic() + seconds, FIRST_LOOK
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                log.warning("another process computes the same for more than %.0f seconds", seconds)
                return
            threading.Event().wait(pause)
            pause = min(pause * 1.5, LAST_LOOK)
        except OSError as error:
            log.warning("no turns among processes: %s", error.strerror)
            return
