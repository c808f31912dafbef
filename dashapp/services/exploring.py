"""From a figure back to its lines: the derivation and the source rows, within the actor's data scope."""
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.derivation import Derivation, Origin, SourceRow, SourceRows
from dashapp.core.errors import NotFound
from dashapp.core.period import DateRange, Period
from dashapp.core.place import Place
from dashapp.core.position import line_of
from dashapp.core.question import Question
from dashapp.core.segment import conditions
from dashapp.core.series import Series
from dashapp.core.where import Where, parse_wheres
from dashapp.figures.tell import segment_name
from dashapp.services import asking, locating
from dashapp.services.asking import Ground
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from dashapp.services.unit import reading
from models import Upload

if TYPE_CHECKING:
    from dashapp.query.explain import RowsPlan

MAX_ROWS = 10_000
_PIECE = re.compile(r"(?:\\.|[^\\&])+", re.S)  # up to the next `&` that no backslash stands before
_CONDITION = re.compile(r"[A-Za-z_][\w.]*(!=|~=|=)")


def parts(series: Series) -> list[dict[str, str]]:
    """The segments and subtotals of a series as options: value is a filter of the filter grammar per dimension, joined
    by `&`."""
    return [{"value": _joined(conditions(series, t)), "label": segment_name(t, series.by)} for t in series.totals
            if t.split or t.others is not None]


def part_of(split: Sequence[tuple[str, str | None]]) -> str:
    """A split as one text that `explain` and `rows` take; a missing value is the empty text, `&` in one is escaped."""
    return _joined(Where(name, "=", (value or "",)) for name, value in split)


def _joined(wheres: Iterable[Where]) -> str:
    return "&".join(str(w).replace("&", "\\&") for w in wheres)


def explain(actor: Actor, desk: Desk, kpi: str, period: str, where: tuple[Where, ...] = (), part: str | None = None,
            as_of: datetime | None = None, *, now: datetime) -> Derivation:
    """Formula, terms, statements, uploads and number of rows of one figure. Any role. Raises NotFound, Invalid."""
    from dashapp.query import explain as lineage
    from dashapp.query.answer import answer as combine
    from dashapp.query.terms import terms

    actor.require(Role.EXECUTIVE)
    when, question = question_of(actor, desk, kpi, period, where, part, as_of)
    ground = asking.ground_of(desk, load_scene(), question, now=now)
    plan = asking.plan_of(desk, ground, question)
    derived = lineage.explain(plan, kpi)
    plans = lineage.rows_plan(plan, kpi, when)
    results = asking.results_of(ground, plan)
    point = combine(plan, results)[0].points[0]
    origins = _origins(ground, plans, now)
    return Derivation(
        kpi=ground.kpis[kpi], period=when, split=split_of(part),
        point=point, expanded=derived.expanded, terms=terms(plan, results, kpi, when),
        statements=tuple((f"{name} on {dataset}", sql) for name, dataset, sql in derived.statements),
        origins=origins, rows=sum(o.rows for o in origins), as_of=as_of,
        left=derived.left,
    )


def rows(actor: Actor, desk: Desk, kpi: str, period: str, where: tuple[Where, ...] = (), part: str | None = None,
         as_of: datetime | None = None, *, now: datetime, dataset: str | None = None, limit: int = 50,
         offset: int = 0, most: int = MAX_ROWS) -> SourceRows:
    """A page of the rows behind one figure, newest first, each with file, sheet and row.

    dataset: which one, where a KPI reads several; the first one else. At most the first `most` rows can be paged
    through. Any role, within scope. Raises NotFound, Invalid.
    """
    from dashapp.query import explain as lineage

    actor.require(Role.EXECUTIVE)
    limit, offset = max(1, min(limit, most)), max(0, min(offset, most))
    when, question = question_of(actor, desk, kpi, period, where, part, as_of)
    ground = asking.ground_of(desk, load_scene(), question, now=now)
    plans = {p.dataset: p for p in lineage.rows_plan(asking.plan_of(desk, ground, question), kpi, when,
                                                     limit=min(offset + limit, most))}
    if not plans:
        return SourceRows("", (), (), 0)
    if dataset is not None and dataset not in plans:
        raise NotFound(f"The figure does not read {dataset!r}; it reads {', '.join(plans)}.")
    chosen = plans[dataset or next(iter(plans))]
    table = asking.fetched(ground, chosen.dataset, chosen.sql)[offset:]
    total = asking.fetched(ground, chosen.dataset, chosen.count_sql)[0]["rows"]
    names = [c for c in chosen.columns if not c.startswith("_")]
    place = ground.datasets[chosen.dataset].place
    seen = set() if place else {row["_vintage"] for row in table}
    files, layout = files_of(seen), locating.Layout(locating.letters_of(seen), chosen.used)
    found = tuple(_remote_row(row, names, place) if place else _row(row, names, files, layout) for row in table)
    return SourceRows(chosen.dataset, tuple(n.replace("__", ".") for n in names), found, int(total), tuple(plans))


