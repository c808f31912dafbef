"""Benchmarks: each module measures one thing against its plainest rival and prints both; none asserts a time.

`python -m tests.bench [names] [--full]` runs the modules that have `run(print_row)` or `main()`, each in a process of
its own so that peak memories do not mix.
"""
from __future__ import annotations

from typing import Protocol


class PrintRow(Protocol):
    """Prints one line of a benchmark: what, seconds, peak megabytes, ratio to its rival, and a remark."""

    def __call__(self, what: str, seconds: float | None = None, megabytes: float | None = None,
                 ratio: float | None = None, note: str = "") -> None: ...


def print_row(what: str, seconds: float | None = None, megabytes: float | None = None, ratio: float | None = None,
              note: str = "") -> None:
    """Figures right-aligned under each other; what was not measured stays blank."""
    cells = (_cell(seconds, "{:9.3f} s"), _cell(megabytes, "{:7.0f} MB"), _cell(ratio, "{:7.2f} x"))
    print(f"  {what:<58} {cells[0]:>12} {cells[1]:>10} {cells[2]:>10}  {note}".rstrip(), flush=True)


def _cell(value: float | None, shape: str) -> str:
    return "" if value is None else shape.format(value).strip()
