"""Undo and redo of an upload: dated events, never deletions, so that the past keeps what it showed."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.closing import Touched, reason_of, refuse_unreasoned
from dashapp.core.errors import Conflict, Unavailable
from dashapp.core.failpoint import failpoint
from dashapp.core.space import SpaceNeeded
from dashapp.services import auditing, closing, serving, uploads
from dashapp.services.desk import Desk
from dashapp.services.receiving import refuse_same_bytes
from dashapp.services.scene import load_scene
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import reading, writing
from dashapp.services.uploads import UploadView, view
from models import DatasetRow, Upload, VintageEvent

TRIES = 20  # looks at what a toggle does while others keep changing the dataset


def undo(actor: Actor, desk: Desk, upload: str, *, now: datetime, reason: str = "") -> UploadView:
    """The upload's rows are not counted from now on, as if it never came; the past still shows them. Finance.

    reason: kept in the trail; Invalid where rows of closed periods change and nobody says why.
    """
    return _toggle(actor, desk, upload, live=False, now=now, reason=reason)


def redo(actor: Actor, desk: Desk, upload: str, *, now: datetime, reason: str = "") -> UploadView:
    """An undone upload counts again, in its old place in the order of commits. Finance. reason: as for `undo`."""
    return _toggle(actor, desk, upload, live=True, now=now, reason=reason)


def rehearse(actor: Actor, desk: Desk, upload: str, *, now: datetime) -> Touched:
    """What the undo of a committed upload, or the redo of an undone one, would do to closed periods. Finance."""
    actor.require(Role.FINANCE)
    with reading() as session:
        row = uploads.load(session, actor, upload)
        key, live = row.dataset_key, row.state == "undone"
        if row.state not in ("committed", "undone"):
            raise Conflict(f"This upload is {row.state}; there is nothing to undo.")
    return closing.touched_by_toggle(actor, desk, load_scene(), key, upload, live=live, now=now)


@SpaceNeeded()
def _toggle(actor: Actor, desk: Desk, upload: str, *, live: bool, now: datetime, reason: str) -> UploadView:
    actor.require(Role.FINANCE, token="ingest")
    said = reason_of(reason)
    for _ in range(TRIES):
        with reading() as session:
            key = _ready(session, actor, upload, live).dataset_key
        scene = load_scene()  # rows are compared outside of the transaction, which holds if nothing moved meanwhile
        touched = closing.touched_by_toggle(actor, desk, scene, key, upload, live=live, now=now)
        refuse_unreasoned(touched, said)
        with writing() as session:
            take_turn(session, CHANGES)
            row = _ready(session, actor, upload, live)
            there = session.scalar(select(DatasetRow.version).where(DatasetRow.key == key))
            if there == scene.datasets[key].version and closing.is_current(session, actor, key, load_scene(), touched):
                noted = closing.record(session, actor, row, "redo" if live else "undo", touched, said, now)
                record(session, actor, row, live=live, now=now, noted={**({"reason": said} if said else {}), **noted})
                failpoint("revert.recorded")
                return view(row)
    raise Unavailable("Others keep changing this dataset. Try again in a moment.")


def _ready(session: scoped_session[OrmSession], actor: Actor, upload: str, live: bool) -> Upload:
    """The upload, in the state that can be toggled. Raises NotFound, Conflict."""
    wanted, word = ("undone", "redo") if live else ("committed", "undo")
    row = uploads.load(session, actor, upload)
    if row.state != wanted:
        raise Conflict(f"This upload is {row.state}; there is nothing to {word}.")
    if live:
        was = row.mapping or {}
        refuse_same_bytes(session, row.dataset_key, row.source_sha256, upload, was.get("sheet"), table=was.get("table"),
                          corrections=was.get("corrections", ()))
    return row


def record(session: scoped_session[OrmSession], actor: Actor, row: Upload, *, live: bool, now: datetime,
           noted: dict[str, Any] | None = None) -> None:
    """The dated event in the caller's transaction, which has taken its turn: the upload counts (`live`) or not.

    noted: what else the line of the trail says.
    """
    dataset = session.scalar(select(DatasetRow).where(DatasetRow.key == row.dataset_key))
    if dataset is None:
        raise Conflict("The dataset of this upload is gone.")
    at = max([now, *(e.at for e in row.events), row.committed_at or now])
    session.add(VintageEvent(upload_id=row.id, number=len(row.events) + 1, at=at, live=live, user_email=actor.email))
    before, row.state = row.state, "committed" if live else "undone"
    dataset.version += 1
    serving.queue(session, dataset.key, now=now)
    auditing.record(actor, f"upload.{'redo' if live else 'undo'}", row.id, now=now, before={"state": before},
                    after={"state": row.state, "dataset": dataset.key, "version": dataset.version, **(noted or {})})
    session.flush()
    session.expire(row, ["events"])
