"""Rows that are no data: totals, repeated headers, footnotes. Left out with a notice, never silently."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dashapp.core.dataset import snake_case
from dashapp.core.issue import Issue
from dashapp.ingest import words
from dashapp.ingest.cells import is_missing, look
from dashapp.ingest.grid import BLANKS
from dashapp.ingest.numbers import quote
from dashapp.ingest.stage import Stage

_LOOK_AT = 5_000
_TAIL = 40
_LABELS = {"total": "totals", "note": "footnotes", "header": "repeated headers"}


def exclude(stage: Stage) -> None:
    """Fill `excluded`. With a date column only rows without a readable date are looked at; without one only the end of
    the table, because there nothing but position tells a total from a row called Total."""
    dated = stage.dated
    if dated is not None and dated.index not in stage.survey.open:
        suspects = [
            r
            for (r,) in stage.fetch(
                f"SELECT _row FROM typed WHERE v{dated.index} IS NULL ORDER BY _row LIMIT {_LOOK_AT}"
            )
        ]
        last = stage.number(f"SELECT max(_row) FROM typed WHERE v{dated.index} IS NOT NULL")
    else:
        suspects = [r for (r,) in stage.fetch(f"SELECT _row FROM typed ORDER BY _row DESC LIMIT {_TAIL}")]
        last = None
    found = _classified(stage, suspects, last) if suspects else []
    if not found:
        return
    stage.set_aside(f"INSERT INTO excluded VALUES {', '.join(f'({row}, {quote(why)})' for row, why in found)}")
    for reason in sorted({r for _, r in found}):
        rows = sorted(row for row, r in found if r == reason)
        shown = ", ".join(str(stage.grid.line(r - 1)) for r in rows[:8]) + (", ..." if len(rows) > 8 else "")
        stage.issues.append(
            Issue(
                f"excluded-{reason}",
                f"Left out as {_LABELS[reason]}: row{'s' if len(rows) > 1 else ''} {shown}.",
                "info",
                stage.grid.sheet,
                row=stage.grid.line(rows[0] - 1),
                count=len(rows),
            )
        )
        stage.counts[f"excluded-{reason}"] = len(rows)


def _classified(stage: Stage, suspects: list[int], last: int | None) -> list[tuple[int, str]]:
    names = {snake_case(f.header) for f in stage.fields}
    texts = _texts(stage, suspects)
    out: list[tuple[int, str]] = []
    for row in sorted(suspects, reverse=True):
        reason = _reason(stage, texts[row], names, is_tail=last is None or row > last)
        if reason:
            out.append((row, reason))
        elif last is None:
            break  # from the end upwards; the first real row ends the search
    return out


def _texts(stage: Stage, rows: list[int]) -> dict[int, list[str | None]]:
    table = stage.grid.table
    part = table.take([r - 1 for r in rows])
    columns = [c.to_pylist() for c in part.columns]
    return {row: [c[i] for c in columns] for i, row in enumerate(rows)}


def _reason(stage: Stage, cells: list[str | None], names: set[str], *, is_tail: bool) -> str | None:
    filled = [c for c in cells if c and c.strip(BLANKS)]
    labels = [c for c in filled if look(c) == "text"]
    numbers = [c for c in filled if look(c) == "number"]
    if len(filled) >= 2 and len({snake_case(c) for c in filled} & names) >= max(2, 0.7 * len(names)):
        return "header"
    if (
        labels
        and numbers
        and len(labels) <= max(2, len(stage.fields) // 3)
        and (any if stage.dated is not None else all)(words.TOTAL.search(c) for c in labels)
    ):
        return "total"
    if labels and not numbers and words.TOTAL.search(labels[0]) and len(filled) == 1:
        return "total"
    few = len(filled) <= max(1, len(stage.fields) // 3)
    if (
        is_tail
        and few
        and labels
        and len(labels) == len(filled)
        and len(stage.fields) > 1
        and (stage.dated is not None or len(stage.fields) > 2)
    ):
        return "note"
    if is_tail and stage.dated is not None and numbers and not labels and _lacks_names(stage, cells):
        return "total"
    return None


def _lacks_names(stage: Stage, cells: list[str | None]) -> bool:
    """Only measures are filled in, below the last dated row: sums without the word for it."""
    named = [f for f in stage.fields if f.type in ("text", "date")]
    return bool(named) and all(is_missing(cells[f.index]) for f in named)
