"""`worker`: background jobs and schedules only."""
from __future__ import annotations

import argparse
import logging
import os

from dashapp.commands import Command
from dashapp.settings import Settings

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parent", type=int, help="end when the process of this number is gone")


def run(args: argparse.Namespace, settings: Settings) -> None:
    # Before numpy is loaded. One job at a time: more BLAS threads fight each other, small fits take up to 60 x longer.
    for name in THREADS:
        os.environ.setdefault(name, "1")
    from dashapp.jobs.process import run_worker
    from dashapp.web.logs import JsonLines

    log, lines = logging.getLogger("ledgerline"), logging.StreamHandler()
    lines.setFormatter(JsonLines())
    log.handlers, log.propagate = [lines], False
    log.setLevel(logging.INFO)
    run_worker(settings, parent=args.parent)


ENTRY = Command("worker", "background jobs and schedules only", configure, run, starts=True)
