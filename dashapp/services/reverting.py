"""Undo and redo of an upload: dated events, never deletions, so that the past keeps what it showed."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import Conflict
from dashapp.services import auditing, serving, uploads
from dashapp.services.desk import Desk
from dashapp.services.receiving import refuse_same_bytes
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import writing
from dashapp.services.uploads import UploadView, view
from models import DatasetRow, Upload, VintageEvent


def undo(actor: Actor, desk: Desk, upload: str, *, now: datetime) -> UploadView:
    """The upload's rows are not counted from now on, as if it never came; the past still shows them. Finance."""
    return _toggle(actor, desk, upload, live=False, now=now)


def redo(actor: Actor, desk: Desk, upload: str, *, now: datetime) -> UploadView:
    """An undone upload counts again, in its old place in the order of commits. Finance."""
    return _toggle(actor, desk, upload, live=True, now=now)


def _toggle(actor: Actor, desk: Desk, upload: str, *, live: bool, now: datetime) -> UploadView:
    actor.require(Role.FINANCE, token="ingest")
    wanted, word = ("undone", "redo") if live else ("committed", "undo")
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        if row.state != wanted:
            raise Conflict(f"This upload is {row.state}; there is nothing to {word}.")
        if live:
            was = row.mapping or {}
            refuse_same_bytes(session, row.dataset_key, row.source_sha256, upload, was.get("sheet"),
                              table=was.get("table"), corrections=was.get("corrections", ()))
        record(session, actor, row, live=live, now=now)
        return view(row)


def record(session: scoped_session[OrmSession], actor: Actor, row: Upload, *, live: bool, now: datetime) -> None:
    """The dated event in the caller's transaction, which has taken its turn: the upload counts (`live`) or not."""
    dataset = session.scalar(select(DatasetRow).where(DatasetRow.key == row.dataset_key))
    if dataset is None:
        raise Conflict("The dataset of this upload is gone.")
    at = max([now, *(e.at for e in row.events), row.committed_at or now])
    session.add(VintageEvent(upload_id=row.id, number=len(row.events) + 1, at=at, live=live, user_email=actor.email))
    before, row.state = row.state, "committed" if live else "undone"
    dataset.version += 1
    serving.queue(session, dataset.key, now=now)
    auditing.record(actor, f"upload.{'redo' if live else 'undo'}", row.id, now=now, before={"state": before},
                    after={"state": row.state, "dataset": dataset.key, "version": dataset.version})
    session.flush()
    session.expire(row, ["events"])
