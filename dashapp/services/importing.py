"""The commit of an upload: one rename, one transaction. Also undo and redo, which are dated events, never deletions."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from dashapp.core.failpoint import failpoint
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.services import auditing, datasets, defining, serving, uploads, working
from dashapp.services.acting import acting
from dashapp.services.checking import OPEN, DryRun, Progress, dry_run, shaped, staged, staged_name
from dashapp.services.desk import Desk
from dashapp.services.moving import scene_after
from dashapp.services.persisted import add_columns, dataset_of
from dashapp.services.readings import reading_names
from dashapp.services.receiving import refuse_same_bytes
from dashapp.services.scene import load_scene
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import full_disk, reading, writing
from dashapp.services.uploads import UploadView, view
from models import DatasetRow, Upload, VintageEvent

CHECK_JOB, COMMIT_JOB = "import.check", "import.commit"


def queue_check(actor: Actor, desk: Desk, upload: str, mapping: Mapping, *, now: datetime) -> str:
    """A dry run is queued; returns the job's id. Its result is read from the upload. Finance."""
    actor.require(Role.FINANCE, token="ingest")
    with writing() as session:
        uploads.load(session, actor, upload)
        args = {"upload": upload, "mapping": mapping.to_json()}
        return working.enqueue(session, CHECK_JOB, args, user_id=actor.id, now=now, coalesce=f"check:{upload}")


def queue_ingest(actor: Actor, desk: Desk, upload: str, mapping: Mapping, *, now: datetime) -> str:
    """Dry run and commit in one job, for programs that asked for no preview; returns the job's id. Finance."""
    actor.require(Role.FINANCE, token="ingest")
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        if row.state not in OPEN:
            raise Conflict(f"This upload is {row.state}.", upload=row.id)
        row.state = "queued"
        args = {"upload": upload, "digest": None, "mapping": mapping.to_json()}
        return working.enqueue(session, COMMIT_JOB, args, user_id=actor.id, now=now, coalesce=f"commit:{upload}")


def queue(actor: Actor, desk: Desk, upload: str, digest: str, *, now: datetime,
          adopt: tuple[str, ...] | None = None, without_demo: bool = False) -> str:
    """The commit of exactly the preview `digest` is queued; returns the job's id. Finance. Raises Conflict, Invalid.

    adopt: keys of proposed KPIs to define with a first upload; None takes all. without_demo: the demo company is
    removed first (admins).
    """
    actor.require(Role.ADMIN if without_demo else Role.FINANCE, token="ingest")
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        _bound(actor, row, digest)
        row.state = "queued"
        args = {"upload": upload, "digest": digest, "adopt": None if adopt is None else list(adopt),
                "without_demo": without_demo}
        return working.enqueue(session, COMMIT_JOB, args, user_id=actor.id, now=now, coalesce=f"commit:{upload}")


def job_of(actor: Actor, desk: Desk, upload: str) -> working.JobView | None:
    """The latest job of an upload, so that its progress is found again after the tab was closed. Finance."""
    uploads.status(actor, desk, upload)
    return working.latest((f"check:{upload}", f"commit:{upload}"))


def offers(actor: Actor, desk: Desk, upload: str, *, without_demo: bool = False) -> tuple[defining.KpiView, ...]:
    """KPIs that would be defined with a first upload: those the columns support, then those that lack something."""
    found, scene = uploads.status(actor, desk, upload), load_scene()
    result = found.result or {}
    if found.dataset in scene.datasets or not result.get("columns"):
        return ()
    shape = _shape(found.dataset, result)
    demo = {k for k in scene.kpis if without_demo and defining.is_of_demo(k, scene.kpis, scene.datasets)}
    kpis = {k: v for k, v in scene.kpis.items() if k not in demo}
    return defining.proposals({**scene.datasets, shape.key: shape}, kpis, shape.key,
                              _staged_readings(desk, shape, found, result))


def _shape(key: str, result: dict[str, Any], known: Dataset | None = None) -> Dataset:
    """The dataset as the dry run shaped it."""
    columns = tuple(Column(k, h, RoleOf(r), t, u) for k, h, r, t, u in result["columns"])
    return shaped(known, key, mapping_from_json(result["mapping"]), columns, tuple(result["key"]), result["mode"])


