"""A record with more or fewer fields than the header would shift its columns."""

from __future__ import annotations

from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage


def run(stage: Stage) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    widths, width = stage.grid.widths, stage.width
    if widths is None or not width:
        return
    first = stage.first
    part = widths.slice(first)
    odd = pc.indices_nonzero(pc.and_(pc.not_equal(part, width), pc.greater(part, 0))).to_pylist()
    rows = [first + i for i in odd if not _harmless(stage, first + i, width)]
    if not rows:
        return
    lines = stage.grid.lines
    said = [
        f"{part[r - first].as_py()} fields where the header has {width} (line {lines[r] if lines else r + 1})"
        for r in rows
    ]
    stage.con.register(
        "ragged", pa.table({"_row": pa.array([r + 1 for r in rows], pa.int32()), "text": pa.array(said, pa.string())})
    )
    stage.refuse(
        "ragged-row",
        None,
        "t._row IN (SELECT _row FROM ragged)",
        "(SELECT any_value(text) FROM ragged r WHERE r._row = t._row)",
    )
    stage.con.unregister("ragged")


def _harmless(stage: Stage, row: int, width: int) -> bool:
    """Longer by empty fields only: a trailing separator shifts nothing."""
    have = stage.grid.widths[row].as_py() if stage.grid.widths is not None else 0
    return have > width and all(not stage.grid.table.column(c)[row].as_py() for c in range(width, have))


ENTRY = Check(
    "ragged_rows", "Ragged rows", "Lines of a text file with more or fewer fields than its header.", run, 5, "error"
)
