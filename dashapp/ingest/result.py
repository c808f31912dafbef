# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
"""What inspecting and converting both report of a file that was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dashapp.core.change import Change
from dashapp.core.dataset import Column, RoleOf
from dashapp.core.issue import Issue
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.ingest.reading import Read
from dashapp.ingest.since import changes
from dashapp.ingest.stage import Stage, refusals


def complete_mapping(r: Read) -> Mapping:
    """The mapping with everything that was decided written out; open questions and uncertain members stay None."""
    columns = {
        f.header: ColumnMapping(f.role, f.type, f.format if f.type == "date" else None, f.number, f.key, f.scale)
        for f in r.fields
    }
    p = r.proposal
    nameless = any(i.code == "header-none" for i in r.problems)
    return replace(
        r.mapping,
        sheet=r.opened.grid.sheet,
        header_row=None if nameless else r.opened.place.row + 1,
        layout=None if any(a.code == "layout" for a in r.opened.asks) else r.opened.place.layout,
        table=None if any(a.code == "table" for a in r.opened.asks) else r.opened.place.table,
        kind=p.kind,
        grain=p.grain,
        marks=p.marks,
        key=p.key,
        mode=p.mode,
        columns=columns,
        encoding=r.opened.encoding,
        delimiter=r.opened.delimiter,
        profile=r.mapping.profile or (r.profile.name or None if r.profile else None),
    )


def changes_of(r: Read) -> tuple[Change, ...]:
    """What changed since the last file of the sender, or against the dataset."""
    return changes(r.fields, complete_mapping(r), r.profile, r.stage.known)


def file_issues(r: Read, cap: int) -> tuple[Issue, ...]:
    """All issues, errors of the file first, capped: refused cells share what the file's own issues leave."""
    own = [*r.problems, *r.stage.issues]
    issues = [*own, *refusals(r.stage, max(2, cap - len(own)))]
    issues.sort(key=lambda i: (i.row is not None, {"error": 0, "warning": 1, "info": 2}[i.severity]))
    return tuple(issues[:cap])


def span(stage: Stage) -> tuple[date | None, date | None]:
    """First and last date of the rows that are kept."""
    f = stage.dated
    if f is None or f.index in stage.survey.open:
        return None, None
    found = stage.fetch(
        f"SELECT min(v{f.index}), max(v{f.index}) FROM typed WHERE {stage.kept}"
    )[0]
    return found[0], found[1]


def columns_of(stage: Stage) -> tuple[Column, ...]:
    """The dataset's columns: the known ones in their order, then the new ones."""
    known = [c for c in (stage.known.columns if stage.known else ()) if c.role is not RoleOf.IGNORE]
    have = {c.key for c in known}
    return (*known, *(Column(f.key, f.header, f.role, f.type) for f in stage.fields if f.key not in have))
