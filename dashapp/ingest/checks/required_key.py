"""A row without its key can never be corrected or replaced."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    for key in stage.key:
        f = stage.field(key)
        if f is not None and f.index not in stage.survey.open:
            stage.refuse(
                "key-missing",
                f,
                f"t.v{f.index} IS NULL AND t._row NOT IN (SELECT _row FROM refused WHERE field = {f.index})",
                "'the key is missing'",
            )


ENTRY = Check("required_key", "Required key", "Rows with an empty key column.", run, 40, "error")
