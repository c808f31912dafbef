"""Checks of typed rows, one file each, run in the order of `order`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashapp.core.issue import Severity
from dashapp.ingest.stage import Stage


@dataclass(frozen=True, slots=True)
class Check:
    """name: stable word; label, help: for people; run: looks at the stage, refuses rows or adds issues.
    severity: the worst it says: `error` refuses rows or the file, `warning` keeps them, `info` only tells.

    order: below 40 before the key is known, from 40 on after it; refusals come before warnings.
    """

    name: str
    label: str
    help: str
    run: Callable[[Stage], None]
    order: int = 60
    severity: Severity = "warning"
