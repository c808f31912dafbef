"""Does the file as a whole fit: the dataset it goes into, the kind it claims to be, the names of its columns."""

from __future__ import annotations

from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.issue import Issue
from dashapp.ingest import words
from dashapp.ingest.cells import look
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage


def fit_issues(stage: Stage) -> list[Issue]:
    """Issues of the file: columns missing or new, no date or key where one is needed, amounts read as texts."""
    return _against(stage.known, stage.fields, stage.grid.sheet) + _without_date(stage) + _doubted(stage)


def _against(known: Dataset | None, fields: list[Field], sheet: str | None) -> list[Issue]:
    """Columns the dataset has and the file lacks, and the other way round."""
    if known is None or not known.columns:
        return []
    have = {f.key for f in fields}
    needed = {*known.key_columns, *([known.date_column] if known.date_column and known.kind == "facts" else [])}
    out = [
        Issue(
            "column-missing",
            f"The column {c.header!r} of {known.name} is not in the file"
            + ("; without it rows cannot be placed." if c.key in needed else "; its values will be missing."),
            "error" if c.key in needed else "warning",
            sheet,
            column=c.header,
        )
        for c in known.columns
        if c.key not in have and c.role is not RoleOf.IGNORE
    ]
    new = [f for f in fields if known.column(f.key) is None]
    if new:
        out.append(
            Issue(
                "column-new",
                f"{known.name} does not have these columns yet: {', '.join(f.header[:40] for f in new[:20])}.",
                "warning",
                sheet,
                column=new[0].header,
                count=len(new),
            )
        )
    return out


def _without_date(stage: Stage) -> list[Issue]:
    if stage.kind == "facts" and stage.dated is None:
        return [
            Issue(
                "date-column",
                "No column holds the date of the rows: choose one, or read the file as a reference table.",
                sheet=stage.grid.sheet,
            )
        ]
    if stage.kind is None:
        return [
            Issue(
                "no-date-no-key",
                "No column holds dates and none identifies the rows: choose the date column, or a key for a "
                "reference table.",
                sheet=stage.grid.sheet,
            )
        ]
    if stage.kind == "reference" and not stage.key:
        return [
            Issue(
                "key-needed",
                "A reference table needs a key: choose the columns that identify a row.",
                sheet=stage.grid.sheet,
            )
        ]
    return []


def _doubted(stage: Stage) -> list[Issue]:
    """Columns that are called like amounts but are read as texts, because most of their cells are."""
    doubted = [
        f
        for f in stage.of(RoleOf.DIMENSION)
        if (words.is_money(f.key) or _half_numbers(f))
        and f.samples
        and f.known is None
        and not (f.declared and (f.declared.role or f.declared.type))
    ]
    return [
        Issue(
            "measure-as-text",
            f"{f.header!r} is read as text, since many of its cells hold no number ({', '.join(f.samples[:3])[:80]}).",
            "warning",
            stage.grid.sheet,
            column=f.header,
        )
        for f in doubted
    ]


def _half_numbers(f: Field) -> bool:
    """At least half of the sample are numbers: a text among few numbers makes a column of labels of them."""
    looks = [kind for t in f.looked if (kind := look(t)) != "missing"]
    return 2 * looks.count("number") >= len(looks) > 0 and not words.is_label(f.key)
