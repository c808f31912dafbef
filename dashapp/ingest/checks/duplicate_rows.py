"""Rows that repeat another row in every column: folded where a key says they are the same, told where none does."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    if not stage.fields:
        return
    values = ", ".join(f"v{f.index}" for f in stage.fields)
    stage.con.execute(
        f"CREATE OR REPLACE TEMP TABLE repeats AS SELECT unnest(list_sort(list(_row))[2:]) AS _row FROM typed "
        f"WHERE {stage.kept} "
        f"GROUP BY hash({values}) HAVING count(*) > 1"
    )
    count = stage.number("SELECT count(*) FROM repeats")
    if not count:
        return
    if stage.key:
        stage.tell(
            "duplicate-rows",
            None,
            "t._row IN (SELECT _row FROM repeats)",
            "{count} rows repeat another row exactly and are kept once ({cells}).",
            one="1 row repeats another row exactly and is kept once ({cells}).",
        )
        stage.set_aside("INSERT INTO excluded SELECT _row, 'duplicate' FROM repeats")
        stage.counts["folded"] = count
    else:
        stage.tell(
            "duplicate-rows",
            None,
            "t._row IN (SELECT _row FROM repeats)",
            "{count} rows repeat another row exactly ({cells}). All are kept, since no key says that they are one.",
            one="1 row repeats another row exactly ({cells}). Both are kept, since no key says that they are one.",
        )


ENTRY = Check("duplicate_rows", "Duplicate rows", "Rows that are equal in every column.", run, 45)
