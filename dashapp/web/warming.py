"""Warm before the first visitor: the query engine's modules and the overview's answers, in a thread beside the start.

The first question of a process would otherwise pay some seconds for imports and for compiling thirty KPIs.
"""
from __future__ import annotations

import concurrent.futures.thread  # noqa: F401 - refuses to be imported once a process has begun to end
import logging
import threading

from flask import Flask

from dashapp.core.actor import SYSTEM
from dashapp.core.errors import AppError
from dashapp.core.filters import Filters
from dashapp.services import overviewing
from dashapp.web.here import CLOCK, current_desk

log = logging.getLogger("ledgerline.web")


def start(app: Flask) -> threading.Thread:
    """Begin; the process serves meanwhile. Nothing depends on the outcome.

    A process that is stopped meanwhile waits for it: a daemon thread would be torn out of DuckDB's C++, which answers
    with an abort.
    """
    thread = threading.Thread(target=_warm, args=(app,), name="warming", daemon=False)
    thread.start()
    return thread


def _warm(app: Flask) -> None:
    with app.app_context():
        try:
            overviewing.overview(SYSTEM, current_desk(), Filters(), now=app.extensions[CLOCK]())
        except AppError as error:
            log.warning("the overview could not be warmed: %s", error.message)
