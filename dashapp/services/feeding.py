"""Feeds: statements whose rows come into a dataset on a schedule. Made by admins, for they read with the rights of the
connection; looked at and run by finance, whose figures stand on them.

A feed speaks of all rows: nobody with a data scope sees or runs one. What a run does is in `services.fetching`.
"""
from __future__ import annotations

import re
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from dashapp.core.feed import MODES, FeedView, next_run, schedule_of
from dashapp.core.mapping import mapping_from_json
from dashapp.services import auditing, connecting, working
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from dashapp.services.unit import reading, writing
from models import ConnectionRow, FeedRow

FETCH_JOB, BRING_JOB = "feed.fetch", "feed.bring"
SAMPLE_TIMEOUT, SAMPLE_ROWS = 10.0, 20
SCOPED = "A feed brings all rows of a statement; your data scope is a part of them."
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class FeedPlan:
    """What a feed shall do. mode: see `core.feed.MODES`; key_columns: of an upsert. mapping: more that is said of the
    columns, as for a file."""

    connection: str
    sql: str
    dataset: str
    schedule: str
    mode: str
    key_columns: Sequence[str] = ()
    mapping: Table[str, Any] | None = None


def listing(actor: Actor) -> tuple[FeedView, ...]:
    """All feeds, those in trouble first, then by key. Finance without a data scope."""
    _look(actor)
    with reading() as session:
        found = [_view(row) for row in session.scalars(select(FeedRow).order_by(FeedRow.key)).all()]
    return tuple(sorted(found, key=lambda f: not (f.trouble and f.enabled)))


def troubles(actor: Actor) -> tuple[FeedView, ...]:
    """The feeds whose last run did not work; none for people with a data scope. Finance."""
    actor.require(Role.FINANCE)
    return () if actor.scope else tuple(f for f in listing(actor) if f.trouble and f.enabled)


def get(actor: Actor, key: str) -> FeedView:
    """One feed. Finance without a data scope. Raises NotFound."""
    _look(actor)
    with reading() as session:
        return _view(_row(session, key))


def add(actor: Actor, desk: Desk, key: str, plan: FeedPlan, *, now: datetime) -> FeedView:
    """The feed runs from now on, for the first time at once. Admin without a data scope.

    Raises Invalid for a statement that does more than read, a schedule nobody can read or a mode without its key;
    Conflict when the key is taken or the dataset is read from a warehouse; NotFound for an unknown connection.
    """
    _govern(actor)
    if not _KEY.fullmatch(key or ""):
        raise Invalid("The name of a feed is a word of small letters, digits and underscores.")
    with writing() as session:
        if session.scalar(select(FeedRow.id).where(FeedRow.key == key)):
            raise Conflict(f"There is a feed {key!r} already.")
        row = FeedRow(key=key, created_at=now, created_by=actor.email, enabled=True, next_at=now, said="", trouble="",
                      failures=0)
        _put(session, row, plan)
        session.add(row)
        session.flush()
        auditing.record(actor, "feed.add", key, after=_told(row), now=now)
        return _view(row)


def change(actor: Actor, desk: Desk, key: str, plan: FeedPlan, *, now: datetime) -> FeedView:
    """The feed does this from its next run on; its trouble is forgotten. Admin. Raises as `add`."""
    _govern(actor)
    with writing() as session:
        row = _row(session, key)
        before = _told(row)
        _put(session, row, plan)
        row.trouble, row.failures = "", 0
        row.next_at = next_run(schedule_of(row.schedule), now, desk.organisation.timezone) if row.enabled else None
        session.flush()
        auditing.record(actor, "feed.change", key, before=before, after=_told(row), now=now)
        return _view(row)


def pause(actor: Actor, desk: Desk, key: str, *, now: datetime) -> FeedView:
    """The feed does not run by itself until it is resumed. Admin."""
    return _toggle(actor, desk, key, enabled=False, now=now)


def resume(actor: Actor, desk: Desk, key: str, *, now: datetime) -> FeedView:
    """The feed runs by its schedule again. Admin."""
    return _toggle(actor, desk, key, enabled=True, now=now)


def remove(actor: Actor, desk: Desk, key: str, *, now: datetime) -> None:
    """The feed is gone; what it brought stays. Admin."""
    _govern(actor)
    with writing() as session:
        row = _row(session, key)
        auditing.record(actor, "feed.remove", key, before=_told(row), now=now)
        session.delete(row)


def run(actor: Actor, desk: Desk, key: str, *, now: datetime) -> str:
    """The feed runs now, paused or not; returns the job's id. Finance without a data scope."""
    actor.require(Role.FINANCE, token="ingest")
    _refuse_scoped(actor)
    with writing() as session:
        _row(session, key)
        auditing.record(actor, "feed.run", key, now=now)
        return _enqueue(session, key, now, actor.id, asked=True)


def sample(actor: Actor, desk: Desk, connection: str, sql: str) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    """Names and the first rows of what a statement gives, to look at before a feed is made of it. Admin.

    Raises Invalid, and what the warehouse says (Refused, Unreachable).
    """
    _govern(actor)
    wanted = _selecting(connection, sql)
    found = connecting.line(desk, connection).fetch(
        f"SELECT * FROM ({wanted}\n) AS rows_of_the_feed LIMIT {SAMPLE_ROWS}",  # noqa: S608 - one SELECT, vetted
        timeout=SAMPLE_TIMEOUT, most=SAMPLE_ROWS)
    return tuple(found), tuple(zip(*found.values(), strict=True))


