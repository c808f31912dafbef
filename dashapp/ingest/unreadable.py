"""Refusing the cells of a column that could not be typed, each with its own reason."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.ingest.conform import why_unreadable
from dashapp.ingest.guess import Field
from dashapp.ingest.numbers import quote
from dashapp.ingest.stage import Stage

_REASONS = 20_000


def refuse_unreadable(stage: Stage, f: Field, code: str) -> None:
    """Set aside the rows whose cell in `f` has a text but no value."""
    if f.index in stage.survey.open:
        return
    bad = (
        f"t.v{f.index} IS NULL AND NOT t.m{f.index} AND t._row NOT IN (SELECT _row FROM excluded) AND "
        f"s.{f.source} <> ''"
    )
    if not stage.number(f"SELECT count(*) FROM typed t WHERE t.v{f.index} IS NULL AND NOT t.m{f.index}"):
        return
    import pyarrow as pa

    texts = [
        t
        for (t,) in stage.fetch(
            f"SELECT DISTINCT s.{f.source} FROM typed t JOIN source s USING (_row) WHERE {bad} LIMIT {_REASONS}"
        )
    ]
    reasons = pa.table(
        {
            "text": pa.array(texts, pa.string()),
            "reason": pa.array(why_unreadable(stage, f, texts), pa.string()),
        }
    )
    stage.con.register("reasons", reasons)
    count = stage.set_aside(
        f"INSERT INTO refused SELECT t._row, {f.index}, {quote(code)}, coalesce(r.reason, 'unreadable') FROM "
        f"typed t JOIN source s USING (_row) "
        f"LEFT JOIN reasons r ON r.text = s.{f.source} WHERE {bad}"
    )
    stage.con.unregister("reasons")
    if count:
        stage.counts[code] = stage.counts.get(code, 0) + count