def question_of(actor: Actor, desk: Desk, kpi: str, period: str, where: tuple[Where, ...], part: str | None,
                as_of: datetime | None) -> tuple[Period, Question]:
    """The period a label names and the question for one figure in it, within the actor's scope. Raises Invalid."""
    when = desk.organisation.calendar.parse(period)
    filters = tuple(sorted({*where, *_part(part)}))
    return when, Question((kpi,), when.grain, DateRange(when.start, when.end), (), filters, "none", as_of, actor.scope)


def split_of(part: str | None) -> tuple[tuple[str, str | None], ...]:
    """The values that a part written by `part_of` shares; what the others are not is no value."""
    return tuple((w.column, w.values[0] or None) for w in _part(part) if w.op == "=")


def _part(part: str | None) -> tuple[Where, ...]:
    """The conditions of a split; a literal `&` inside a value stays with its value."""
    if not part:
        return ()
    pieces: list[str] = []
    for piece in _PIECE.findall(part):
        if pieces and not _CONDITION.match(piece):
            pieces[-1] += f"&{piece}"
        else:
            pieces.append(piece)
    return parse_wheres(pieces)


def _origins(ground: Ground, plans: Sequence[RowsPlan], now: datetime) -> tuple[Origin, ...]:
    here = [p for p in plans if ground.datasets[p.dataset].place is None]
    counts = [(plan.dataset, row["_vintage"], row["rows"]) for plan in here
              for row in ground.tables.fetch(plan.origins_sql, timeout=asking.TIMEOUT).to_pylist()]
    files = files_of({v for _, v, _ in counts})
    return (*(Origin(v, dataset, files[v].source_name, files[v].committed_at, int(n))
              for dataset, v, n in counts if v in files and files[v].committed_at),
            *(found for p in plans if (found := _remote_origin(ground, p, now))))


def _remote_origin(ground: Ground, plan: RowsPlan, now: datetime) -> Origin | None:
    """A table of a warehouse, as it is now; None for an uploaded dataset and for a warehouse that does not answer."""
    from dashapp.facts.engines import Refused, Unreachable

    place = ground.datasets[plan.dataset].place
    if place is None:
        return None
    try:
        counted = asking.fetched(ground, plan.dataset, plan.count_sql)
    except (Refused, Unreachable):  # the figure itself says why there is nothing
        return None
    return Origin("", plan.dataset, f"{place.connection}: {place.name}", now, int(counted[0]["rows"]))


def _remote_row(row: dict[str, Any], names: Sequence[str], place: Place) -> SourceRow:
    return SourceRow("", f"{place.connection}: {place.name}", None, None, tuple(row[n] for n in names))


def files_of(vintages: set[str]) -> dict[str, Any]:
    """Upload -> its id, name, moment of commit, hash and who brought it."""
    with reading() as session:
        found = session.execute(select(Upload.id, Upload.source_name, Upload.committed_at, Upload.source_sha256,
                                       Upload.user_email)
                                .where(Upload.id.in_(vintages))).all()
        return {row.id: row for row in found}


def _row(row: dict[str, Any], names: Sequence[str], files: dict[str, Any], layout: locating.Layout) -> SourceRow:
    upload, sheet, number = row["_vintage"], row["_sheet"], row["_row"]
    file = files[upload].source_name if upload in files else ""
    return SourceRow(upload, file, sheet, line_of(number), tuple(row[n] for n in names),
                     layout.place(upload, sheet, number), layout.addresses(upload, sheet, number))
