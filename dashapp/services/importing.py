"""The commit of an upload: one rename, one transaction."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.closing import reason_of, refuse_unreasoned, touched_from_json
from dashapp.core.errors import Conflict, Invalid, NotFound, Unavailable
from dashapp.core.failpoint import failpoint
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.core.profile import with_answers
from dashapp.services import auditing, closing, defining, profiling, serving, uploads
from dashapp.services.checking import OPEN, DryRun, Progress, dry_run, staged, staged_name
from dashapp.services.deciding import refuse_multiplying
from dashapp.services.desk import Desk
from dashapp.services.offering import shape_of, staged_readings
from dashapp.services.persisted import add_columns, dataset_of
from dashapp.services.receiving import refuse_demo_key, refuse_same_bytes
from dashapp.services.scene import Scene, load_scene
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import full_disk, reading, writing
from dashapp.services.uploads import UploadView, view
from models import DatasetRow, Upload

TRIES = 20  # checks of one file while others keep committing into its dataset


class Stale(Conflict):
    """The preview that a commit binds to does not hold any more. Who has seen it must look again."""


def commit(actor: Actor, desk: Desk, upload: str, digest: str, *, now: datetime, adopt: tuple[str, ...] | None = None,
           progress: Progress | None = None, reason: str = "") -> UploadView:
    """The upload's rows are part of the dataset, for everyone, from now on; a serving build is queued.

    Finance. The commit binds to the preview `digest`: Conflict when another one was made since, or when the dataset
    moved on (a new dry run is needed). Killed at any moment, either nothing or all of it is there; called again after
    it was done, it answers with what is there. reason: why rows of closed periods change; Invalid where they do and
    nobody says why.
    """
    actor.require(Role.FINANCE, token="ingest")
    tell = progress or (lambda share, step: None)
    with reading() as session:
        row = uploads.load(session, actor, upload)
        if row.state == "committed" and row.digest == digest:
            return view(row)
        refuse_unbound(actor, row, digest)
        refuse_demo_key(session, actor, row.dataset_key)
        found = view(row)
    key, result, said = found.dataset, found.result or {}, reason_of(reason)
    refuse_unreasoned(touched_from_json(result.get("closed")), said)
    if result.get("effect", {}).get("outside_scope"):
        raise Invalid("The file holds rows outside your data scope. Nothing was stored.")
    tell(0.2, "sealing")
    if not staged(desk, key, upload, digest).exists():
        # A crash came after the rename: convert again, which must lead to the same preview.
        dry_run(actor, desk, upload, mapping_from_json(result["mapping"]), now=now)
    readings = staged_readings(desk, shape_of(key, result), found, result) if not result["base_version"] else None
    filename, sha256, rows = sealed(desk, found, digest)
    failpoint("import.sealed")
    tell(0.6, "committing")
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        if row.state == "committed":
            return view(row)
        refuse_unbound(actor, row, digest)
        done = record(session, actor, desk, row, (filename, sha256, rows), load_scene(), now=now, adopt=adopt,
                      readings=readings, reason=said)
    failpoint("import.committed")
    return done


def record(session: scoped_session[OrmSession], actor: Actor, desk: Desk, row: Upload, file: tuple[str, str, int],
           scene: Scene, *, now: datetime, adopt: tuple[str, ...] | None = None,
           readings: dict[str, tuple[str, ...]] | None = None, reason: str = "",
           build_at: datetime | None = None) -> UploadView:
    """The commit of a checked upload inside the caller's transaction, which holds the turn of all changes.

    file: its rows, sealed under their final name. scene: for what is closed. build_at: when the serving file may be
    built at the earliest. Raises Stale where the preview does not hold any more, Conflict where the rows are there.
    """
    key, result = row.dataset_key, row.result or {}
    late = touched_from_json(result.get("closed"))
    refuse_demo_key(session, actor, key)
    refuse_same_bytes(session, key, row.source_sha256, row.id, result["mapping"].get("sheet"),
                      table=result["mapping"].get("table"), corrections=result["mapping"].get("corrections", ()))
    if not closing.is_current(session, actor, key, scene, late):
        raise Stale("Periods were closed or opened since this preview. Check the file again before you commit.")
    dataset = _dataset_row(session, actor, row, result, now)
    _write(session, actor, desk, row, dataset, result, file, now)
    failpoint("import.recorded")
    adopted = defining.adopt(actor, dataset_of(dataset), adopt, now=now, readings=readings)
    if adopted:
        defined = defining.current(session)
        row.result = {**result, "kpis": {key: defined[key].formula for key in adopted}}
    serving.queue(session, key, now=build_at or now)
    noted = closing.record(session, actor, row, "upload", late, reason, now)
    auditing.record(actor, "upload.commit", row.id, now=now,
                    after={"dataset": key, "version": dataset.version, "rows": file[2], "sha256": file[1],
                           "mode": row.mode, "quarantined": row.quarantined, **noted})
    session.flush()
    return view(row)


def ingest(actor: Actor, desk: Desk, upload: str, mapping: Mapping | None = None, *, now: datetime,
           progress: Progress | None = None, leaves: str = "inspected", reason: str = "") -> UploadView:
    """Dry run and commit in one go, for programs. Raises Invalid with what must be decided first.

    leaves: the upload's state between the two; a job leaves it `queued`, so that nobody takes it for open.
    """
    tell = progress or (lambda share, step: None)
    checked = dry_run(actor, desk, upload, mapping, now=now, leaves=leaves, ahead=False,
                      progress=lambda share, step: tell(0.8 * share, step))
    refuse_open_decisions(checked, reason)
    return commit_unseen(actor, desk, checked, mapping, now=now, leaves=leaves, reason=reason,
                         progress=lambda share, step: tell(0.8 + 0.2 * share, step))


def commit_unseen(actor: Actor, desk: Desk, checked: DryRun, mapping: Mapping | None = None, *, now: datetime,
                  leaves: str = "inspected", reason: str = "", progress: Progress | None = None) -> UploadView:
    """The commit of a check that nobody looked at: when the dataset moved on meanwhile, the file is checked anew.

    `mapping` as the caller gave it, not as the former check completed it: what is known now completes it. Raises what
    `commit` does, Invalid when the new check leaves something open, Unavailable when others never let it through.
    """
    actor.require(Role.FINANCE, token="ingest")
    for _ in range(TRIES):
        try:
            return commit(actor, desk, checked.upload, checked.digest, now=now, reason=reason, progress=progress)
        except Stale:
            checked = dry_run(actor, desk, checked.upload, mapping, now=now, leaves=leaves, ahead=False)
            refuse_open_decisions(checked, reason)
    raise Unavailable("Others keep changing this dataset. Try again in a moment.")


def refuse_open_decisions(checked: DryRun, reason: str = "") -> None:
    """Raise Invalid when something must be decided first, no row can be used, or closed periods would change without a
    reason."""
    if checked.needs:
        raise Invalid(" ".join(checked.needs))
    if checked.accepted == 0:
        raise Invalid(f"None of the {checked.rows} rows can be used. Nothing was stored.")
    refuse_unreasoned(checked.closed, reason_of(reason))


def refuse_for_a_person(actor: Actor, desk: Desk, checked: DryRun, mapping: Mapping | None, *, now: datetime) -> None:
    """As `refuse_open_decisions`, where somebody decides it later on the screen: what they shall see is worked out."""
    try:
        refuse_open_decisions(checked)
    except Invalid:
        dry_run(actor, desk, checked.upload, mapping, now=now)
        raise


def sealed(desk: Desk, upload: UploadView, digest: str) -> tuple[str, str, int]:
    """The staged rows of exactly this preview under their final name. Raises Conflict when another commit, a refusal
    or a newer preview took them away meanwhile."""
    try:
        return desk.ledger.seal(upload.dataset, staged_name(upload.id, digest))
    except (NotFound, FileNotFoundError) as error:
        raise Stale("The preview you saw is not the newest one. Check the file again before you commit.") from error
    except OSError as error:
        raise full_disk(error) from error


def refuse_unbound(actor: Actor, row: Upload, digest: str) -> None:
    """Raise Conflict unless the upload is open and `digest` its newest preview, made for this actor's scope; Invalid
    when something is undecided or no row can be used."""
    if row.state not in OPEN:
        raise Conflict(f"This upload is {row.state}.", upload=row.id)
    result = row.result or {}
    if row.digest is None or row.digest != digest:
        raise Stale("The preview you saw is not the newest one. Check the file again before you commit.")
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
        raise Stale("The dataset changed since this preview. Check the file again to see what a commit does now.")
    if dataset is not None and dataset.placed is not None:
        raise Conflict(f"{dataset.key} is read from a warehouse now; files go to a dataset of another name.")
    if dataset is None:
        dataset = DatasetRow(key=row.dataset_key, name=row.dataset_key, created_at=now, version=0, served_version=0,
                             last_commit=0, columns=[])
        session.add(dataset)
        auditing.record(actor, "dataset.create", row.dataset_key, now=now)
    known = dataset_of(dataset) if dataset.version else None
    shape = shape_of(row.dataset_key, result, known)
    there = session.scalars(select(DatasetRow).where(DatasetRow.version > 0)).all()
    refuse_multiplying(shape, {r.key: dataset_of(r) for r in there})  # a key may have changed since the preview
    dataset.name = dataset.name if known else shape.name
    dataset.kind, dataset.grain, dataset.marks = shape.kind, shape.grain.value, shape.marks
    dataset.key_columns, dataset.mode = list(shape.key_columns), shape.mode
    dataset.slice_columns, dataset.joins = list(shape.slice_columns), dict(shape.joins)
    read = replace(mapping_from_json(result["mapping"]), corrections=())
    dataset.mapping = with_answers(read, mapping_from_json(dataset.mapping or {})).to_json()
    add_columns(dataset, shape.columns)
    session.flush()
    profiling.keep(session, dataset, result["mapping"], row.source_name, now)
    return dataset


def _write(session: scoped_session[OrmSession], actor: Actor, desk: Desk, row: Upload, dataset: DatasetRow,
           result: dict[str, Any], file: tuple[str, str, int], now: datetime) -> None:
    """The commit point: the next commit number, a commit time that never runs backwards, the sealed file's name."""
    last = session.scalar(select(Upload.committed_at).where(Upload.dataset_key == row.dataset_key,
                                                            Upload.commit == dataset.last_commit))
    dataset.last_commit += 1
    dataset.version += 1
    session.flush()
    row.dataset_id, row.commit, row.state = dataset.id, dataset.last_commit, "committed"
    row.committed_at = max(now, last) if last else now
    row.filename, row.sha256, row.rows = file
    row.mode, row.key_columns, row.error = result["mode"], list(result["key"]), None
    declared = result["mapping"].get("data_through")
    row.data_through = date.fromisoformat(declared) if declared else None
    row.replaced = result["effect"].get("replaced") if row.mode == "replace-period" else None


