"""Texts that are no date under the order of their column."""

from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage
from dashapp.ingest.unreadable import refuse_unreadable


def run(stage: Stage) -> None:
    for f in stage.fields:
        if f.type == "date":
            refuse_unreadable(stage, f, "date-unreadable")


ENTRY = Check(
    "unreadable_dates", "Unreadable dates", "Cells of a date column that hold no date in the column's order.", run, 20,
    "error",
)
