"""A checked stage to its two files: the Parquet of accepted rows and the CSV of refused ones."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from pathlib import Path

from dashapp.core.dataset import STORED, Dataset
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping
from dashapp.ingest.limits import Progress
from dashapp.ingest.model import Conversion
from dashapp.ingest.numbers import quote
from dashapp.ingest.reading import Context, Read, read, sha256_of
from dashapp.ingest.result import changes_of, columns_of, complete_mapping, file_issues, span
from dashapp.ingest.stage import Stage


def convert(
    path: Path,
    name: str,
    mapping: Mapping,
    known: Dataset | None,
    context: Context,
    *,
    out: Path,
    quarantine: Path,
    vintage: str,
    progress: Progress,
) -> Conversion:
    """Read and write. Raises Invalid with all open questions and file errors as issues; then nothing was written."""
    r = read(path, name, mapping, known, context, progress)
    _refuse_open(r, context)
    stage = r.stage
    accepted = _write_rows(stage, out, vintage)
    progress(0.95, None)
    refused = stage.number("SELECT count(DISTINCT _row) FROM refused")
    if refused:
        _write_refused(r, quarantine)
    first, last = span(stage)
    duplicates = stage.number("SELECT count(*) FROM repeats") if stage.fields else 0
    issues = file_issues(r, context.limits.issues)
    progress(1.0, None)
    return Conversion(
        accepted + refused + stage.counts.get("folded", 0),
        accepted,
        refused,
        duplicates,
        columns_of(stage),
        complete_mapping(r),
        sha256_of(path),
        str(out),
        str(quarantine) if refused else None,
        first,
        last,
        issues,
        dict(stage.counts),
        tuple(i.message for i in issues if i.severity == "warning"),
        r.opened.kind,
        tuple(s.name for s in r.opened.sheets if not s.hidden),
        {f.key: f.letter for f in stage.fields if f.letter} if stage.grid.sheet is not None else {},
        changes_of(r),
    )


def _refuse_open(r: Read, context: Context) -> None:
    asks = [
        Issue(a.code, a.text, column=a.column, help="; ".join(c.label for c in a.choices)[:400])
        for a in (*r.opened.asks, *r.stage.survey.asks)
    ]
    errors = [i for i in (*r.problems, *r.stage.issues) if i.severity == "error" and i.row is None]
    if not asks and not errors:
        return
    shown = [i.message for i in (*errors, *asks)]
    more = f" And {len(shown) - 1} more." if len(shown) > 1 else ""
    raise Invalid(
        shown[0] + more,
        issues=[*errors, *asks, *(i for i in file_issues(r, context.limits.issues) if i not in errors)][
            : context.limits.issues
        ],
    )


def _write_rows(stage: Stage, out: Path, vintage: str) -> int:
    have = {f.key: f for f in stage.fields}
    values = [
        f"v{have[c.key].index} AS {_name(c.key)}"
        if c.key in have
        else f"CAST(NULL AS {STORED[c.type]}) AS {_name(c.key)}"
        for c in columns_of(stage)
    ]
    sheet = quote(stage.grid.sheet) if stage.grid.sheet is not None else "CAST(NULL AS VARCHAR)"
    where_it_stands = "_row" if stage.grid.origin is None else "position AS _row"
    system = [f"{quote(vintage)} AS _vintage", f"{sheet} AS _sheet", where_it_stands]
    kept = [
        f"_row NOT IN (SELECT _row FROM {t})"
        for t in ("refused", "excluded")
        if stage.number(f"SELECT count(*) FROM {t}")
    ]
    where = f" WHERE {' AND '.join(kept)}" if kept else ""
    # joins may have changed the order; without any the rows still stand as in the source
    dated = all(f.type != "date" or f.index in stage.survey.direct for f in stage.fields)
    plain = stage.grid.origin is None and not stage.survey.texts and dated
    order = "" if plain else " ORDER BY _row"
    source = "typed" if stage.grid.origin is None else "typed JOIN places USING (_row)"
    stage.con.execute(
        f"COPY (SELECT {', '.join(values + system)} FROM {source}{where}{order}) TO {quote(str(out))} (FORMAT "
        f"parquet, COMPRESSION zstd)"
    )
    return stage.number(f"SELECT count(*) FROM typed{where}")


def _name(key: str) -> str:
    return '"' + key.replace('"', '""') + '"'


def _safe(column: str) -> str:
    """A text no spreadsheet program takes for a formula: a leading apostrophe before = + - @ and control characters,
    unless it is a plain number."""
    return (
        f"CASE WHEN regexp_matches({column}, '^[=+\\-@\\t\\r\\n＝＋－＠]') AND TRY_CAST({column} AS DOUBLE) IS NULL "
        f"THEN '''' || {column} ELSE {column} END"
    )


def _write_refused(r: Read, path: Path) -> None:
    stage = r.stage
    headers = {f.index: f for f in r.fields}
    lettered = (
        "CASE WHEN field >= 0 THEN CASE field "
        + " ".join(f"WHEN {i} THEN '{stage.grid.letter(i)}'" for i in headers)
        + " END || _row END"
    )
    turned = stage.grid.origin is not None
    cells, line, joined = ("cell", "line", " JOIN places USING (_row)") if turned else (lettered, "_row", "")
    stage.con.execute(
        f"CREATE OR REPLACE TEMP TABLE reasons AS SELECT _row, any_value({line}) AS line, "
        f"string_agg({cells}, ' ' ORDER BY field) AS cells, "
        f"string_agg(reason, '; ' ORDER BY field) AS why FROM refused{joined} GROUP BY _row"
    )
    names = _distinct_names([f.header for f in r.fields])
    columns = [f"{_safe('s.' + f.source)} AS {_name(_plain(n))}" for f, n in zip(r.fields, names, strict=True)]
    stage.con.execute(
        f'COPY (SELECT e.line AS "row", e.cells, e.why AS reason{"".join(", " + c for c in columns)} FROM reasons '
        f"e JOIN source s USING (_row) ORDER BY e._row) "
        f"TO {quote(str(path))} (FORMAT csv, HEADER)"
    )


def _plain(header: str) -> str:
    return "'" + header if header[:1] in "=+-@\t\r＝＋－＠" else header


def _distinct_names(headers: list[str]) -> list[str]:
    taken: set[str] = {"row", "cells", "reason"}
    out = []
    for header in headers:
        name = header
        while name.lower() in taken:
            name += "_"
        taken.add(name.lower())
        out.append(name)
    return out
