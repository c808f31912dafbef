"""Processes that belong together: started, restarted when they die, stopped together within 30 seconds."""
from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

TICK = 0.25  # seconds between two looks at the processes
SLOWEST_RESTART = 5.0  # seconds at most between a death and the next start
STEADY = 30.0  # a process that lived this long may be restarted at once
DRAIN = 30.0
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


@dataclass
class Part:
    """One process. `vital`: when it ends before it ever was ready, all is over (a port in use, a broken app)."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str]
    vital: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            self.argv, env=dict(self.environ), preexec_fn=_die_with_parent)  # noqa: PLW1509
        self.started = time.monotonic()

    def tend(self) -> int | None:
        """Start it when it is due; its exit code at the look that finds it dead, else None."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        steady = time.monotonic() - self.started >= STEADY
        self.deaths = 1 if steady else self.deaths + 1
        self.process, self.due = None, time.monotonic() + min(0.25 * 2**self.deaths, SLOWEST_RESTART)
        return code


def supervise(parts: Sequence[Part], is_ready: Callable[[], bool], when_ready: Callable[[], None]) -> int:
    """Run until SIGTERM or SIGINT; the exit code. `when_ready` is called once, as soon as `is_ready` says so."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ready = False
    while not stop.wait(TICK):
        for part in parts:
            code = part.tend()
            if code is not None:
                print(f"The {part.name} process ended with {code}.", file=sys.stderr, flush=True)
                if part.vital and not ready:
                    _stop(parts)
                    return 1
        if not ready and is_ready():
            ready = True
            when_ready()
    _stop(parts)
    return 0


def _stop(parts: Sequence[Part]) -> None:
    """Ask all to end, then wait for all; whoever is still there after the drain is killed."""
    living = [p.process for p in parts if p.process is not None and p.process.poll() is None]
    for process in living:
        process.terminate()
    until = time.monotonic() + DRAIN
    for process in living:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent() -> None:
    """A killed supervisor leaves no process behind that holds the port (Linux only)."""
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
