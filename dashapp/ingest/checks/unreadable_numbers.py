"""Texts that are no number under the style of their column."""

from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage
from dashapp.ingest.unreadable import refuse_unreadable


def run(stage: Stage) -> None:
    for f in stage.fields:
        if f.type in ("money", "number"):
            refuse_unreadable(stage, f, "number-unreadable")


ENTRY = Check(
    "unreadable_numbers",
    "Unreadable numbers",
    "Cells of a number column that hold no number in the column's style.",
    run,
    21,
    "error",
)
