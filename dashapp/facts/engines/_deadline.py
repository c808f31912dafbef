"""Calls that end in time: what a driver does not give back by its deadline is cancelled and left to a thread.

The threads are daemons: a warehouse that never answers must not keep a process from ending.
"""
from __future__ import annotations

from collections.abc import Callable
from multiprocessing import TimeoutError as NotYet
from multiprocessing.pool import AsyncResult, ThreadPool
from typing import TypeVar

T = TypeVar("T")
GRACE = 1.0  # seconds a cancelled call gets to end by itself


class TimedOut(Exception):
    """The call did not end in time."""


def within(seconds: float, work: Callable[[], T], cancel: Callable[[], object] = lambda: None) -> T:
    """The value of `work`, or its error. Raises TimedOut after `seconds` (and a moment for `cancel` to work)."""
    call = begun(work)
    try:
        return call.get(seconds)
    except NotYet:
        begun(cancel).wait(GRACE)
        call.wait(GRACE)
        raise TimedOut from None


def begun(work: Callable[[], T]) -> AsyncResult[T]:
    """The work, under way in a thread that nobody has to wait for."""
    pool = ThreadPool(1)
    call = pool.apply_async(work)
    pool.close()  # its thread ends with the work
    return call
