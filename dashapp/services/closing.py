"""Closed periods: closing and opening them again, and what may change in them nevertheless, with a reason that is kept.

Closing holds for the rows of every way in - files, rows of programs, the watched folder, undo and redo. Rows equal to
those that are known change nothing and need no reason.
"""
from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.bounds import period_of
from dashapp.core.closing import Closed, Closing, Deed, Late, Touched, closed_until, reason_of
from dashapp.core.currency import read_with
from dashapp.core.dataset import Dataset
from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from dashapp.core.failpoint import failpoint
from dashapp.core.vintage import Vintage
from dashapp.services import auditing
from dashapp.services.desk import Desk
from dashapp.services.receiving import DEMO
from dashapp.services.scene import Scene, load_scene
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import reading, writing
from models import ClosedPeriod, LateChange, Upload


def close(actor: Actor, desk: Desk, period: str, dataset: str | None = None, *, now: datetime,
          reason: str = "") -> Closing:
    """All days up to the end of `period` (`2026-02`, `2026-Q1`, `2026-02-28`) are closed, of one dataset or of all.

    Finance without a data scope. Raises Invalid for a period that is not over, NotFound for an unknown dataset,
    Conflict where that much is closed already.
    """
    _require(actor)
    until = period_of(period, desk.organisation.calendar).end
    if until >= desk.organisation.today(now):
        raise Invalid(f"{period} is not over yet; what is still going on cannot be closed.")
    names = _named(dataset)
    with writing() as session:
        take_turn(session, CHANGES)
        decisions = _decisions(session)
        held = closed_until([d for d in decisions if d.dataset in (None, dataset)], dataset or "")
        if held is not None and held >= until and all(closed_until(decisions, n) == held for n in names):
            raise Conflict(f"{dataset or 'Everything'} is closed until {held} already.")
        return _decide(session, actor, dataset, True, until, reason_of(reason), now)


def reopen(actor: Actor, desk: Desk, period: str, dataset: str | None = None, *, now: datetime,
           reason: str) -> Closing:
    """The period and all after it are open again, of one dataset or of all; whatever lies before stays closed.

    Finance without a data scope. Raises Invalid without a reason, NotFound for an unknown dataset, Conflict where
    nothing of it is closed.
    """
    _require(actor)
    until = period_of(period, desk.organisation.calendar).start - timedelta(1)
    said = reason_of(reason)
    if not said:
        raise Invalid("Say why the period is opened again; the reason is kept and listed.")
    names = _named(dataset)
    with writing() as session:
        take_turn(session, CHANGES)
        decisions = _decisions(session)
        held = [h for h in (closed_until(decisions, n) for n in [*names, *([] if dataset else [""])]) if h]
        if not held or max(held) <= until:
            raise Conflict(f"Nothing of {period} is closed{f' in {dataset}' if dataset else ''}.")
        return _decide(session, actor, dataset, False, until, said, now)


def _require(actor: Actor) -> None:
    actor.require(Role.FINANCE, token="ingest")
    if actor.scope:
        raise Forbidden("Periods are closed for all rows; you see a part of them.")


def _named(dataset: str | None) -> tuple[str, ...]:
    """The datasets a decision is about. Raises NotFound, and Invalid for one whose rows stay in a warehouse."""
    there = load_scene().datasets
    if dataset is None:
        return tuple(k for k, d in there.items() if d.place is None)
    if dataset not in there:
        raise NotFound(f"There is no dataset {dataset!r}.")
    if there[dataset].place is not None:
        raise Invalid(f"{dataset} is read from a warehouse, where nobody here can hold its rows.")
    return (dataset,)


def _decide(session: scoped_session[OrmSession], actor: Actor, dataset: str | None, closes: bool, until: date,
            reason: str, now: datetime) -> Closing:
    before = closed_until(_decisions(session), dataset or "")
    number = (session.scalar(select(func.max(ClosedPeriod.number))) or 0) + 1
    row = ClosedPeriod(number=number, dataset_key=dataset, closes=closes, until=until, at=now, user_email=actor.email,
                       reason=reason)
    session.add(row)
    auditing.record(actor, f"period.{'close' if closes else 'reopen'}", dataset or "all datasets", now=now,
                    before={"until": before}, after={"until": until, "reason": reason})
    session.flush()
    failpoint("closing.recorded")
    return _closing(row)


def listing(actor: Actor, desk: Desk) -> tuple[tuple[Closed, ...], tuple[Closing, ...]]:
    """How far each dataset is closed, by key, and every decision, newest first. Any role."""
    actor.require(Role.EXECUTIVE)
    there = load_scene().datasets
    with reading() as session:
        decisions = _decisions(session)
    closed = tuple(Closed(k, d.name, closed_until(decisions, k)) for k, d in there.items() if d.place is None)
    return closed, decisions[::-1]


