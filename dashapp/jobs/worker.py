"""The worker loop: claim, run, record; one job at a time. Many processes may run it on one database."""
from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from flask import Flask

from dashapp.core.errors import AppError, OutOfSpace, Unavailable
from dashapp.core.space import FULL_DISK, is_full_disk
from dashapp.jobs.run import Cancelled, Lease, Run
from dashapp.services import keeping, working
from dashapp.services.desk import Desk
from dashapp.services.working import Claim

log = logging.getLogger("ledgerline.jobs")
POLL = 0.5  # seconds between two looks at an empty queue
BEAT = timedelta(seconds=10)
Handler = Callable[[Run], dict[str, Any] | None]


def utc_now() -> datetime:
    """The clock of worker processes; tests hand in their own."""
    return datetime.now(UTC)


def worker_name() -> str:
    """Host, process and a random part: unique also where containers share a host name and process numbers."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(3)}"


class Worker:
    """Runs jobs of the kinds in `handlers`; `desk` makes the desk anew for each job, as settings may have changed.

    only, but: the kinds it claims, and those that it leaves to others.
    """

    def __init__(self, app: Flask, desk: Callable[[], Desk], handlers: Mapping[str, Handler], *,
                 clock: Callable[[], datetime] = utc_now, lease: timedelta = working.LEASE, name: str = "",
                 only: Collection[str] = (), but: Collection[str] = ()) -> None:
        self.name = name or worker_name()
        self.current: Claim | None = None
        self._app, self._desk, self._handlers = app, desk, handlers
        self._clock, self._lease = clock, lease
        self._only, self._but = only, but
        self._beaten: datetime | None = None

    def run(self, stop: threading.Event, chores: Callable[[Callable[[], Desk], datetime], None] | None = None) -> None:
        """Work until `stop`. A database that is away is waited for."""
        while not stop.is_set():
            try:
                busy = self.step()
                if not busy and chores is not None:
                    with self._app.app_context():
                        chores(self._desk, self._clock())
            except Exception:  # the loop outlives everything but its process
                log.exception("the worker could not reach the queue")
                busy = False
            if not busy:
                stop.wait(POLL)

    def step(self) -> bool:
        """Claim and run one job; False when there was none."""
        with self._app.app_context():
            self._beat()
            self.current = working.claim(self.name, now=self._clock(), lease=self._lease, only=self._only,
                                         but=self._but)
            if self.current is None:
                return False
            try:
                self._perform(self.current)
            except working.Lost:
                log.warning("job %s was taken by another worker", self.current.id)
            finally:
                self.current = None
            return True

    def give_back(self) -> None:
        """The job at hand goes back to the queue: called from another thread when the process must end."""
        claim = self.current
        if claim is None:
            return
        with self._app.app_context():
            try:
                working.release(claim, now=self._clock())
            except working.Lost:
                log.warning("job %s was over before it could be given back", claim.id)

    def _perform(self, claim: Claim) -> None:
        lease = Lease(self._app, claim, self.name, self._clock, self._lease)
        lease.start()
        try:
            record = self._attempt(claim, lease)
        finally:
            lease.release()
        record(now=self._clock())

    def _attempt(self, claim: Claim, lease: Lease) -> Callable[..., object]:
        """Run the handler; what to write on the row. Raises Lost only."""
        try:
            return partial(working.finish, claim, self._handle(claim, lease))
        except working.Lost:
            raise
        except Cancelled:
            return partial(working.stopped, claim)
        except AppError as error:
            return partial(working.fail, claim, error.message, retry=isinstance(error, Unavailable | OutOfSpace))
        except Exception as error:  # a handler's fault must not end the worker; the row says so
            if is_full_disk(error):
                return partial(working.fail, claim, FULL_DISK, retry=True)
            number = secrets.token_hex(4)
            log.exception("job %s (%s) failed, error %s", claim.id, claim.kind, number)
            return partial(working.fail, claim, f"Something went wrong (error {number}).", retry=True)

    def _handle(self, claim: Claim, lease: Lease) -> dict[str, Any] | None:
        handler = self._handlers.get(claim.kind)
        if handler is None:
            raise Unavailable(f"This version does not know jobs of the kind {claim.kind!r}.")
        return handler(Run(self._desk(), claim, self._clock(), lease))

    def _beat(self) -> None:
        now = self._clock()
        if self._beaten is None or now - self._beaten >= BEAT:
            keeping.beat(self.name, now=now)
            self._beaten = now
