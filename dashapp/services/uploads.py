"""Uploads as people see them: what arrived, in which state it is, and what came of it."""
from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import NotFound
from dashapp.core.history import TELLING
from dashapp.core.upload import UploadView
from dashapp.services.desk import Desk
from dashapp.services.unit import reading
from models import AuditLine, Upload

__all__ = ["UploadView", "count", "events", "issues_for", "listing", "load", "may_read", "original", "quarantine",
           "refused", "status", "view"]
LONGEST = 2**24  # characters of one cell of a refused row


def view(row: Upload) -> UploadView:
    live = row.state == "committed"
    return UploadView(
        row.id, row.dataset_key, row.state, row.source_name, row.source_sha256, row.source_bytes, row.received_at,
        row.user_email, row.via, row.rows, row.quarantined, row.mode, row.first, row.last, row.commit,
        row.committed_at, live, row.error, dict(row.mapping or {}), row.inspection, row.result, row.digest,
    )


def status(actor: Actor, desk: Desk, upload: str) -> UploadView:
    """One upload. Finance sees all within reach; a scoped actor only their own, a token without `read` only those it
    brought itself. Raises NotFound."""
    actor.require(Role.FINANCE, token="read" if may_read(actor) else "ingest")
    with reading() as session:
        found = view(load(session, actor, upload))
    if not may_read(actor) and found.result:
        kept = issues_for(actor, found.result.get("issues", ()))
        return replace(found, result={**found.result, "issues": list(kept)})
    return found


def listing(actor: Actor, desk: Desk, dataset: str | None = None, *, state: str | None = None, text: str = "",
            limit: int = 50, offset: int = 0) -> tuple[UploadView, ...]:
    """Uploads, newest first. text: a part of the file's name or of the e-mail of who brought it. Finance."""
    actor.require(Role.FINANCE)
    limit, offset = max(1, min(limit, 500)), max(0, offset)
    query = select(Upload).where(*_wanted(actor, dataset, state, text)).order_by(Upload.received_at.desc(), Upload.id)
    with reading() as session:
        return tuple(view(r) for r in session.scalars(query.limit(limit).offset(offset)).all())


def count(actor: Actor, dataset: str | None = None, *, state: str | None = None, text: str = "") -> int:
    """How many uploads `listing` has. Finance."""
    actor.require(Role.FINANCE)
    with reading() as session:
        return session.scalar(select(func.count(Upload.id)).where(*_wanted(actor, dataset, state, text))) or 0


def _wanted(actor: Actor, dataset: str | None, state: str | None, text: str) -> list[Any]:
    wanted = [_within(actor)]
    wanted += [Upload.dataset_key == dataset] if dataset else []
    wanted += [Upload.state == state] if state else []
    if text:
        wanted.append(or_(*(func.lower(column).contains(text.lower(), autoescape=True)
                            for column in (Upload.source_name, Upload.user_email))))
    return wanted


def brought_since(actor: Actor, dataset: str, digest: str, since: datetime) -> UploadView | None:
    """The actor's own upload of these very bytes (sha256) that was received then or later and committed, whether or
    not it was undone after; None where there is none. Finance."""
    actor.require(Role.FINANCE, token="ingest")
    with reading() as session:
        row = session.scalar(select(Upload).where(
            _within(actor), Upload.user_id == actor.id, Upload.dataset_key == dataset, Upload.source_sha256 == digest,
            Upload.received_at >= since, Upload.commit.is_not(None)).order_by(Upload.commit))
        return view(row) if row else None


def events(actor: Actor, desk: Desk, upload: str) -> tuple[tuple[datetime, bool, str, str], ...]:
    """The undos (False) and redos (True) of an upload with who did them and why, oldest first. Finance."""
    actor.require(Role.FINANCE)
    with reading() as session:
        found = load(session, actor, upload).events
        lines = session.scalars(select(AuditLine.after).where(
            AuditLine.subject == upload, AuditLine.action.in_(("upload.undo", "upload.redo")))
            .order_by(AuditLine.number)).all()
        reasons = [str((line or {}).get("reason") or "") for line in lines]
        reasons = reasons if len(reasons) == len(found) else [""] * len(found)
        return tuple((e.at, e.live, e.user_email, why) for e, why in zip(found, reasons, strict=True))


def original(actor: Actor, desk: Desk, upload: str) -> tuple[Path, str]:
    """Path and name of the file as it arrived. Finance. Raises NotFound."""
    found = status(actor, desk, upload)
    path = desk.originals / found.id
    if not path.is_file():
        raise NotFound("The original file is not kept any more.")
    return path, found.source_name


def quarantine(actor: Actor, desk: Desk, upload: str) -> tuple[Path, str]:
    """Path and name of the CSV with refused rows and reasons. Finance. Raises NotFound when nothing was refused."""
    found = status(actor, desk, upload)
    path = desk.quarantine / f"{found.id}.csv"
    if not path.is_file():
        raise NotFound("No row of this upload was refused.")
    return path, f"{Path(found.source_name).stem[:80]}-refused.csv"


def refused(actor: Actor, desk: Desk, upload: str, *, limit: int = 100,
            offset: int = 0) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """(columns, rows) of the refused rows, in the order of the file: row, cells, reason, then the file's own columns.

    Texts are cut to 300 characters. Finance. Raises NotFound when nothing was refused.
    """
    path, _ = quarantine(actor, desk, upload)
    csv.field_size_limit(LONGEST)
    with path.open(encoding="utf-8", newline="") as stream:
        lines = csv.reader(stream)
        head = tuple(next(lines, ()))
        rows = islice(lines, max(0, offset), max(0, offset) + max(0, min(limit, 500)))
        return head, tuple(tuple(cell[:300] for cell in row) for row in rows)


def load(session: scoped_session[OrmSession], actor: Actor, upload: str) -> Upload:
    row = session.scalar(select(Upload).where(Upload.id == upload, _within(actor)))
    if row is None:
        raise NotFound("There is no such upload.")
    return row


def issues_for(actor: Actor, issues: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The issues that the actor may read: without `read` only those that the file alone gives."""
    return tuple(i for i in issues if may_read(actor) or i["code"] not in TELLING)


def may_read(actor: Actor) -> bool:
    """May the actor look at what is there? A token that only brings data in may not; it follows its own uploads."""
    return actor.token_scopes is None or "read" in actor.token_scopes


def _within(actor: Actor) -> Any:
    """People with a data scope see what they brought themselves: a whole file may hold other regions. A token without
    `read` sees what the trail says that this very token brought, not what its owner brought otherwise."""
    reach = [Upload.user_id == actor.id] if actor.scope else []
    if not may_read(actor):
        reach.append(Upload.id.in_(select(AuditLine.subject).where(
            AuditLine.user_id == actor.id, AuditLine.action == "upload.receive", AuditLine.session == actor.session)))
    return and_(true(), *reach)