def queue_due(desk: Desk, *, now: datetime) -> int:
    """Queue a run of every feed whose time has come; how many."""
    due = select(FeedRow).where(FeedRow.enabled, FeedRow.next_at <= now).order_by(FeedRow.key)
    with reading() as session:
        if session.scalar(due.with_only_columns(FeedRow.id).limit(1)) is None:
            return 0
    with writing() as session:
        rows = session.scalars(due).all()
        for row in rows:
            _enqueue(session, row.key, now, None, asked=False)
            row.next_at = next_run(schedule_of(row.schedule), now, desk.organisation.timezone, row.failures)
        return len(rows)


def pause_those_into(session: scoped_session[OrmSession], actor: Actor, dataset: str, *, now: datetime) -> None:
    """A dataset is being deleted: no feed makes it anew. Inside the caller's transaction."""
    for row in session.scalars(select(FeedRow).where(FeedRow.dataset_key == dataset, FeedRow.enabled)).all():
        row.enabled, row.next_at = False, None
        row.trouble = f"It was paused when the dataset {dataset} was deleted."
        auditing.record(actor, "feed.pause", row.key, after={"dataset deleted": dataset}, now=now)


def _look(actor: Actor) -> None:
    actor.require(Role.FINANCE)
    _refuse_scoped(actor)


def _govern(actor: Actor) -> None:
    actor.require(Role.ADMIN, token="ingest")
    _refuse_scoped(actor)


def _refuse_scoped(actor: Actor) -> None:
    if actor.scope:
        raise Forbidden(SCOPED)


def _toggle(actor: Actor, desk: Desk, key: str, *, enabled: bool, now: datetime) -> FeedView:
    _govern(actor)
    with writing() as session:
        row = _row(session, key)
        if row.enabled == enabled:
            return _view(row)
        row.enabled, row.failures = enabled, 0
        row.trouble = row.trouble if not enabled else ""
        row.next_at = next_run(schedule_of(row.schedule), now, desk.organisation.timezone) if enabled else None
        auditing.record(actor, "feed.resume" if enabled else "feed.pause", key, now=now)
        session.flush()
        return _view(row)


def _put(session: scoped_session[OrmSession], row: FeedRow, plan: FeedPlan) -> None:
    """Everything that is said of the feed, after it was looked at. Raises Invalid, NotFound, Conflict."""
    owner = session.scalar(select(ConnectionRow).where(ConnectionRow.key == plan.connection))
    if owner is None:
        raise NotFound(f"There is no connection {str(plan.connection)[:80]!r}.")
    if plan.mode not in MODES:
        raise Invalid(f"The mode is one of {', '.join(MODES)}.")
    keys = [k for k in (str(k).strip() for k in plan.key_columns) if k]
    if plan.mode == "upsert" and not keys:
        raise Invalid("The mode upsert needs the key: the columns that identify a row.")
    if not _KEY.fullmatch(plan.dataset or "") or "__" in plan.dataset:
        raise Invalid("A dataset key is a word of small letters, digits and underscores.")
    known = load_scene().datasets.get(plan.dataset)
    if known is not None and known.place is not None:
        raise Conflict(f"{plan.dataset} is read from a warehouse; rows go to a dataset of another name.")
    mapping = mapping_from_json(dict(plan.mapping or {})).to_json()
    row.connection_id, row.connection, row.dataset_key = owner.id, owner, plan.dataset
    row.sql, row.schedule = _selecting_by(owner.engine, plan.sql), str(schedule_of(plan.schedule))
    row.mode, row.key_columns, row.mapping = plan.mode, keys, mapping


def _selecting(connection: str, sql: str) -> str:
    with reading() as session:
        engine = session.scalar(select(ConnectionRow.engine).where(ConnectionRow.key == connection))
    if engine is None:
        raise NotFound(f"There is no connection {str(connection)[:80]!r}.")
    return _selecting_by(engine, sql)


def _selecting_by(engine: str, sql: str) -> str:
    from dashapp.query.reading import selecting

    return selecting(sql, engine)


def _enqueue(session: scoped_session[OrmSession], key: str, now: datetime, user: str | None, *, asked: bool) -> str:
    return working.enqueue(session, FETCH_JOB, {"feed": key, "asked": asked}, now=now, user_id=user,
                           coalesce=f"feed:{key}")


def _row(session: scoped_session[OrmSession], key: str) -> FeedRow:
    row = session.scalar(select(FeedRow).where(FeedRow.key == key))
    if row is None:
        raise NotFound(f"There is no feed {str(key)[:80]!r}.")
    return row


def _told(row: FeedRow) -> dict[str, Any]:
    """What the trail says of a feed."""
    return {"connection": row.connection.key, "dataset": row.dataset_key, "sql": row.sql, "schedule": row.schedule,
            "mode": row.mode, "key": list(row.key_columns)}


def _view(row: FeedRow) -> FeedView:
    job = working.latest((f"feed:{row.key}", f"feed-bring:{row.key}"))
    trouble = row.trouble
    if job is not None and job.state == "failed" and (row.ran_at is None or job.created_at > row.ran_at):
        trouble = job.error or trouble  # it ended in a way that it could not note itself
    return FeedView(
        row.key, row.connection.key, row.dataset_key, row.sql, schedule_of(row.schedule), row.mode,
        tuple(row.key_columns), dict(row.mapping or {}), row.enabled, row.created_at, row.created_by, row.next_at,
        row.ran_at, row.worked_at, row.upload_id, row.said, trouble, row.failures,
        job is not None and not job.is_over)
