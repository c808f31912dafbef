"""Texts to typed values, whole columns at a time, by the declared format of each."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from dashapp.core.dataset import STORED
from dashapp.core.period import FIRST_DAY, LAST_DAY
from dashapp.ingest import numbers
from dashapp.ingest.cells import INFINITE, fold, is_missing
from dashapp.ingest.dates import Unreadable, read_date
from dashapp.ingest.grid import Grid
from dashapp.ingest.guess import Field
from dashapp.ingest.numbers import POINT
from dashapp.ingest.stage import Stage
from dashapp.ingest.survey import day_sql

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def register(con: duckdb.DuckDBPyConnection, table: pa.Table, first: int) -> None:
    """Make the rows of a grid from `first` (0-based) on the table `source`."""
    import numpy as np
    import pyarrow as pa

    rows = pa.array(np.arange(first + 1, table.num_rows + 1, dtype=np.int32))
    con.register("source", table.slice(first).append_column("_row", rows))


def register_places(con: duckdb.DuckDBPyConnection, grid: Grid, first: int) -> None:
    """Of a table that was turned: `places` says of every `_row` its line, its cell and what the vintage keeps of it."""
    import pyarrow as pa

    if grid.origin is None:
        return
    rows = range(first, grid.table.num_rows)
    con.register("places", pa.table({
        "_row": pa.array([r + 1 for r in rows], pa.int32()),
        "line": pa.array([grid.line(r) for r in rows], pa.int32()),
        "cell": pa.array([grid.place(r) for r in rows], pa.string()),
        "position": pa.array([grid.position(r) for r in rows], pa.int32()),
    }))


def conform(stage: Stage) -> None:
    """Fill `typed`, `refused` (empty) and `excluded` (empty). Rows in which every kept column is empty or says
    that it is (`-`, `n/a`) are left out."""
    kept = stage.fields
    columns, joins = ["s._row"], []
    for f in kept:
        value, join = _value(stage, f)
        missing = (
            "false"
            if f.type == "text"
            else f"CASE WHEN ({value}) IS NULL THEN {numbers.is_missing_sql('s.' + f.source)} ELSE false END"
        )
        columns.append(f"{value} AS v{f.index}")
        if f.type != "text":
            columns.append(f"{missing} AS m{f.index}")
        joins += [join] if join else []
    some = " OR ".join(f"v{f.index} IS NOT NULL" if f.type == "text" else f"NOT m{f.index}" for f in kept) or "false"
    errors = (
        ",".join(sorted({str(r + 1) for r, _ in stage.grid.errors}, key=int)) if len(stage.grid.errors) < 50_000 else ""
    )
    some += f" OR _row IN ({errors})" if errors else (" OR true" if stage.grid.errors else "")
    stage.con.execute(
        f"CREATE OR REPLACE TEMP TABLE typed AS SELECT * FROM (SELECT {', '.join(columns)} FROM source s "
        f"{' '.join(joins)}) WHERE {some}"
    )
    stage.con.execute(
        "CREATE OR REPLACE TEMP TABLE refused (_row INTEGER, field INTEGER, code VARCHAR, reason VARCHAR)"
    )
    stage.con.execute("CREATE OR REPLACE TEMP TABLE excluded (_row INTEGER, reason VARCHAR)")


def _value(stage: Stage, f: Field) -> tuple[str, str | None]:
    """(SQL of the typed value, join it needs)."""
    c = f"s.{f.source}"
    if f.index in stage.survey.open:
        return f"CAST(NULL AS {STORED[f.type]})", None
    if f.type == "text":
        return (
            f"CASE WHEN ascii({c}) BETWEEN 33 AND 127 THEN {c} WHEN trim({c}, {numbers.BLANK_SQL}) <> '' THEN {c} END",
            None,
        )
    if f.type == "date":
        return _date(stage, f)
    return _number(stage, f)


def _date(stage: Stage, f: Field) -> tuple[str, str | None]:
    c = f"s.{f.source}"
    if f.index in stage.survey.direct:
        day = f"TRY_CAST(left({c}, 10) AS DATE)"
        return f"CASE WHEN {day} BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}' THEN {day} END", None
    import pyarrow as pa

    day = day_sql(f.source, f.format)
    texts = [t for (t,) in stage.fetch(f"SELECT DISTINCT {day} FROM source WHERE {f.source} <> ''")]
    read = [read_date(t, f.format or "iso", stage.zone, is_1904=stage.grid.is_1904) for t in texts]
    days = pa.array([d if isinstance(d, date) else None for d in read], pa.date32())
    stage.con.register(f"days{f.index}", pa.table({"text": pa.array(texts, pa.string()), "day": days}))
    return f"d{f.index}.day", f"LEFT JOIN days{f.index} d{f.index} ON d{f.index}.text = {day_sql(c, f.format)}"


def _number(stage: Stage, f: Field) -> tuple[str, str | None]:
    c = f"s.{f.source}"
    direct = _direct(c, f.type, f.scale)
    if f.index not in stage.survey.texts:
        return direct, None
    styled = numbers.value_sql(f"({numbers.styled_sql(c, f.number or POINT)})", f.type, f.scale)
    rows = stage.survey.texts[f.index]
    if rows is None:
        return styled, None
    import pyarrow as pa

    stage.con.register(f"texts{f.index}", pa.table({"_row": pa.array([r + 1 for r in sorted(rows)], pa.int32())}))
    return (
        f"CASE WHEN x{f.index}._row IS NULL THEN {direct} ELSE {styled} END",
        f"LEFT JOIN texts{f.index} x{f.index} ON x{f.index}._row = s._row",
    )


def _direct(c: str, kind: str, scale: float | None) -> str:
    value = numbers.scaled_sql(c, kind, scale)
    return value if kind == "money" else f"CASE WHEN isfinite(TRY_CAST({c} AS DOUBLE)) THEN {value} END"


def why_unreadable(stage: Stage, f: Field, texts: list[str]) -> list[str]:
    """Why each text of a column could not be typed, as the end of a sentence."""
    if f.type == "date":
        return [_no_date(stage, f, t) for t in texts]
    large = _numeric(stage, f, texts) if f.type == "money" else frozenset[str]()
    return [_no_number(f, t, is_large=t in large) for t in texts]


def _no_date(stage: Stage, f: Field, text: str) -> str:
    found = read_date(text, f.format or "iso", stage.zone, is_1904=stage.grid.is_1904)
    return found.reason if isinstance(found, Unreadable) else "this is no date"


def _no_number(f: Field, text: str, *, is_large: bool) -> str:
    if fold(text).lower() in INFINITE:
        return "an infinite number is no value"
    if is_large:
        return "too large for money (14 digits before the decimal mark)"
    if is_missing(text):
        return "a value is missing"
    return f"not a number written like {'1,234.5' if (f.number or POINT).decimal == '.' else '1.234,5'}"


def _numeric(stage: Stage, f: Field, texts: list[str]) -> frozenset[str]:
    """Those of the texts that are numbers in the style of the column, asked for all of them at once."""
    import pyarrow as pa

    stage.con.register("asked", pa.table({"text": pa.array(texts, pa.string())}))
    numeric = stage.fetch(f"SELECT text FROM asked WHERE {numbers.styled_sql('text', f.number or POINT)} IS NOT NULL")
    stage.con.unregister("asked")
    return frozenset(t for (t,) in numeric)