def late(actor: Actor, desk: Desk, dataset: str | None = None, *, upload: str | None = None, limit: int = 100,
         offset: int = 0) -> tuple[Late, ...]:
    """What changed in closed periods nevertheless, newest first. Finance; within a data scope only one's own."""
    actor.require(Role.FINANCE)
    query = _late(actor, dataset).order_by(LateChange.at.desc(), LateChange.id)
    query = query.where(LateChange.upload_id == upload) if upload else query
    with reading() as session:
        rows = session.scalars(query.limit(max(1, min(limit, 1000))).offset(max(0, offset))).all()
        return tuple(Late(r.upload_id, r.dataset_key, r.source_name, r.deed, r.at, r.user_email,
                          r.until, r.came, r.went, tuple((p, c, w) for p, c, w in r.periods), r.reason) for r in rows)


def count_late(actor: Actor, dataset: str | None = None) -> int:
    """How many changes `late` lists. Finance."""
    actor.require(Role.FINANCE)
    with reading() as session:
        return session.scalar(_late(actor, dataset).with_only_columns(func.count(), maintain_column_froms=True)) or 0


def _late(actor: Actor, dataset: str | None) -> Select[Any]:
    query = select(LateChange).where(LateChange.dataset_key == dataset) if dataset else select(LateChange)
    return query.where(LateChange.user_id == actor.id) if actor.scope else query


def until_of(key: str, scene: Scene) -> date | None:
    """The last closed day that a change of the dataset's rows may touch: its own, or of a list without dates the
    latest of those that are joined to it; of rates the latest of those that are converted by them."""
    with reading() as session:
        decisions = _decisions(session)
    return _until(decisions, key, scene)


def _until(decisions: tuple[Closing, ...], key: str, scene: Scene) -> date | None:
    dataset = scene.datasets.get(key)
    users = [d.key for d in scene.datasets.values() if key in read_with(d, scene.datasets)]
    if dataset is None or (dataset.date_column is not None and not users):
        return closed_until(decisions, key)
    users += [key] if dataset.date_column else [
        d.key for d in scene.datasets.values() if any(t.partition(".")[0] == key for _, t in d.joins)]
    return max((u for u in (closed_until(decisions, k) for k in users) if u), default=None)


def touched_by_commit(actor: Actor, desk: Desk, scene: Scene, dataset: Dataset, candidate: Vintage) -> Touched:
    """What the commit of a staged file would do to closed periods; `dataset` as it would be with it."""
    known = scene.vintages.get(dataset.key, ())
    until = None if actor.via == DEMO else until_of(dataset.key, scene)
    if until is None:
        return Touched()
    return desk.ledger.closed(dataset, known, (*known, candidate), until, actor.scope,
                              calendar=desk.organisation.calendar)


def touched_by_toggle(actor: Actor, desk: Desk, scene: Scene, key: str, upload: str, *, live: bool,
                      now: datetime) -> Touched:
    """What an undo (or redo, `live`) of an upload would do to closed periods."""
    known, until = scene.vintages.get(key, ()), until_of(key, scene)
    if until is None:
        return Touched()
    after = tuple(replace(v, events=(*v.events, (now, live))) if v.id == upload else v for v in known)
    return desk.ledger.closed(scene.datasets[key], known, after, until, actor.scope,
                              calendar=desk.organisation.calendar)


def is_current(session: scoped_session[OrmSession], actor: Actor, key: str, scene: Scene, touched: Touched) -> bool:
    """Is as much closed as when `touched` was found? Asked inside the transaction that changes rows."""
    return actor.via == DEMO or _until(_decisions(session), key, scene) == touched.until


def record(session: scoped_session[OrmSession], actor: Actor, row: Upload, deed: Deed, touched: Touched, reason: str,
           now: datetime) -> dict[str, Any]:
    """List a change of closed periods with its reason, in the caller's transaction; nothing where none was touched.

    Returns what the caller's line of the trail says of it.
    """
    if not touched.any or touched.until is None:
        return {}
    counts = {"until": touched.until, "came": touched.came, "went": touched.went,
              "periods": [list(p) for p in touched.periods]}
    session.add(LateChange(upload_id=row.id, dataset_key=row.dataset_key, source_name=row.source_name, deed=deed,
                           at=now, user_id=actor.id, user_email=actor.email, reason=reason, **counts))
    return {"closed": counts, "reason": reason}


def refuse_closed_dataset(session: scoped_session[OrmSession], key: str) -> None:
    """Raise Conflict where a dataset holds rows of closed periods: deleting it would empty them."""
    until = closed_until(_decisions(session), key)
    if until is None:
        return
    counts = select(Upload.id).where(Upload.dataset_key == key, Upload.state == "committed", Upload.first <= until)
    if session.scalar(counts.limit(1)) is not None:
        raise Conflict(f"{key} holds rows of periods that are closed until {until}. Open them again first, with a "
                       "reason; then the dataset can be deleted.")


def _decisions(session: scoped_session[OrmSession]) -> tuple[Closing, ...]:
    return tuple(_closing(r) for r in session.scalars(select(ClosedPeriod).order_by(ClosedPeriod.number)))


def _closing(row: ClosedPeriod) -> Closing:
    return Closing(row.number, row.dataset_key, row.closes, row.until, row.at, row.user_email, row.reason)
