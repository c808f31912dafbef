"""One call measured in a process of its own: seconds of the call, peak memory of it and of its children.

Linux lets a child start with the peak of the process it comes from, so the measuring process must stay small: it
imports nothing heavy and makes nothing big.
"""
from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measured:
    """wall, cpu: seconds of the call without imports, cpu with its children's. own: peak MB of its process; child: of
    the largest of its children."""

    wall: float
    cpu: float
    own: float
    child: float
    answer: Any

    @property
    def peak(self) -> float:
        return max(self.own, self.child)


def measured(prepare: Callable[..., Callable[[], Any]], *arguments: str) -> Measured:
    """Call `prepare(*arguments)` in a new process (imports, set-up), then time what it returns. Its answer is JSON.

    Raises RuntimeError with the last line of what the process said when it fails.
    """
    command = [sys.executable, "-m", "tests.bench.process", prepare.__module__, prepare.__qualname__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{prepare.__qualname__}: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _report(module: str, name: str, arguments: list[str]) -> None:
    work = getattr(importlib.import_module(module), name)(*arguments)
    start, before = time.perf_counter(), _cpu()
    answer = work()
    wall, cpu = time.perf_counter() - start, _cpu() - before
    own, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"wall": wall, "cpu": cpu, "own": own, "child": child, "answer": answer}))


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in used)


if __name__ == "__main__":
    _report(sys.argv[1], sys.argv[2], sys.argv[3:])
