"""Data quality: five numbers per dataset, measured by a job after every commit and once a day, kept with their counts.

They speak of all rows; who sees only a part of them is told nothing. `Quality.counts` holds: `rows`, `cells`, `filled`,
`columns` (key, header, filled), `expected`, `present`, `missing` (the latest days), `arrived`, `refused`,
`implausible`, `repeated`, `unmatched` (column, target, rows), `variants`, `inconsistent`, `through`, `age`, `usual`.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import SYSTEM, Actor, Role
from dashapp.core.dataset import Dataset
from dashapp.core.errors import Forbidden, NotFound
from dashapp.core.failpoint import failpoint
from dashapp.core.period import DateRange, Grain
from dashapp.core.quality import NAMES, Quality, Trend, share, timeliness
from dashapp.core.space import SpaceNeeded
from dashapp.core.trading import Trading
from dashapp.services import knowing, working
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene, load_scene
from dashapp.services.states import state_at
from dashapp.services.unit import reading, writing
from models import DatasetRow, QualityRow, Upload

if TYPE_CHECKING:
    from dashapp.core.history import History
    from dashapp.facts.quality import Inventory
    from dashapp.ingest.checks import Check

MEASURE_JOB = "quality.measure"
SHOWN = 20  # of the latest missing days
SINCE = timedelta(days=30)  # a trend looks back so far, or to the first measurement
DAYS = {Grain.EVENT: 1, Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 31, Grain.QUARTER: 92, Grain.YEAR: 366}
WHOLE = "Data quality speaks of all rows of a dataset; your data scope is a part of them."


@dataclass(frozen=True)
class QualityView:
    """The newest measurement of a dataset, None before the first; what each number was before."""

    dataset: Dataset
    quality: Quality | None
    trends: dict[str, Trend]


def listing(actor: Actor, *, now: datetime) -> tuple[QualityView, ...]:
    """Every uploaded dataset with its newest measurement. Finance. Raises Forbidden within a data scope."""
    _whole(actor)
    return tuple(_view(d, now) for d in load_scene().datasets.values() if d.place is None)


def get(actor: Actor, dataset: str, *, now: datetime) -> QualityView:
    """One dataset with its newest measurement. Finance. Raises NotFound, Forbidden."""
    _whole(actor)
    return _view(_dataset(dataset), now)


def history(actor: Actor, dataset: str, *, limit: int = 400) -> tuple[Quality, ...]:
    """Measurements, oldest first, the latest `limit`. Finance. Raises NotFound, Forbidden."""
    _whole(actor)
    return _measured(_dataset(dataset), limit)


def checks(actor: Actor) -> tuple[Check, ...]:
    """Every check that a file goes through, in the order in which they run. Finance."""
    from dashapp.ingest.reading import CHECKS

    actor.require(Role.FINANCE)
    return tuple(sorted(CHECKS, key=lambda c: (c.order, c.name)))


def queue(session: scoped_session[OrmSession], dataset: str, *, now: datetime) -> str:
    """A measurement is queued in the current transaction, once for all causes that wait; returns the job's id."""
    return working.enqueue(session, MEASURE_JOB, {"dataset": dataset}, now=now, coalesce=f"quality:{dataset}")


def queue_due(desk: Desk, *, now: datetime) -> int:
    """Datasets whose newest version was not measured today are queued: data grow old without a commit. How many."""
    today = desk.organisation.today(now)
    with writing() as session:
        found = session.execute(
            select(QualityRow.dataset_id, func.max(QualityRow.day)).group_by(QualityRow.dataset_id)).all()
        newest: dict[str, date] = {r[0]: r[1] for r in found}
        due = [row for row in session.scalars(select(DatasetRow).where(DatasetRow.version > 0)).all()
               if row.placed is None and newest.get(row.id) != today]
        for row in due:
            queue(session, row.key, now=now)
    return len(due)


