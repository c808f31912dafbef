"""A row of a dated dataset needs its date."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    f = stage.dated
    if f is not None and stage.kind != "reference" and f.index not in stage.survey.open:
        stage.refuse(
            "date-missing",
            f,
            f"t.v{f.index} IS NULL AND t.m{f.index} AND t._row NOT IN (SELECT _row FROM refused WHERE field = "
            f"{f.index})",
            "'the date is missing'",
        )


ENTRY = Check("required_date", "Required date", "Rows without a date in a dataset of dated rows.", run, 30, "error")
