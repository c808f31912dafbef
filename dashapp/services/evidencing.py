"""The evidence of one figure as a workbook: its rows and live formulas that recompute it, within the actor's scope."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import Invalid
from dashapp.core.kpi import Kpi
from dashapp.core.series import Series
from dashapp.core.where import Where
from dashapp.services import asking, auditing, exploring, locating
from dashapp.services.asking import Ground
from dashapp.services.desk import Desk
from dashapp.services.exporting import MEDIA, File, filename, moment
from dashapp.services.scene import load_scene

if TYPE_CHECKING:
    from dashapp.query.evidence import Evidence, RowSheet
    from dashapp.query.planned import Plan
    from dashapp.reports.evidence import RowsOf

MAX_ROWS = 200_000  # of all datasets; a workbook of them takes Excel seconds to recompute
MAX_CELLS = 3_000_000
_NARROWER = "Choose a shorter period, a part of a split or a filter; the rows alone can be taken as CSV."


def workbook(actor: Actor, desk: Desk, kpi: str, period: str, where: tuple[Where, ...] = (), part: str | None = None,
             as_of: datetime | None = None, *, now: datetime) -> File:
    """The evidence of one figure as .xlsx: rows with their cells, terms, steps, and formulas that recompute it.

    Finance; tokens need `export`. Raises NotFound, and Invalid where more rows stand behind the figure than a workbook
    recomputes in reasonable time, or rows of a warehouse do.
    """
    from dashapp.query.answer import answer as combine
    from dashapp.query.evidence import evidence
    from dashapp.reports import evidence as report

    actor.require(Role.FINANCE, token="export")
    when, question = exploring.question_of(actor, desk, kpi, period, where, part, as_of)
    ground = asking.ground_of(desk, load_scene(), question, now=now)
    plan = asking.plan_of(desk, ground, question)
    results = asking.results_of(ground, plan)
    (series,) = combine(plan, results)
    _refuse_live(ground, plan, kpi)
    found = evidence(plan, results, kpi, when, limit=MAX_ROWS + 1)
    rows = _rows(ground, found)
    about = f"{ground.kpis[kpi].name}, {when.label}"
    notes = _notes(actor, ground, plan, series, rows, where, part, as_of, now)
    point = series.points[0]
    content = report.write(report.Book(ground.kpis[kpi], about, point.value, point.reason, found, rows, notes, now))
    auditing.record(actor, "export", f"evidence of {kpi} in {when.label}", now=now, after={
        "rows": sum(r.table.num_rows for r in rows), "bytes": len(content), "as_of": moment(as_of or now),
        "filters": [str(w) for w in where], "part": part or ""})
    return filename(f"{kpi}-{when.label}-evidence", "xlsx", now), MEDIA["xlsx"], content


def _refuse_live(ground: Ground, plan: Plan, kpi: str) -> None:
    """Rows that stay in a warehouse have no file and no cell, and may be others by the time somebody looks."""
    live = next((d for k in plan.datasets_of(kpi) if (d := ground.datasets[k]).place), None)
    if live:
        raise Invalid(f"The rows of {live.key} stay in the warehouse {live.connection}: there is no file whose cells "
                      "could be evidence. The rows can be looked at on the KPI page.")


def _rows(ground: Ground, found: Evidence) -> tuple[RowsOf, ...]:
    from dashapp.reports.evidence import width_of

    out: list[RowsOf] = []
    rows = cells = 0
    for sheet in found.sheets:
        fetched = _fetched(ground, sheet)
        rows += fetched.table.num_rows
        cells += fetched.table.num_rows * width_of(fetched, found.terms)
        if rows > MAX_ROWS:
            raise Invalid(f"More than {MAX_ROWS:,} rows stand behind this figure, too many for a workbook that "
                          f"recomputes it. {_NARROWER}")
        if cells > MAX_CELLS:
            raise Invalid(f"The {rows:,} rows behind this figure fill more than {MAX_CELLS:,} cells, too many for a "
                          f"workbook that recomputes it. {_NARROWER}")
        out.append(fetched)
    return tuple(out)


def _fetched(ground: Ground, sheet: RowSheet) -> RowsOf:
    from dashapp.reports.evidence import RowsOf

    table = ground.tables.fetch(sheet.sql, timeout=asking.TIMEOUT)
    seen = set(table.column("_vintage").unique().to_pylist())
    files = {u: f.source_name for u, f in exploring.files_of(seen).items()}
    layout = locating.Layout(locating.letters_of(seen), sheet.used)
    at = zip(*(table.column(c).to_pylist() for c in ("_vintage", "_sheet", "_row")), strict=True)
    return RowsOf(sheet, ground.datasets[sheet.dataset], table, files, [layout.place(*a) for a in at])


def _notes(actor: Actor, ground: Ground, plan: Plan, series: Series, rows: Sequence[RowsOf], where: Sequence[Where],
           part: str | None, as_of: datetime | None, now: datetime) -> tuple[tuple[str, str], ...]:
    from dashapp.query import explain

    kpi, derived = ground.kpis[series.kpi], explain.explain(plan, series.kpi)
    point = series.points[0]
    return (
        ("KPI", f"{kpi.name} ({kpi.key}), version {kpi.version}"), ("Definition", kpi.formula),
        ("In full", derived.expanded), *_definitions(ground, plan, kpi),
        ("Period", f"{point.period.label}: {point.period.start} to {point.period.end}"
                   f"{'' if point.complete else ', not finished'}"),
        ("Filters", "; ".join(map(str, where)) or "none"), ("Part", part or "all"),
        ("Data scope", "; ".join(map(str, actor.scope)) or "the whole company"),
        ("As known at", moment(as_of or now)), *(("Warning", w) for w in series.warnings), *_uploads(rows),
        *((f"Statement {name} on {dataset}", sql) for name, dataset, sql in derived.statements),
        *((f"Statement for the rows of {r.sheet.dataset}", r.sheet.sql) for r in rows),
        ("How to read it", "Figure holds the terms (T) and the steps (S) from them to the figure; each term adds up a "
         "column of a sheet of rows, which decides row by row what counts. Change a cell of the file, or a date of a "
         "term, and the figure follows; the check then says that it differs."),
        ("Helper columns", "A column with № numbers the different values of the column it is named after, exactly as "
         "they are written, since Excel compares texts without regard to case. First and last activity are those of "
         "all rows within the data scope, also of those that are not in this file."),
        ("Rounding", "Excel computes with binary numbers of 15 digits, Ledgerline with exact decimals for money; the "
         "tolerance beside the check is what that can make of these rows."),
        ("Exported", f"{moment(now)} by {actor.email}"),
    )


def _definitions(ground: Ground, plan: Plan, kpi: Kpi) -> list[tuple[str, str]]:
    """The KPIs the formula refers to, with their own formulas and versions."""
    return [(f"Refers to {k}", f"{ground.kpis[k].formula} (version {ground.kpis[k].version})")
            for k in sorted(plan.definitions) if k != kpi.key and k in ground.kpis]


def _uploads(rows: Sequence[RowsOf]) -> list[tuple[str, str]]:
    """Every upload with rows here: name, hash of the file as it arrived, who brought it and when."""
    out = []
    for part in rows:
        counts: dict[str, Any] = {c["values"]: c["counts"] for c in
                                  part.table.column("_vintage").value_counts().to_pylist()}
        for upload, file in sorted(exploring.files_of(set(counts)).items()):
            out.append((f"Upload {upload}", f"{file.source_name} into {part.sheet.dataset}, {counts[upload]:,} rows "
                        f"here, committed {moment(file.committed_at)} by {file.user_email}, SHA-256 "
                        f"{file.source_sha256}"))
    return out