@SpaceNeeded()
def measure(desk: Desk, dataset: str, *, now: datetime) -> Quality | None:
    """The dataset is measured as it is now, and the numbers are kept: one row per version and business day, so that
    the job done twice changes nothing. None for a dataset that is gone, empty or in a warehouse."""
    scene = load_scene()
    found = scene.datasets.get(dataset)
    if found is None or found.place is not None or not found.version or found.id is None:
        return None
    today = desk.organisation.today(now)
    made = measured(desk, scene, found, now=now)
    with writing() as session:
        if session.get(DatasetRow, found.id) is None:
            return None  # deleted while it was measured
        row = session.scalar(select(QualityRow).where(
            QualityRow.dataset_id == found.id, QualityRow.version == found.version, QualityRow.day == today))
        if row is None:
            row = QualityRow(dataset_id=found.id, version=found.version, day=today)
            session.add(row)
        row.at, row.counts = now, dict(made.counts)
        for name in NAMES:
            setattr(row, name, made.scores[name])
        session.flush()
        failpoint("quality.recorded")
    return made


def measured(desk: Desk, scene: Scene, dataset: Dataset, *, now: datetime) -> Quality:
    """The five numbers of a dataset in a scene; nothing is kept."""
    from dashapp.facts.quality import inventory_of
    from dashapp.facts.tables import TableAt

    joined = {t.partition(".")[0] for _, t in dataset.joins}
    shown = [dataset, *(scene.datasets[k] for k in sorted(joined) if k in scene.datasets and k != dataset.key)]
    tables = desk.ledger.tables(TableAt(d, scene.vintages[d.key]) for d in shown if d.place is None)
    found = inventory_of(tables, dataset, knowing.plausible(scene, dataset.key))
    past = knowing.past(SYSTEM, desk, scene, dataset.key, anew=True)  # the next files are held against this one
    parts = (_completeness(dataset, found, past), _validity(dataset.key, found), _uniqueness(found),
             _consistency(found), _timeliness(desk, scene, dataset, past, desk.organisation.today(now)))
    counts: dict[str, Any] = {"rows": found.rows}
    for _, told in parts:
        counts |= told
    return Quality(dataset.key, dataset.version, now, dict(zip(NAMES, (score for score, _ in parts), strict=True)),
                   counts)


Part = tuple[float | None, dict[str, Any]]


def _completeness(dataset: Dataset, found: Inventory, past: History) -> Part:
    """An id or an entity that is empty counts as well as a measure; what is ignored is not stored at all."""
    headers = {c.key: c.header for c in dataset.columns}
    cells, filled = found.rows * len(found.filled), sum(n for _, n in found.filled)
    missing, expected = _missing(dataset, past)
    shares = [s for s in (share(filled, cells), share(expected - len(missing), expected)) if s is not None]
    return min(shares, default=None), {
        "cells": cells, "filled": filled, "expected": expected, "present": expected - len(missing),
        "columns": [{"key": key, "header": headers[key], "filled": n} for key, n in found.filled],
        "missing": [d.isoformat() for d in missing[-SHOWN:]]}


def _missing(dataset: Dataset, past: History) -> tuple[list[date], int]:
    """(expected periods without rows, how many are expected) between the first and the last row."""
    if not past.dates or dataset.kind != "facts":
        return [], 0
    there = set(past.dates)
    if dataset.grain.coarser_than(Grain.DAY):
        span = DateRange(past.dates[0], past.dates[-1])
        expected = [p.start for p in past.calendar.periods(span, dataset.grain)]
    else:
        expected = list(Trading.learned(past.dates).expected(past.dates[0], past.dates[-1]))
    return [d for d in expected if d not in there], len(expected)


def _validity(dataset: str, found: Inventory) -> Part:
    with reading() as session:
        arrived, refused = session.execute(
            select(func.coalesce(func.sum(Upload.rows), 0), func.coalesce(func.sum(Upload.quarantined), 0))
            .where(Upload.dataset_key == dataset, Upload.state == "committed")).one()
    arrived, refused = int(arrived) + int(refused), int(refused)
    return share(max(0, arrived - refused - found.implausible), arrived), {
        "arrived": arrived, "refused": refused, "implausible": found.implausible}


