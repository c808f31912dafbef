"""Files are read in the test's own process, through the same requests and answers as by the child.

A child's start is most of what reading a small file costs, and these tests read hundreds. The child itself is tried in
tests/ingest, over HTTP and in the terminal; a module that needs it here says `IN_CHILD = True`.
"""
from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashapp.ingest import child, sandbox
from dashapp.ingest.limits import FileLimits, Progress


def read_here(request: dict[str, Any], scratch: Path, _place: int, limits: FileLimits,
              progress: Progress | None) -> dict[str, Any]:
    """What the sandbox gets of a child: its last word, everything in between as JSON."""
    def said(what: dict[str, Any]) -> None:
        if progress is not None:
            word = json.loads(json.dumps(what))
            progress(float(word["progress"]), word.get("rows"))

    last = child.answer(json.loads(json.dumps(request)), limits, said)
    return sandbox._worded(json.loads(json.dumps(last)), scratch)


def read_in_series(_series: sandbox.Series, request: dict[str, Any], limits: FileLimits,
                   progress: Progress | None) -> dict[str, Any]:
    """As `read_here`, for one file of many."""
    with tempfile.TemporaryDirectory() as scratch:
        return read_here(request | {"scratch": scratch}, Path(scratch), 0, limits, progress)


@pytest.fixture(scope="module", autouse=True)
def _reading(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if not getattr(request.module, "IN_CHILD", False):
            patch.setattr(sandbox, "_supervise", read_here)
            patch.setattr(sandbox.Series, "ask", read_in_series)
        yield
