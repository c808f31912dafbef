"""Jobs: rows in the state database are the queue.

A job is enqueued in the transaction of its cause, claimed with a lease and a fencing number, and claimed again when
the lease runs out. Whoever holds the current number may write progress and result; a late writer is refused.
"""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import aliased, scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import AppError, Conflict, NotFound
from dashapp.core.job import JobView
from dashapp.services.unit import reading, writing
from models import Job

LEASE = timedelta(seconds=30)
RETRY_AFTER = timedelta(seconds=5)
NOT_DONE = 0.99  # the most that is shown of a job that still runs


class Lost(AppError):
    """The job was claimed by another worker meanwhile: what this one holds is worthless."""

    status = 409
    title = "Job lost"


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed job. `fence` proves the claim; `attempt` counts from 1."""

    id: str
    kind: str
    args: dict[str, Any]
    fence: int
    attempt: int
    user_id: str | None


def enqueue(session: scoped_session[OrmSession], kind: str, args: dict[str, Any], *, now: datetime,
            coalesce: str | None = None, user_id: str | None = None, max_attempts: int = 3,
            run_at: datetime | None = None, lane: str | None = None) -> str:
    """The job exists when the transaction of `session` commits; returns its id. Call inside `writing()`.

    With `coalesce`, a job of that key that is still queued is the answer instead, with the arguments and for the person
    of this call: it will start after this commit and so see what the caller did. One that is running already may have
    missed it, and a new one is queued behind it.
    Jobs of one `lane` are done one at a time, in the order in which they were asked for.
    """
    args = {**args, "lane": lane} if lane else args
    if coalesce and (found := _waiting(session, coalesce)):
        session.execute(update(Job).where(Job.id == found).values(args=args, user_id=user_id))
        return found
    job = Job(kind=kind, args=args, coalesce=coalesce, user_id=user_id, max_attempts=max_attempts, created_at=now,
              run_at=run_at or now)
    session.add(job)
    session.flush()
    return job.id


def claim(worker: str, *, now: datetime, lease: timedelta = LEASE, only: Collection[str] = (),
          but: Collection[str] = ()) -> Claim | None:
    """The next due job, now leased to `worker`; None when nothing is due. A job whose lease ran out is due again.

    only, but: the kinds that are looked at, and those that are left to others. One with no attempt left is failed, one
    that was to be cancelled is cancelled.
    """
    with reading() as session:  # an idle worker looks often and must not hold up writers
        if session.scalar(_due(now, only, but).with_only_columns(Job.id)) is None:
            return None
    with writing() as session:
        while (job := session.scalar(_due(now, only, but))) is not None:
            if job.state == "running" and _is_over(job, now):
                session.flush()
                continue
            job.state, job.worker, job.leased_until = "running", worker, now + lease
            job.fence, job.attempts = job.fence + 1, job.attempts + 1
            job.started_at = job.started_at or now
            return Claim(job.id, job.kind, dict(job.args), job.fence, job.attempts, job.user_id)
        return None


def extend(claim: Claim, *, now: datetime, lease: timedelta = LEASE) -> bool:
    """The lease runs on from now; True when somebody asked to cancel. Raises Lost."""
    with writing() as session:
        _mine(session, claim, leased_until=now + lease)
        return bool(session.scalar(select(Job.cancel_requested).where(Job.id == claim.id)))


def progress(claim: Claim, fraction: float, step: str = "") -> None:
    """Progress stands on the row for everybody to see: it never goes back, and is short of the whole until the job is
    done. Raises Lost."""
    now = min(max(fraction, 0.0), NOT_DONE)
    with writing() as session:
        _mine(session, claim, progress=case((Job.progress > now, Job.progress), else_=now), step=step[:200])


def confirm(session: Any, claim: Claim) -> None:
    """Inside a handler's own transaction: it commits only if the job is still this worker's. Raises Lost."""
    _mine(session, claim, worker=Job.worker)


def finish(claim: Claim, result: dict[str, Any] | None, *, now: datetime) -> None:
    """The job is done, with its result on the row. Raises Lost."""
    with writing() as session:
        _mine(session, claim, state="done", result=result, progress=1.0, finished_at=now, leased_until=None, error=None)


def fail(claim: Claim, error: str, *, now: datetime, retry: bool = False) -> bool:
    """The job failed for good, or waits for another attempt when `retry` and one is left; True then. Raises Lost."""
    with writing() as session:
        job = session.get(Job, claim.id, populate_existing=True)
        again = retry and job is not None and job.attempts < job.max_attempts and not job.cancel_requested
        if again:
            _mine(session, claim, state="queued", error=error, leased_until=None, step="waiting for another attempt",
                  run_at=now + RETRY_AFTER * 4 ** (claim.attempt - 1))
        else:
            _mine(session, claim, state="failed", error=error, leased_until=None, finished_at=now)
        return again


def stopped(claim: Claim, *, now: datetime) -> None:
    """The job ended because somebody cancelled it. Raises Lost."""
    with writing() as session:
        _mine(session, claim, state="cancelled", leased_until=None, finished_at=now)


def release(claim: Claim, *, now: datetime) -> None:
    """A worker that must go gives the job back at once; the attempt does not count. Raises Lost."""
    with writing() as session:
        _mine(session, claim, state="queued", leased_until=None, run_at=now, step="",
              attempts=Job.attempts - 1, fence=Job.fence + 1)


def cancel(actor: Actor, job_id: str, *, now: datetime) -> JobView:
    """A queued job is cancelled; a running one is asked to stop. The job's owner, or an admin. Raises NotFound,
    Conflict when it is over already."""
    from dashapp.services import auditing

    actor.require(Role.EXECUTIVE, token="ingest")
    with writing() as session:
        job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
        if job is None or not _may_see(actor, job):
            raise NotFound("There is no such job.")
        if job.state not in ("queued", "running"):
            raise Conflict("The job is over already.")
        before = {"state": job.state}
        if job.state == "queued":
            job.state, job.finished_at = "cancelled", now
        job.cancel_requested = True
        auditing.record(actor, "job.cancel", f"job:{job.id}", before=before, after={"state": job.state}, now=now)
        return _view(job)


def status(actor: Actor, job_id: str) -> JobView:
    """One job. Its owner, or an admin; NotFound for everybody else."""
    actor.require(Role.EXECUTIVE)
    with reading() as session:
        job = session.get(Job, job_id, populate_existing=True)
        if job is None or not _may_see(actor, job):
            raise NotFound("There is no such job.")
        return _view(job)


def latest(keys: tuple[str, ...]) -> JobView | None:
    """The newest job of these `coalesce` keys; for verbs that have asked permission for what the key names."""
    with reading() as session:
        query = select(Job).where(Job.coalesce.in_(keys)).order_by(Job.created_at.desc(), Job.id).limit(1)
        job = session.scalar(query.execution_options(populate_existing=True))
        return _view(job) if job else None


def listing(actor: Actor, *, limit: int = 50) -> tuple[JobView, ...]:
    """The latest jobs, newest first: an admin sees all, others their own."""
    actor.require(Role.EXECUTIVE)
    with reading() as session:
        query = select(Job).order_by(Job.created_at.desc(), Job.id).limit(min(limit, 500))
        if not actor.may(Role.ADMIN):
            query = query.where(Job.user_id == actor.id)
        return tuple(_view(job) for job in session.scalars(query))


def is_wanted(kinds: Collection[str], *, now: datetime) -> bool:
    """Does somebody wait for a job of these kinds? For long work that can be put aside for a moment."""
    with reading() as session:
        query = select(Job.id).where(Job.kind.in_(kinds), Job.state == "queued", Job.run_at <= now)
        return session.scalar(query.where(Job.user_id.is_not(None)).limit(1)) is not None


def counts() -> dict[str, int]:
    """Jobs by state: what readiness and metrics show."""
    with reading() as session:
        rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
        return {state: int(number) for state, number in rows}


def forget_old(*, now: datetime, keep: timedelta = timedelta(days=30)) -> int:
    """Rows of jobs that ended before `keep` ago are gone; how many."""
    with writing() as session:
        result = session.execute(delete(Job).where(Job.finished_at < now - keep))
        return int(getattr(result, "rowcount", 0))


def _waiting(session: Any, coalesce: str) -> str | None:
    """The queued job of this key, locked: it cannot be claimed before the caller's commit is there for it to see."""
    if session.connection().dialect.name == "postgresql":
        # Two commits that enqueue the same work wait for each other here, or both would add a row.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(coalesce))))
    query = select(Job.id).where(Job.coalesce == coalesce, Job.state == "queued").limit(1).with_for_update()
    found: str | None = session.scalar(query)
    return found


