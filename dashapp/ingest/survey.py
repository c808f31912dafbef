"""How each date and number column is written, decided from all of its cells, not from a sample."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

import math
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dashapp.core.dataset import RoleOf
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping, NumberStyle
from dashapp.ingest import dateformat, guess, numbers
from dashapp.ingest.cells import is_missing, look
from dashapp.ingest.grid import Grid
from dashapp.ingest.guess import Field
from dashapp.ingest.model import Ask
from dashapp.ingest.numbers import quote

if TYPE_CHECKING:
    import duckdb

ISO_SQL = quote(r"\d{4}-\d{2}-\d{2}(?:[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?)?")
_CLOCK_SQL = quote(r"(?:[T ]|, ?)\s*(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*$")


@dataclass(slots=True)
class Survey:
    """Fields with their formats decided. texts: number fields whose text cells are read by style; the set holds their
    0-based rows, None means all. A number field that is not in it is plain throughout. direct: date fields that are
    ISO throughout. open: fields that wait for an answer."""

    fields: list[Field]
    issues: list[Issue] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    texts: dict[int, frozenset[int] | None] = field(default_factory=dict)
    direct: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)


def survey(con: duckdb.DuckDBPyConnection, grid: Grid, fields: list[Field], mapping: Mapping) -> Survey:
    """Decide dates and numbers. `source` must be registered. Questions and contradictions are returned, not raised."""
    out = Survey([])
    counts = _counts(con, fields)
    doubtful = tuple(f.index for f in fields if f.index in counts and _is_doubtful(f, counts[f.index], mapping))
    texts = grid.text_cells(doubtful) if doubtful else {}
    for f in fields:
        if f.role is RoleOf.IGNORE or f.type == "text":
            out.fields.append(f)
        elif f.type == "date":
            out.fields.append(_date(con, grid, f, counts[f.index], out))
        else:
            out.fields.append(_number(con, grid, f, counts[f.index], texts, mapping.number, out))
    return out


def _is_doubtful(f: Field, counts: tuple[int, ...], mapping: Mapping) -> bool:
    """Must its text cells be looked at one by one? Not where all are plain numbers and a point is the decimal mark."""
    declared = (f.declared.number if f.declared else None) or mapping.number
    is_comma = declared is not None and declared.decimal == ","
    return f.type in ("money", "number") and (counts[0] + counts[1] > 0 or is_comma)


def _counts(con: duckdb.DuckDBPyConnection, fields: list[Field]) -> dict[int, tuple[int, ...]]:
    """Per typed field: (cells that are not plain, cells that are ambiguous, cells with more than four decimals)."""
    wanted, parts = [], []
    for f in fields:
        c = f.source
        if f.role is RoleOf.IGNORE or f.type == "text":
            continue
        wanted.append(f.index)
        if f.type == "date":
            parts.append(f"count(*) FILTER (WHERE {c} <> '' AND NOT regexp_full_match({c}, {ISO_SQL})), 0, 0")
        else:
            failing = (
                f"CASE WHEN TRY_CAST({c} AS DOUBLE) IS NULL OR NOT isfinite(TRY_CAST({c} AS DOUBLE)) OR "
                f"contains({c}, '_') OR starts_with(ltrim({c}), '+-') THEN NOT "
                f"{numbers.is_missing_sql(c)} ELSE false END"
            )
            parts.append(
                f"count(*) FILTER (WHERE {failing}), count(*) FILTER (WHERE rtrim({c})[-4] = '.' AND "
                f"regexp_full_match({c}, {numbers.AMBIGUOUS_SQL})), "
                f"count(*) FILTER (WHERE {is_fine_sql(c, f.scale)})"
            )
    if not wanted:
        return {}
    row = con.execute(f"SELECT {', '.join(parts)} FROM source").fetchone() or ()
    return {index: tuple(row[3 * i : 3 * i + 3]) for i, index in enumerate(wanted)}


def day_sql(c: str, declared: str | None) -> str:
    """The part of a date text that is read: a time without a zone is cut off, so that few distinct texts remain.

    A strptime pattern gets the whole text, for it may name the time.
    """
    return c if declared and "%" in declared else f"regexp_replace({c}, {_CLOCK_SQL}, '')"


def is_fine_sql(c: str, scale: float | None = None) -> str:
    """True for a plain number with more decimals than the four that money keeps of it once scaled, that are not mere
    floating noise (beyond 15 digits, as Excel shows).
    """
    kept = 4 + round(math.log10(scale or 1.0))
    value = f"TRY_CAST({c} AS DOUBLE)"
    noise = f"(length({c}) >= 16 AND abs({value} - round({value}, {kept})) <= 4e-15 * greatest(abs({value}), 0.001))"
    fine = quote(rf"\.\d{{{kept}}}\d*[1-9]")
    return (
        f"CASE WHEN contains({c}, 'e') OR contains({c}, 'E') THEN {value} <> round({value}, {kept}) AND NOT {noise} "
        f"ELSE length({c}) - strpos({c}, '.') > {kept} AND regexp_matches({c}, {fine}) AND {value} IS NOT NULL AND NOT "
        f"{noise} END"
    )


def _date(con: duckdb.DuckDBPyConnection, grid: Grid, f: Field, counts: tuple[int, ...], out: Survey) -> Field:
    declared = f.declared.format if f.declared else None
    if not counts[0]:
        out.direct.add(f.index)
        return replace(f, format=declared or "iso")
    if declared:
        return replace(f, format=declared)
    day = day_sql(f.source, None)
    seen = con.execute(
        f"SELECT {day}, min(_row) - 1, count(*) FROM source WHERE {f.source} <> '' GROUP BY 1"
    ).fetchall()
    numeric = _bare(f, [t for t, _, _ in seen[:5000]])
    if numeric:
        if numeric == "excel-serial":
            out.issues.append(
                Issue(
                    "date-serial",
                    f"The numbers in {f.header!r} are read as Excel day numbers.",
                    "info",
                    grid.sheet,
                    column=f.header,
                )
            )
        return replace(f, format=numeric)
    decision = dateformat.decide(f.header, [s for s in seen if not is_missing(s[0])])
    if decision.mixed:
        out.issues.append(_mixed(grid, f, decision))
        out.issues += [
            Issue(
                "date-mixed-row",
                f"{text!r} is {word}.",
                sheet=grid.sheet,
                cell=grid.cell(row, f.index),
                row=grid.line(row),
                column=f.header,
                value=text[:80],
            )
            for row, text, word in decision.mixed
        ]
    if decision.format is None and decision.ask:
        out.asks.append(decision.ask)
        out.open.add(f.index)
    return replace(f, format=decision.format)


def _bare(f: Field, texts: list[str]) -> str | None:
    """The format of a date column of bare numbers, if it is one. A totals row or a note below does not count."""
    looks = [look(t) for t in texts]
    plain = [t for t, kind in zip(texts, looks, strict=True) if kind == "number"]
    others = looks.count("text")
    return guess.numeric_date(f.key, plain) if not looks.count("date") and others <= len(plain) // 4 else None


def _mixed(grid: Grid, f: Field, decision: dateformat.Decision) -> Issue:
    shown = ", ".join(f"{grid.place(row)} ({text})" for row, text, _ in decision.mixed)
    return Issue(
        "date-mixed",
        f"The dates in {f.header!r} are written in more than one way: {shown[:400]}.",
        sheet=grid.sheet,
        column=f.header,
        help=(
            "Choose how the column is written; cells that do not fit are then set aside. A spreadsheet opened "
            "under another country's settings does this."
        ),
    )


def _number(
    con: duckdb.DuckDBPyConnection,
    grid: Grid,
    f: Field,
    counts: tuple[int, ...],
    texts: Dict[int, frozenset[int] | None],
    whole: NumberStyle | None,
    out: Survey,
) -> Field:
    declared = (f.declared.number if f.declared else None) or whole
    rows = texts.get(f.index, frozenset())
    fine = counts[2]
    if rows is None or rows:
        out.texts[f.index] = rows
        f = _styled(con, f, rows, declared, out)
        fine += _fine_styled(con, f) if f.number and rows is None else 0
    elif declared:
        f = replace(f, number=declared)
    if fine and f.type == "money" and f.known is None and not (f.declared and f.declared.type):
        out.issues.append(
            Issue(
                "money-fine",
                f"{f.header!r} holds amounts with more than four decimals, so it is read as a number, not as money.",
                "info",
                grid.sheet,
                column=f.header,
                count=fine,
            )
        )
        f = replace(f, type="number")
    return f


def _fine_styled(con: duckdb.DuckDBPyConnection, f: Field) -> int:
    assert f.number is not None
    text = numbers.styled_sql(f.source, f.number)
    fine = is_fine_sql("t", f.scale)
    row = con.execute(f"SELECT count(*) FROM (SELECT {text} AS t FROM source) WHERE {fine}").fetchone()
    return int(row[0]) if row else 0


def _styled(
    con: duckdb.DuckDBPyConnection, f: Field, rows: frozenset[int] | None, declared: NumberStyle | None, out: Survey
) -> Field:
    if declared:
        return replace(f, number=declared)
    decision = numbers.decide(f.header, _distinct(con, f, rows))
    if decision.mixed:
        out.issues.append(
            Issue(
                "number-mixed",
                f"Numbers in {f.header!r} are written in two ways: {decision.mixed[0]} and {decision.mixed[1]}.",
                column=f.header,
                help="Choose the decimal mark; cells that do not fit are then set aside.",
            )
        )
    if decision.style is None and decision.ask:
        out.asks.append(decision.ask)
        out.open.add(f.index)
    return replace(f, number=decision.style)


def _distinct(con: duckdb.DuckDBPyConnection, f: Field, rows: frozenset[int] | None) -> list[str]:
    """Texts that speak about the style: with a mark in them and a number under one of the two readings."""
    c = f.source
    readable = f"coalesce({numbers.styled_sql(c, numbers.POINT)}, {numbers.styled_sql(c, numbers.COMMA)}) IS NOT NULL"
    found = (
        con.execute(
            f"SELECT {c}, min(_row) FROM source WHERE (contains({c}, '.') OR contains({c}, ',') OR contains({c}, "
            f"'．') OR contains({c}, '，')) AND {readable} "
            f"GROUP BY {c} ORDER BY 2"
        ).fetchall()
        if rows is None
        else _texts_at(con, f, rows, readable)
    )
    return [t for t, _ in found]


def _texts_at(con: duckdb.DuckDBPyConnection, f: Field, rows: frozenset[int], readable: str) -> list[tuple[str, int]]:
    import pyarrow as pa

    con.register("wanted", pa.table({"_row": pa.array([r + 1 for r in sorted(rows)], pa.int32())}))
    found = con.execute(
        f"SELECT {f.source}, min(_row) FROM source SEMI JOIN wanted USING (_row) WHERE {readable} GROUP BY 1 ORDER BY 2"
    ).fetchall()
    con.unregister("wanted")
    return found