def _uniqueness(found: Inventory) -> Part:
    return share(found.rows - found.repeated, found.rows), {"repeated": found.repeated}


def _consistency(found: Inventory) -> Part:
    return share(found.rows - found.inconsistent, found.rows), {
        "inconsistent": found.inconsistent,
        "unmatched": [{"column": c, "target": t, "rows": n} for c, t, n in found.unmatched],
        "variants": [{"column": v.column, "usual": v.usual, "others": list(v.others), "rows": v.rows}
                     for v in found.variants]}


def _timeliness(desk: Desk, scene: Scene, dataset: Dataset, past: History, today: date) -> Part:
    """A first or second upload makes no habit: until then data may be as old as one period of their grain. Days on
    which nobody trades do not count."""
    through = state_at(desk, scene, dataset.key, today).data_through if dataset.kind == "facts" else None
    if through is None:
        return None, {"through": None, "age": None, "usual": None}
    lags = [n for n in knowing.lags(dataset.key) if n >= 0]
    usual = sorted(lags)[len(lags) // 2] if len(lags) > 2 else DAYS[dataset.grain]
    age, period = (today - through).days, max(DAYS[dataset.grain], _rhythm(scene, dataset))
    idle = _idle_days(dataset, past, through, today)
    return timeliness(age - idle, usual, period), {
        "through": through.isoformat(), "age": age, "usual": usual + period + idle}


def _idle_days(dataset: Dataset, past: History, through: date, today: date) -> int:
    """Days after `through` until today on which no rows are expected; none where the calendar is not known."""
    trading = Trading.learned(past.dates)
    if dataset.grain.coarser_than(Grain.DAY) or not trading.weekdays or through >= today:
        return 0
    return (today - through).days - sum(1 for _ in trading.expected(through + timedelta(1), today))


def _rhythm(scene: Scene, dataset: Dataset) -> int:
    """Days between the last dates of consecutive uploads, typically; 0 where there are too few to tell."""
    ends = sorted({v.last for v in scene.vintages[dataset.key] if v.last and v.is_live()})
    steps = sorted((b - a).days for a, b in pairwise(ends))
    return steps[len(steps) // 2] if len(steps) > 1 else 0


def _whole(actor: Actor) -> None:
    actor.require(Role.FINANCE)
    if actor.scope:
        raise Forbidden(WHOLE)


def _dataset(key: str) -> Dataset:
    found = load_scene().datasets.get(key)
    if found is None or found.place is not None:
        raise NotFound(f"There is no uploaded dataset {key!r}.")
    return found


def _measured(dataset: Dataset, limit: int) -> tuple[Quality, ...]:
    with reading() as session:
        rows = session.scalars(
            select(QualityRow).where(QualityRow.dataset_id == dataset.id)
            .order_by(QualityRow.at.desc(), QualityRow.version.desc()).limit(max(1, min(limit, 1000)))
            .execution_options(populate_existing=True)).all()
        return tuple(Quality(dataset.key, r.version, r.at, {n: getattr(r, n) for n in NAMES}, dict(r.counts))
                     for r in reversed(rows))


def _view(dataset: Dataset, now: datetime) -> QualityView:
    found = _measured(dataset, 400)
    return QualityView(dataset, found[-1] if found else None, trends(found, now))


def trends(found: Iterable[Quality], now: datetime) -> dict[str, Trend]:
    """The change of each number since the last measurement at least 30 days ago, or the first one there is."""
    every = list(found)
    if len(every) < 2:
        return dict.fromkeys(NAMES, Trend(None, None))
    older = [q for q in every[:-1] if q.at <= now - SINCE] or every[:1]
    base, last = older[-1], every[-1]
    return {n: _trend(base.scores[n], last.scores[n], base.at.date()) for n in NAMES}


def _trend(before: float | None, after: float | None, since: date) -> Trend:
    return Trend(None, since) if before is None or after is None else Trend(after - before, since)

