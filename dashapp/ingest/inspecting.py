# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
"""A look into a file: everything a person needs to see before it is committed. Writes nothing."""

from __future__ import annotations

from pathlib import Path

from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.mapping import Mapping
from dashapp.ingest import encoding as encodings
from dashapp.ingest.guess import Field
from dashapp.ingest.limits import Progress
from dashapp.ingest.model import Choice, ColumnGuess, Inspection
from dashapp.ingest.reading import Context, Read, read, sha256_of
from dashapp.ingest.result import changes_of, complete_mapping, file_issues, span

_VALUES = 100
_LABELS = (RoleOf.DIMENSION, RoleOf.ENTITY, RoleOf.ID)
_PREVIEW_ROWS, _PREVIEW_COLUMNS, _PREVIEW_TEXT = 30, 60, 120


def inspect(
    path: Path, name: str, mapping: Mapping, known: Dataset | None, context: Context, progress: Progress
) -> Inspection:
    """What the file holds and how it would be read."""
    r = read(path, name, mapping, known, context, progress)
    first, last = span(r.stage)
    out = Inspection(
        r.opened.kind,
        r.opened.sheets,
        complete_mapping(r),
        tuple(_column(r, f) for f in r.fields),
        _preview(r),
        file_issues(r, context.limits.issues),
        (*r.opened.asks, *r.stage.survey.asks),
        r.stage.number(
            "SELECT count(*) FROM typed WHERE _row NOT IN (SELECT _row FROM excluded WHERE reason <> 'duplicate')"
        ),
        r.stage.number("SELECT count(DISTINCT _row) FROM refused"),
        sha256_of(path),
        first,
        last,
        dict(r.stage.counts),
        encodings=_encodings(path, r),
        tables=r.opened.place.tables,
        changes=changes_of(r),
        recognised=_recognised(r),
        absent=_absent(r),
        senders=tuple(p.name for p in context.profiles if p.name),
    )
    progress(1.0, None)
    return out


def _absent(r: Read) -> tuple[Choice, ...]:
    have = {f.key for f in r.fields if f.role is not RoleOf.IGNORE}
    columns = r.stage.known.columns if r.stage.known else ()
    return tuple(Choice(c.key, c.header) for c in columns if c.key not in have and c.role is not RoleOf.IGNORE)


def _encodings(path: Path, r: Read) -> tuple[Choice, ...]:
    asked = next((a for a in r.opened.asks if a.code == "encoding"), None)
    if asked or r.opened.kind != "csv":
        return asked.choices if asked else ()
    return encodings.offered(path, r.opened.encoding)


def _column(r: Read, f: Field) -> ColumnGuess:
    staged = any(s.index == f.index for s in r.stage.fields)
    counted = staged and f.type != "text"
    missing = r.stage.number(f"SELECT count(*) FROM typed WHERE m{f.index}") if counted else 0
    unreadable = r.stage.number(
        f"SELECT count(*) FROM refused WHERE field = {f.index} AND code IN ('date-unreadable', "
        f"'number-unreadable', 'cell-error')"
    )
    question = next((a.text for a in r.stage.survey.asks if a.column == f.header), None)
    known = r.stage.known
    values, distinct = _values(r, f) if staged and f.type == "text" and f.role in _LABELS else ((), 0)
    return ColumnGuess(
        f.header,
        f.letter,
        f.key,
        f.role,
        f.type,
        f.format,
        f.number,
        f.confidence if question is None else min(f.confidence, 0.5),
        f.samples,
        question,
        f.scale,
        unreadable,
        missing,
        bool(known and known.columns and known.column(f.key) is None),
        values,
        distinct,
    )


def _values(r: Read, f: Field) -> tuple[tuple[str, ...], int]:
    """(the first distinct texts in the order of the file, how many there are) of the rows that would be kept."""
    found = r.stage.fetch(
        f"SELECT coalesce(v{f.index}, '') FROM typed WHERE {r.stage.kept} GROUP BY 1 ORDER BY min(_row) LIMIT {_VALUES}"
    )
    return (
        tuple(str(v) for (v,) in found),
        r.stage.number(f"SELECT count(DISTINCT coalesce(v{f.index}, '')) FROM typed WHERE {r.stage.kept}"),
    )


def _recognised(r: Read) -> tuple[tuple[str, ...], ...]:
    """The first rows of the table with their places, values as they would be stored."""
    kept = r.stage.fields[:_PREVIEW_COLUMNS]
    if not kept:
        return ()
    values = ", ".join(f"coalesce(CAST(v{f.index} AS VARCHAR), '')" for f in kept)
    rows = r.stage.fetch(
        f"SELECT _row, {values} FROM typed WHERE _row NOT IN (SELECT _row FROM excluded) ORDER BY _row "
        f"LIMIT {_PREVIEW_ROWS}"
    )
    grid = r.stage.grid
    head = ("", *(f.header for f in kept))
    return (head, *((grid.place(row - 1), *(str(v)[:_PREVIEW_TEXT] for v in rest)) for row, *rest in rows))


def _preview(r: Read) -> tuple[tuple[str, ...], ...]:
    start = max(0, r.opened.place.row - 4)
    rows = r.opened.place.source.rows(start, _PREVIEW_ROWS)
    return tuple(
        (str(start + i + 1), *((c or "")[:_PREVIEW_TEXT] for c in row[:_PREVIEW_COLUMNS])) for i, row in enumerate(rows)
    )
