"""Keys that differ in case or blanks only: the same order twice, which no comparison of keys would find."""

# ruff: noqa: S608 - SQL is built from column numbers of our own, never from a file's text
from __future__ import annotations

from dashapp.core.issue import Issue
from dashapp.ingest.checks import Check
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage

SHOWN = 20
BLANKS = r"'[\s\x{00a0}\x{202f}\x{200b}-\x{200d}\x{feff}]+'"


def run(stage: Stage) -> None:
    fields = [f for k in stage.key if (f := stage.field(k)) is not None]
    texts = [f for f in fields if f.type == "text"]
    if not texts or any(f.index in stage.survey.open for f in fields) or not any(_varies(stage, f) for f in texts):
        return
    folded = ", ".join(_folded(f) if f in texts else f"v{f.index}" for f in fields)
    exact = ", ".join(f"v{f.index}" for f in fields)
    found = stage.fetch(
        f"SELECT min(_row), max(_row), count(*) FROM typed WHERE {stage.kept} GROUP BY {folded} "
        f"HAVING count(DISTINCT ({exact})) > 1 ORDER BY 2"
    )
    for first, row, _ in found[:SHOWN]:
        stage.issues.append(_issue(stage, texts[0], first, row))
    if found:
        stage.counts["key-alike"] = sum(n for _, _, n in found)


def _varies(stage: Stage, f: Field) -> bool:
    """Can two keys differ in case or blanks at all? Most lists are in capitals throughout, which one look tells."""
    upper, lower, blank = stage.fetch(
        f"SELECT bool_and(v{f.index} = upper(v{f.index})), bool_and(v{f.index} = lower(v{f.index})), "
        f"bool_or(regexp_matches(v{f.index}, {BLANKS})) FROM typed WHERE {stage.kept}"
    )[0]
    return bool(blank) or not (upper or lower)


def _folded(f: Field) -> str:
    return f"lower(regexp_replace(v{f.index}, {BLANKS}, '', 'g'))"


def _issue(stage: Stage, f: Field, first: int, row: int) -> Issue:
    here, there = (stage.grid.cell(r - 1, f.index) for r in (row, first))
    value = stage.fetch(f"SELECT v{f.index} FROM typed WHERE _row = {row}")[0][0]
    return Issue(
        "key-alike", f"{here}: the key {value[:60]!r} is that of {there} but for case or blanks; both count.",
        "warning", stage.grid.sheet, here, stage.grid.line(row - 1), f.header, value[:80],
        help="If they are the same, write them alike: rows are recognised by the exact text.",
    )


ENTRY = Check("alike_keys", "Keys almost alike", "Keys that differ in case or blanks only.", run, 58)
