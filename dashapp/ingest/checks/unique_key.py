"""Two different rows of one key: nobody knows which is right, so neither is taken."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.numbers import quote
from dashapp.ingest.stage import Stage

SHOWN = 3  # addresses the first row of a clash names; the others name the first


def run(stage: Stage) -> None:
    fields = [f for k in stage.key if (f := stage.field(k)) is not None]
    if not fields or any(f.index in stage.survey.open for f in fields):
        return
    key = ", ".join(f"v{f.index}" for f in fields)
    turned = stage.grid.origin is not None
    cell = "cell" if turned else f"{quote(stage.grid.letter(fields[0].index))} || _row"
    source = "typed JOIN places USING (_row)" if turned else "typed"
    stage.con.execute(
        f"CREATE OR REPLACE TEMP TABLE clashes AS SELECT unnest(list(_row)) AS _row, min(_row) AS first, "
        f"list_slice(list({cell} ORDER BY _row), 1, {SHOWN + 1}) AS cells, count(*) - {SHOWN + 1} AS more "
        f"FROM {source} WHERE {stage.kept} GROUP BY {key} HAVING count(*) > 1"
    )
    names = quote(f"another row has the same key ({', '.join(stage.key)}): see ")
    stage.refuse(
        "key-duplicate",
        fields[0],
        "t._row IN (SELECT _row FROM clashes)",
        f"(SELECT {names} || CASE WHEN first = t._row THEN array_to_string(cells[2:{SHOWN + 1}], ', ') || "
        f"CASE WHEN more > 0 THEN ' and ' || more || ' more' ELSE '' END "
        f"ELSE cells[1] END FROM clashes c WHERE c._row = t._row)",
    )


ENTRY = Check("unique_key", "Unique key", "Different rows with the same key.", run, 50, "error")