def _due(now: datetime, only: Collection[str] = (), but: Collection[str] = ()) -> Any:
    """The next job to claim. Work of one `coalesce` key never runs twice at a time, not even after a lease ran out;
    in a lane, nothing starts before what was asked for earlier is over."""
    other = aliased(Job)
    same_running = exists().where(other.coalesce == Job.coalesce, other.state == "running", other.id != Job.id)
    earlier = or_(other.created_at < Job.created_at, and_(other.created_at == Job.created_at, other.id < Job.id))
    ahead = exists().where(other.args["lane"].as_string() == Job.args["lane"].as_string(), other.id != Job.id,
                           or_(other.state == "running", and_(other.state == "queued", earlier)))
    fresh = and_(Job.state == "queued", Job.run_at <= now, or_(Job.coalesce.is_(None), ~same_running), ~ahead)
    expired = and_(Job.state == "running", Job.leased_until < now)
    kinds = [*([Job.kind.in_(only)] if only else []), *([Job.kind.not_in(but)] if but else [])]
    return (select(Job).where(or_(fresh, expired), *kinds).order_by(Job.run_at, Job.created_at, Job.id).limit(1)
            .with_for_update(skip_locked=True, of=Job).execution_options(populate_existing=True))


def _is_over(job: Job, now: datetime) -> bool:
    """Close an interrupted job that gets no further attempt. True when it was closed."""
    if job.cancel_requested:
        job.state = "cancelled"
    elif job.attempts >= job.max_attempts:
        job.state = "failed"
        job.error = job.error or f"The work was interrupted {job.attempts} times and is not tried again."
    else:
        return False
    job.fence, job.leased_until, job.finished_at = job.fence + 1, None, now
    return True


def _mine(session: Any, claim: Claim, **values: Any) -> None:
    """Write to the row if the claim still holds."""
    held = (Job.id == claim.id, Job.fence == claim.fence, Job.state == "running")
    result = session.execute(update(Job).where(*held).values(**values).execution_options(synchronize_session=False))
    if result.rowcount != 1:
        raise Lost("Another worker has taken this job.")


def _may_see(actor: Actor, job: Job) -> bool:
    return actor.may(Role.ADMIN) or (job.user_id is not None and job.user_id == actor.id)


def _view(job: Job) -> JobView:
    return JobView(job.id, job.kind, job.state, job.progress, job.step, job.result, job.error, job.attempts,
                   job.created_at, job.started_at, job.finished_at, job.cancel_requested)
