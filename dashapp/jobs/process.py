"""A worker as a process: its app, its signals, and a drain that ends in time."""
from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from dashapp.jobs.chores import TABLE, Chore, Chores
from dashapp.jobs.table import HANDLERS, WAITING
from dashapp.jobs.worker import Worker
from dashapp.services import folder, keeping
from dashapp.services.desk import Desk
from dashapp.settings import Settings, signing_key

log = logging.getLogger("ledgerline.jobs")
DRAIN_SECONDS = 25.0  # the whole product stops within 30
ORPHAN_SECONDS = 1.0
LOOK_EVERY = timedelta(seconds=2)  # two equal looks take a file in


def desk_of(settings: Settings) -> Desk:
    """The desk these settings describe, with the organisation in force; needs an app context."""
    return keeping.open_desk(settings.data_dir, settings.facts_dir, signing_key(settings), settings.organisation,
                             cache=settings.cache_bytes, max_upload=settings.upload_bytes)


def run_worker(settings: Settings, *, parent: int | None = None) -> None:
    """Work until SIGTERM or SIGINT, or until the process `parent` is gone. Raises Unavailable for a wrong schema."""
    app = keeping.state_app(settings.database_url)
    with app.app_context():
        keeping.require_schema()
        desk = desk_of(settings)
    worker, waiter = workers(app, lambda: keeping.with_organisation(desk, settings.organisation))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_drain, args=(stop, worker, waiter), daemon=True).start()
    if parent is not None:
        threading.Thread(target=_watch_parent, args=(parent, stop), daemon=True).start()
    threading.Thread(target=waiter.run, args=(stop,), name="waiter", daemon=True).start()
    log.info("worker %s is ready", worker.name)
    worker.run(stop, Chores(chores(settings)))
    waiter.give_back()
    log.info("worker %s has ended", worker.name)


def workers(app: Flask, desk: Callable[[], Desk]) -> tuple[Worker, Worker]:
    """(who does the work, who waits for warehouses): a statement that takes minutes must not hold up commits."""
    return Worker(app, desk, HANDLERS, but=WAITING), Worker(app, desk, HANDLERS, only=WAITING)


def chores(settings: Settings) -> tuple[tuple[timedelta, Chore], ...]:
    """What comes round in this process: the table, and the watched folder where one is set."""
    return TABLE if settings.watch_dir is None else (*TABLE, (LOOK_EVERY, folder.Watch(settings.watch_dir)))


def _drain(stop: threading.Event, *workers: Worker) -> None:
    """Once asked to stop, the job at hand has a while to finish; then it is given back and the process ends."""
    stop.wait()
    threading.Event().wait(DRAIN_SECONDS)
    for worker in workers:
        worker.give_back()
    os._exit(0)


def _watch_parent(parent: int, stop: threading.Event, gone: Callable[[], int] = os.getppid) -> None:
    """A worker must not outlive the server that started it, not even when that was killed."""
    while gone() == parent:
        if stop.wait(ORPHAN_SECONDS):
            return
    stop.set()


