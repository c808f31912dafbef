"""One job being run: what its handler works with, and the lease that is kept alive beside it."""
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask

from dashapp.services import keeping, working
from dashapp.services.desk import Desk
from dashapp.services.working import Claim

log = logging.getLogger("ledgerline.jobs")
PROGRESS_EVERY = 0.5  # seconds between two writes of progress


class Cancelled(Exception):
    """Somebody asked for the job to stop, and its handler reached a place where it can."""


class Lease(threading.Thread):
    """Extends the lease at a third of its length until `release`d; notices a lost job and a wish to cancel.

    A thread of its own, because handlers compute for minutes in libraries that never call back.
    """

    def __init__(self, app: Flask, claim: Claim, worker: str, clock: Callable[[], datetime], length: timedelta) -> None:
        super().__init__(name=f"lease-{claim.id[:8]}", daemon=True)
        self.is_lost = False
        self.is_cancelled = False
        self._app, self._claim, self._worker, self._clock, self._length = app, claim, worker, clock, length
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(self._length.total_seconds() / 3):
            with self._app.app_context():
                try:
                    self.is_cancelled |= working.extend(self._claim, now=self._clock(), lease=self._length)
                    keeping.beat(self._worker, now=self._clock())
                except working.Lost:
                    self.is_lost = True
                    return
                except Exception:  # a busy database now may answer at the next third of the lease
                    log.exception("the lease of job %s could not be extended", self._claim.id)

    def release(self) -> None:
        self._over.set()
        self.join()


@dataclass
class Run:
    """What a handler gets. `now` is the moment the job began; `tell(share, step)` reports and may stop the job."""

    desk: Desk
    claim: Claim
    now: datetime
    lease: Lease
    _told: float = float("-inf")
    _step: str = ""

    def tell(self, share: float, step: str = "") -> None:
        """Progress (0-1) for the row, written twice a second at most while the step, up to its
        colon, is the same. Raises Cancelled or Lost."""
        if self.lease.is_lost:
            raise working.Lost("Another worker has taken this job.")
        if self.lease.is_cancelled:
            raise Cancelled
        if step.partition(":")[0] == self._step and time.monotonic() - self._told < PROGRESS_EVERY:
            return
        working.progress(self.claim, share, step)
        self._told, self._step = time.monotonic(), step.partition(":")[0]
