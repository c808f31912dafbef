"""Dry runs and commits as jobs: asked for in one process, done in another, found again by their upload."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.closing import reason_of, refuse_unreasoned, touched_from_json
from dashapp.core.errors import Conflict, Forbidden, Invalid
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.services import advancing, datasets, uploads, working
from dashapp.services.acting import acting
from dashapp.services.checking import OPEN, Progress, dry_run
from dashapp.services.desk import Desk
from dashapp.services.importing import commit, ingest, refuse_unbound
from dashapp.services.offering import has_demo
from dashapp.services.receiving import refuse_demo_key
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import reading, writing
from models import Upload

CHECK_JOB, COMMIT_JOB = "import.check", "import.commit"
JOBS = (CHECK_JOB, COMMIT_JOB)


def queue_check(actor: Actor, desk: Desk, upload: str, mapping: Mapping, *, now: datetime) -> str:
    """A dry run is queued; returns the job's id. Its result is read from the upload. Finance."""
    actor.require(Role.FINANCE, token="ingest")
    with writing() as session:
        uploads.load(session, actor, upload)
        args = {"upload": upload, "mapping": mapping.to_json()}
        return working.enqueue(session, CHECK_JOB, args, user_id=actor.id, now=now, coalesce=f"check:{upload}")


def queue_ingest(actor: Actor, desk: Desk, upload: str, mapping: Mapping, *, now: datetime, reason: str = "") -> str:
    """Dry run and commit in one job, for programs that asked for no preview; returns the job's id. Finance.

    reason: why rows of closed periods change, where they do.
    """
    actor.require(Role.FINANCE, token="ingest")
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        if row.state not in OPEN:
            raise Conflict(f"This upload is {row.state}.", upload=row.id)
        refuse_demo_key(session, actor, row.dataset_key)
        row.state = "queued"
        args = {"upload": upload, "digest": None, "mapping": mapping.to_json(), "reason": reason_of(reason)}
        return _enqueue(session, actor, row, args, now)


def queue(actor: Actor, desk: Desk, upload: str, digest: str, *, now: datetime,
          adopt: tuple[str, ...] | None = None, without_demo: bool = False, reason: str = "") -> str:
    """The commit of exactly the preview `digest` is queued; returns the job's id. Finance. Raises Conflict, Invalid.

    adopt: keys of proposed KPIs to define with a first upload; None takes all. without_demo: the demo company is
    removed first (admins). reason: why rows of closed periods change, where they do.
    """
    actor.require(Role.ADMIN if without_demo else Role.FINANCE, token="ingest")
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        refuse_unbound(actor, row, digest)
        refuse_unreasoned(touched_from_json((row.result or {}).get("closed")), reason_of(reason))
        if not without_demo:
            refuse_demo_key(session, actor, row.dataset_key)
        row.state = "queued"
        args = {"upload": upload, "digest": digest, "adopt": None if adopt is None else list(adopt),
                "without_demo": without_demo, "reason": reason_of(reason)}
        return _enqueue(session, actor, row, args, now)


def _enqueue(session: scoped_session[OrmSession], actor: Actor, row: Upload, args: dict[str, Any],
             now: datetime) -> str:
    """A commit waits for those into the same dataset that were asked for before."""
    return working.enqueue(session, COMMIT_JOB, args, user_id=actor.id, now=now, coalesce=f"commit:{row.id}",
                           lane=f"commit:{row.dataset_key}")


def job_of(actor: Actor, desk: Desk, upload: str) -> working.JobView | None:
    """The latest job of an upload, so that its progress is found again after the tab was closed. Finance."""
    uploads.status(actor, desk, upload)
    return working.latest((f"check:{upload}", f"commit:{upload}"))


def progress_of(actor: Actor, desk: Desk, upload: str) -> tuple[float, str] | None:
    """(share done, words) of whatever is under way for an upload, a job or a first look; None where nothing is. It
    never goes back while the work lasts, and is short of 1 until it is done. Finance."""
    job = job_of(actor, desk, upload)
    if job is not None and not job.is_over:
        return job.progress, job.step or ("waiting for the worker" if job.state == "queued" else "working")
    return advancing.look(desk, upload)


def run_check(desk: Desk, args: dict[str, Any], user: str | None, *, now: datetime,
              progress: Progress) -> dict[str, Any]:
    """The job of a dry run asked for in the browser; its result stands on the upload."""
    mapping = mapping_from_json(args["mapping"])
    checked = dry_run(acting(user), desk, args["upload"], mapping, now=now, progress=progress)
    return {"upload": checked.upload, "digest": checked.digest}


def run_commit(desk: Desk, args: dict[str, Any], user: str | None, *, now: datetime,
               progress: Progress) -> dict[str, Any]:
    """The job of a commit. What cannot be committed any more stands on the upload as its error."""
    adopted, reason = None if args.get("adopt") is None else tuple(args["adopt"]), args.get("reason") or ""
    try:
        if args.get("without_demo"):
            _without_demo(acting(user), desk, args["upload"], args["digest"], now)
        if args.get("digest") is None:
            actor, mapping = acting(user), mapping_from_json(args["mapping"])
            done = uploads.status(actor, desk, args["upload"])
            if done.state != "committed":  # else the job was killed between its commit and its end
                done = ingest(actor, desk, args["upload"], mapping, now=now, progress=progress, leaves="queued",
                              reason=reason)
        else:
            done = commit(acting(user), desk, args["upload"], args["digest"], now=now, adopt=adopted, progress=progress,
                          reason=reason)
    except (Invalid, Conflict, Forbidden) as error:
        with writing() as session:
            take_turn(session, CHANGES)
            row = session.get(Upload, args["upload"])
            if row is not None and row.state in OPEN:
                row.state, row.error = "failed", error.message
        raise
    return {"upload": done.id, "dataset": done.dataset, "rows": done.rows}


def _without_demo(actor: Actor, desk: Desk, upload: str, digest: str, now: datetime) -> None:
    """The demo company goes first, so that its keys are free - not for a commit that is done or refused already."""
    with reading() as session:
        row = uploads.load(session, actor, upload)
        if row.state == "committed":
            return
        refuse_unbound(actor, row, digest)
    if has_demo():
        gone = datasets.remove_demo(actor, desk, now=now)
        with writing() as session:  # the result of the upload says what went with it
            row = uploads.load(session, actor, upload)
            row.result = {**(row.result or {}), "removed": list(gone)}