def _staged_readings(desk: Desk, shape: Dataset, upload: UploadView,
                     result: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Names of readings in the staged file and in what is known already."""
    path, scene = staged(desk, shape.key, upload.id, upload.digest or ""), load_scene()
    if not path.exists() or shape.mode is None:
        return reading_names(desk, scene.datasets, scene.vintages)
    replaced = result.get("effect", {}).get("replaced")
    after = scene_after(scene, shape, upload.id, str(path.resolve()), shape.mode, replaced)
    return reading_names(desk, after.datasets, after.vintages)


def has_demo() -> bool:
    """Is the demo company here?"""
    return any(d.is_demo for d in load_scene().datasets.values())


def commit(actor: Actor, desk: Desk, upload: str, digest: str, *, now: datetime, adopt: tuple[str, ...] | None = None,
           progress: Progress | None = None) -> UploadView:
    """The upload's rows are part of the dataset, for everyone, from now on; a serving build is queued.

    Finance. The commit binds to the preview `digest`: Conflict when another one was made since, or when the dataset
    moved on (a new dry run is needed). Killed at any moment, either nothing or all of it is there; called again after
    it was done, it answers with what is there.
    """
    actor.require(Role.FINANCE, token="ingest")
    tell = progress or (lambda share, step: None)
    with reading() as session:
        row = uploads.load(session, actor, upload)
        if row.state == "committed" and row.digest == digest:
            return view(row)
        _bound(actor, row, digest)
        found = view(row)
    key, result = found.dataset, found.result or {}
    if result.get("effect", {}).get("outside_scope"):
        raise Invalid("The file holds rows outside your data scope. Nothing was stored.")
    tell(0.2, "sealing")
    if not staged(desk, key, upload, digest).exists():
        # A crash came after the rename: convert again, which must lead to the same preview.
        dry_run(actor, desk, upload, mapping_from_json(result["mapping"]), now=now)
    readings = _staged_readings(desk, _shape(key, result), found, result)
    filename, sha256, rows = _sealed(desk, found, digest)
    failpoint("import.sealed")
    tell(0.6, "committing")
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        if row.state == "committed":
            return view(row)
        _bound(actor, row, digest)
        refuse_same_bytes(session, key, row.source_sha256, upload)
        dataset = _dataset_row(session, actor, row, result, now)
        _write(session, actor, desk, row, dataset, result, (filename, sha256, rows), now)
        failpoint("import.recorded")
        adopted = defining.adopt(actor, dataset_of(dataset), adopt, now=now, readings=readings)
        defined = defining.current(session)
        row.result = {**(row.result or {}), "kpis": {key: defined[key].formula for key in adopted}}
        serving.queue(session, key, now=now)
        auditing.record(actor, "upload.commit", upload, now=now,
                        after={"dataset": key, "version": dataset.version, "rows": rows, "sha256": sha256,
                               "mode": row.mode, "quarantined": row.quarantined})
        session.flush()
        done = view(row)
    failpoint("import.committed")
    tell(1.0, "committed")
    return done


def undo(actor: Actor, desk: Desk, upload: str, *, now: datetime) -> UploadView:
    """The upload's rows are not counted from now on, as if it never came; the past still shows them. Finance."""
    return _toggle(actor, desk, upload, live=False, now=now)


def redo(actor: Actor, desk: Desk, upload: str, *, now: datetime) -> UploadView:
    """An undone upload counts again, in its old place in the order of commits. Finance."""
    return _toggle(actor, desk, upload, live=True, now=now)


def ingest(actor: Actor, desk: Desk, upload: str, mapping: Any = None, *, now: datetime,
           progress: Progress | None = None) -> UploadView:
    """Dry run and commit in one go, for programs. Raises Invalid with what must be decided first."""
    checked = dry_run(actor, desk, upload, mapping, now=now, progress=progress)
    refuse_open_decisions(checked)
    return commit(actor, desk, upload, checked.digest, now=now)


def refuse_open_decisions(checked: DryRun) -> None:
    """Raise Invalid when something must be decided first, or no row can be used."""
    if checked.needs:
        raise Invalid(" ".join(checked.needs))
    if checked.accepted == 0:
        raise Invalid(f"None of the {checked.rows} rows can be used. Nothing was stored.")


def _sealed(desk: Desk, upload: UploadView, digest: str) -> tuple[str, str, int]:
    """The staged rows of exactly this preview under their final name. Raises Conflict when another commit, a refusal
    or a newer preview took them away meanwhile."""
    try:
        return desk.ledger.seal(upload.dataset, staged_name(upload.id, digest))
    except (NotFound, FileNotFoundError) as error:
        raise Conflict("The preview you saw is not the newest one. Check the file again before you commit.") from error
    except OSError as error:
        raise full_disk(error) from error


def _bound(actor: Actor, row: Upload, digest: str) -> None:
    if row.state not in OPEN:
        raise Conflict(f"This upload is {row.state}.", upload=row.id)
    result = row.result or {}
    if row.digest is None or row.digest != digest:
        raise Conflict("The preview you saw is not the newest one. Check the file again before you commit.")
    if actor.scope and result.get("scope") != [str(w) for w in actor.scope]:
        raise Conflict("This preview was made with another data scope than yours. Check the file again.")
    if result.get("needs"):
        raise Invalid(" ".join(result["needs"]))
    if not result.get("accepted"):
        raise Invalid("No row of this file can be used.")


def _dataset_row(session: scoped_session[OrmSession], actor: Actor, row: Upload, result: dict[str, Any],
                 now: datetime) -> DatasetRow:
    """The dataset of the upload, made if it is new; its version must be the one of the dry run (compare and set)."""
    dataset = session.scalar(select(DatasetRow).where(DatasetRow.key == row.dataset_key))
    if (dataset.version if dataset else 0) != result["base_version"]:
        raise Conflict("The dataset changed since this preview. Check the file again to see what a commit does now.")
    if dataset is not None and dataset.placed is not None:
        raise Conflict(f"{dataset.key} is read from a warehouse now; files go to a dataset of another name.")
    if dataset is None:
        dataset = DatasetRow(key=row.dataset_key, name=row.dataset_key, created_at=now, version=0, served_version=0,
                             last_commit=0, columns=[])
        session.add(dataset)
        auditing.record(actor, "dataset.create", row.dataset_key, now=now)
    known = dataset_of(dataset) if dataset.version else None
    shape = _shape(row.dataset_key, result, known)
    dataset.name = dataset.name if known else shape.name
    dataset.kind, dataset.grain, dataset.marks = shape.kind, shape.grain.value, shape.marks
    dataset.key_columns, dataset.mode = list(shape.key_columns), shape.mode
    dataset.slice_columns, dataset.joins = list(shape.slice_columns), dict(shape.joins)
    dataset.mapping = result["mapping"]
    add_columns(dataset, shape.columns)
    return dataset


def _write(session: scoped_session[OrmSession], actor: Actor, desk: Desk, row: Upload, dataset: DatasetRow,
           result: dict[str, Any], sealed: tuple[str, str, int], now: datetime) -> None:
    """The commit point: the next commit number, a commit time that never runs backwards, the sealed file's name."""
    last = session.scalar(select(Upload.committed_at).where(Upload.dataset_key == row.dataset_key,
                                                            Upload.commit == dataset.last_commit))
    dataset.last_commit += 1
    dataset.version += 1
    session.flush()
    row.dataset_id, row.commit, row.state = dataset.id, dataset.last_commit, "committed"
    row.committed_at = max(now, last) if last else now
    row.filename, row.sha256, row.rows = sealed
    row.mode, row.key_columns, row.error = result["mode"], list(result["key"]), None
    declared = result["mapping"].get("data_through")
    row.data_through = date.fromisoformat(declared) if declared else None
    row.replaced = result["effect"].get("replaced") if row.mode == "replace-period" else None


def _toggle(actor: Actor, desk: Desk, upload: str, *, live: bool, now: datetime) -> UploadView:
    actor.require(Role.FINANCE, token="ingest")
    wanted, word = ("undone", "redo") if live else ("committed", "undo")
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        if row.state != wanted:
            raise Conflict(f"This upload is {row.state}; there is nothing to {word}.")
        if live:
            refuse_same_bytes(session, row.dataset_key, row.source_sha256, upload)
        at = max([now, *(e.at for e in row.events), row.committed_at or now])
        session.add(VintageEvent(upload_id=row.id, number=len(row.events) + 1, at=at, live=live,
                                 user_email=actor.email))
        row.state = "committed" if live else "undone"
        dataset = session.scalar(select(DatasetRow).where(DatasetRow.key == row.dataset_key))
        if dataset is None:
            raise Conflict("The dataset of this upload is gone.")
        dataset.version += 1
        serving.queue(session, dataset.key, now=now)
        auditing.record(actor, f"upload.{word}", upload, now=now, before={"state": wanted},
                        after={"state": row.state, "dataset": dataset.key, "version": dataset.version})
        session.flush()
        session.expire(row, ["events"])
        return view(row)


def run_check(desk: Desk, args: dict[str, Any], user: str | None, *, now: datetime,
              progress: Progress) -> dict[str, Any]:
    """The job of a dry run asked for in the browser; its result stands on the upload."""
    mapping = mapping_from_json(args["mapping"])
    checked = dry_run(acting(user), desk, args["upload"], mapping, now=now, progress=progress)
    return {"upload": checked.upload, "digest": checked.digest}


def run_commit(desk: Desk, args: dict[str, Any], user: str | None, *, now: datetime,
               progress: Progress) -> dict[str, Any]:
    """The job of a commit. What cannot be committed any more stands on the upload as its error."""
    adopted = None if args.get("adopt") is None else tuple(args["adopt"])
    try:
        if args.get("without_demo"):
            _without_demo(acting(user), desk, args["upload"], args["digest"], now)
        if args.get("digest") is None:
            actor, mapping = acting(user), mapping_from_json(args["mapping"])
            done = uploads.status(actor, desk, args["upload"])
            if done.state != "committed":  # else the job was killed between its commit and its end
                done = ingest(actor, desk, args["upload"], mapping, now=now, progress=progress)
        else:
            done = commit(acting(user), desk, args["upload"], args["digest"], now=now, adopt=adopted, progress=progress)
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
        _bound(actor, row, digest)
    if has_demo():
        datasets.remove_demo(actor, desk, now=now)
