"""Error values (`#DIV/0!`) and formulas that were never calculated are errors of their cell, not blanks."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    import pyarrow as pa

    kept = {f.index for f in stage.fields}
    found = [(row + 1, column, text) for (row, column), text in stage.grid.errors.items() if column in kept]
    if not found:
        return
    rows, columns, texts = zip(*found, strict=True)
    stage.con.register(
        "broken",
        pa.table(
            {
                "_row": pa.array(rows, pa.int32()),
                "field": pa.array(columns, pa.int32()),
                "text": pa.array(texts, pa.string()),
            }
        ),
    )
    for index in sorted(set(columns)):
        f = next(f for f in stage.fields if f.index == index)
        stage.refuse(
            "cell-error",
            f,
            f"t._row IN (SELECT _row FROM broken WHERE field = {index})",
            f"(SELECT 'the cell holds ' || any_value(text) || ' instead of a value' FROM broken b WHERE b._row = "
            f"t._row AND b.field = {index})",
        )
    stage.con.unregister("broken")


ENTRY = Check(
    "cell_errors", "Error cells", "Cells with #DIV/0!, #N/A, #REF! or a formula without a calculated value.", run, 10,
    "error",
)
