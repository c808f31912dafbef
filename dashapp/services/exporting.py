"""What a screen shows, as a file: (filename, media type, bytes), typed, and without anything that runs.

What a screen shows is for whoever may see the screen; rows in bulk and lists of people need more. Tokens need the
scope `export`. Every export leaves an audit line.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from dashapp.core.actor import Actor, Role
from dashapp.core.currency import converts
from dashapp.core.errors import Invalid, NotFound
from dashapp.core.filters import COMPARES, Filters
from dashapp.core.question import Question
from dashapp.core.rule import SIDE_NAMES
from dashapp.core.series import Series
from dashapp.core.where import Where
from dashapp.reports import answers, csv, xlsx
from dashapp.reports.cards import cards_table
from dashapp.reports.sources import source_table
from dashapp.reports.table import Column, Table
from dashapp.services import accounts, asking, auditing, exploring, limiting, overviewing, targeting, uploads
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene

Kind = Literal["xlsx", "csv"]
File = tuple[str, str, bytes]
MAX_ROWS = 100_000
MEDIA: dict[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv",
}


def series(actor: Actor, desk: Desk, question: Question, kind: str, *, now: datetime) -> File:
    """The figures of a question, as its screen shows them. Any role, within scope.

    xlsx: figures side by side, one row per point, totals and notes on sheets of their own; csv: one row per point.
    """
    actor.require(Role.EXECUTIVE, token="export")
    found = asking.ask(actor, desk, question, now=now)
    currency = desk.organisation.currency
    notes = answers.notes(found, [str(w) for w in question.where], _definitions(found), asked_by=actor.email, now=now)
    name = found[0].kpi if len(found) == 1 else "kpis"
    long = answers.long(found, currency=currency)
    tables = [long] if kind == "csv" else [answers.wide(found, currency=currency), long,
                                          answers.totals(found, currency=currency)]
    return _file(actor, name, tables, notes, kind, now=now)


def overview(actor: Actor, desk: Desk, filters: Filters, kind: str, *, now: datetime) -> File:
    """The cards of the overview, one row per KPI. Any role, within scope."""
    actor.require(Role.EXECUTIVE, token="export")
    found = overviewing.overview(actor, desk, filters, now=now)
    table = cards_table(found.cards, currency=desk.organisation.currency)
    notes = (
        ("Range", f"{found.span.start} to {found.span.end} by {filters.grain}"),
        ("Filters", "; ".join(map(str, filters.where)) or "none"), ("Compared with", COMPARES[filters.compare]),
        ("As known at", moment(filters.as_of or now)), *(("Warning", w) for w in _warnings(found)),
        ("Exported", f"{moment(now)} by {actor.email}"),
    )
    return _file(actor, "overview", [table], notes, kind, now=now)


def rows(actor: Actor, desk: Desk, kpi: str, period: str, kind: str, where: tuple[Where, ...] = (),
         part: str | None = None, as_of: datetime | None = None, *, now: datetime, dataset: str | None = None) -> File:
    """All source rows behind one figure. Finance, within scope. Raises Invalid when one file cannot hold them all."""
    actor.require(Role.FINANCE, token="export")
    found = exploring.rows(actor, desk, kpi, period, where, part, as_of, now=now, dataset=dataset, limit=MAX_ROWS,
                           most=MAX_ROWS)
    if found.total > len(found.rows):  # part of the rows would pass for all of them
        raise Invalid(f"These are {found.total:,} rows; a file holds {MAX_ROWS:,}. Choose a shorter period or filter.")
    if not found.dataset:
        raise NotFound("No rows stand behind this figure.")
    source, asked = load_scene().datasets[found.dataset], load_scene().kpis_at(as_of)[0][kpi]
    table = source_table(found, source.columns, currency=None if converts(source) else desk.organisation.currency)
    notes = (("Rows behind", f"{asked.name} in {period}"), ("Dataset", source.name), ("Part", part or "all"),
             ("Filters", "; ".join(map(str, where)) or "none"), ("As known at", moment(as_of or now)),
             *_stamp(actor, now))
    return _file(actor, f"{kpi}-{period}-rows", [table], notes, kind, now=now)


def targets(actor: Actor, desk: Desk, kind: str, *, now: datetime) -> File:
    """Targets in force. Any role."""
    actor.require(Role.EXECUTIVE, token="export")
    columns = (Column("KPI"), Column("Grain"), Column("Period"), Column("Start", "date"), Column("End", "date"),
               Column("Target", "number"), Column("Saved at (UTC)", "datetime"), Column("Saved by"))
    rows = tuple((t.kpi, t.grain, t.period, t.start, t.end, t.value, t.saved_at, t.saved_by)
                 for t in targeting.listing(actor, desk))
    return _file(actor, "targets", [Table("Targets", columns, rows)], _stamp(actor, now), kind, now=now)


def limits(actor: Actor, desk: Desk, kind: str, *, now: datetime) -> File:
    """Warning and critical limits. Any role."""
    actor.require(Role.EXECUTIVE, token="export")
    columns = (Column("KPI"), Column("Grain"), Column("Bad are"), Column("Warning", "number"),
               Column("Critical", "number"), Column("Version", "integer"))
    rows = tuple((x.kpi, x.grain, SIDE_NAMES[x.side], x.warning, x.critical, x.version)
                 for x in limiting.listing(actor))
    return _file(actor, "thresholds", [Table("Thresholds", columns, rows)], _stamp(actor, now), kind, now=now)


def users(actor: Actor, desk: Desk, kind: str, *, now: datetime) -> File:
    """Everybody who may sign in, with role and data scope. Admin."""
    actor.require(Role.ADMIN, token="export")
    columns = (Column("E-mail"), Column("Name"), Column("Role"), Column("Data scope"), Column("Active", "flag"))
    rows = tuple((u.email, u.name, u.role.value, "; ".join(map(str, u.scope)), u.is_active)
                 for u in accounts.list_users(actor))
    return _file(actor, "users", [Table("Users", columns, rows)], _stamp(actor, now), kind, now=now)


def quarantine(actor: Actor, desk: Desk, upload: str, *, now: datetime) -> File:
    """The refused rows of an upload with place and reason, as CSV. Finance. Raises NotFound."""
    actor.require(Role.FINANCE, token="export")
    path, name = uploads.quarantine(actor, desk, upload)
    content = path.read_bytes()
    auditing.record(actor, "export", f"quarantine {upload}", after={"bytes": len(content)}, now=now)
    return name, MEDIA["csv"], content


def _file(actor: Actor, name: str, tables: Sequence[Table], notes: Sequence[tuple[str, str]], kind: str, *,
          now: datetime) -> File:
    """Write the tables (the first one only, for CSV) and record the export."""
    if kind not in get_args(Kind):
        raise Invalid("An export is xlsx or csv.")
    noted = [Table(t.title, t.columns, t.rows, tuple(notes)) for t in tables]
    content = csv.write(noted[0]) if kind == "csv" else xlsx.write(noted, created=now)
    auditing.record(actor, "export", f"{name}.{kind}", now=now,
                    after={"rows": len(noted[0].rows), "bytes": len(content), "notes": [list(n) for n in notes]})
    return filename(name, kind, now), MEDIA[kind], content


def filename(name: str, kind: str, now: datetime) -> str:
    """`revenue-20260316-0900.xlsx`: letters, digits, `-` and `_` only."""
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', name)[:80].strip('-') or 'export'}-{now:%Y%m%d-%H%M}.{kind}"


def _definitions(found: Sequence[Series]) -> list[tuple[str, str]]:
    kpis, _ = load_scene().kpis_at(found[0].as_of)
    return [(s.name, kpis[s.kpi].formula) for s in found if s.kpi in kpis]


def _warnings(found: overviewing.Overview) -> list[str]:
    return list(dict.fromkeys(f"{c.kpi.name}: {w}" for c in found.cards for w in c.warnings))


def _stamp(actor: Actor, now: datetime) -> tuple[tuple[str, str], ...]:
    return (("Exported", f"{moment(now)} by {actor.email}"),)


def moment(when: datetime) -> str:
    """A moment as notes tell it: `2026-03-16 09:00:00 UTC`."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
