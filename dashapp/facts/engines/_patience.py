"""Answers that are waited for a moment only: the question goes on over there, and who asks again finds its answer."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from multiprocessing import TimeoutError as NotYet
from multiprocessing.pool import AsyncResult
from typing import Any

from dashapp.facts.engines import Unreachable
from dashapp.facts.engines._deadline import begun

KEPT = 60.0  # seconds for which an answer is there to be fetched


class StillAsking(Unreachable):
    """There is no answer yet; asked again in a moment, there may be one."""


@dataclass
class Waiting:
    """Questions under way and answers nobody forgot yet, by key. Ten people who ask the same cause one question."""

    clock: Callable[[], float] = time.monotonic
    _calls: dict[Hashable, tuple[float, AsyncResult[Any]]] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, key: Hashable, work: Callable[[], Any], patience: float) -> Any:
        """The value of `work` within `patience` seconds, or its error. Raises StillAsking when it takes longer.

        key: names everything the answer depends on; `work` is begun where nobody asked before.
        """
        with self._guard:
            self._forget()
            if key not in self._calls:
                self._calls[key] = self.clock(), begun(work)
            call = self._calls[key][1]
        try:
            return call.get(max(patience, 0.0))
        except NotYet:
            raise StillAsking("is still being asked.") from None
        finally:
            if call.ready() and not call.successful():
                with self._guard:
                    self._calls.pop(key, None)  # an error is told to everybody who waits, and then asked anew

    def _forget(self) -> None:
        old = self.clock() - KEPT
        for key in [k for k, (at, call) in self._calls.items() if at < old and call.ready()]:
            del self._calls[key]
