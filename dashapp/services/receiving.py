"""A file arrives: streamed to the folder of originals under a random name, hashed, counted against quotas."""
from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import snake_case
from dashapp.core.errors import Conflict, Invalid, TooLarge, TooMany
from dashapp.core.failpoint import failpoint
from dashapp.services import auditing
from dashapp.services.desk import Desk
from dashapp.services.unit import full_disk, reading, writing
from dashapp.services.uploads import UploadView, view
from models import DatasetRow, PlaceRow, Upload, public_id

CHUNK = 1 << 18


def receive(actor: Actor, desk: Desk, stream: BinaryIO, filename: str, dataset: str, *, now: datetime) -> UploadView:
    """The bytes are kept and an upload in state `received` stands for them. Finance.

    Raises Invalid (no dataset key, no bytes), TooLarge, TooMany (daily quota; says what remains), Conflict (the same
    bytes are already live in this dataset; `extra["upload"]` names it), OutOfSpace. Nothing is left behind then.
    """
    actor.require(Role.FINANCE, token="ingest")
    key = _dataset_key(dataset)
    _refuse_connected(key)
    _within_quota(actor, desk, now)
    upload = public_id()
    path = desk.originals / upload
    size, digest = _store(stream, path, desk.max_upload)
    failpoint("import.stored")
    try:
        return _record(actor, desk, upload, key, filename, size, digest, now)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _dataset_key(text: str) -> str:
    key = snake_case(text)
    if not key or len(key) > 63 or key != text.strip() or "__" in key:
        help_ = f" Write {key[:63]!r}." if key and "__" not in key else ""
        raise Invalid(f"A dataset key is a word of small letters, digits and underscores.{help_}")
    return key


def _refuse_connected(key: str) -> None:
    with reading() as session:
        if session.scalar(select(PlaceRow.dataset_id).join(DatasetRow).where(DatasetRow.key == key)):
            raise Conflict(f"{key} is read from a warehouse; files go to a dataset of another name.")


def _within_quota(actor: Actor, desk: Desk, now: datetime) -> None:
    if actor.id is None:
        return
    with reading() as session:
        since = now - timedelta(days=1)
        files, size = session.execute(
            select(func.count(Upload.id), func.coalesce(func.sum(Upload.source_bytes), 0))
            .where(Upload.user_id == actor.id, Upload.received_at > since)
        ).one()
    if files >= desk.daily_files or size >= desk.daily_bytes:
        raise TooMany(f"Your daily quota is used up: {files} of {desk.daily_files} files, "
                      f"{int(size) // 2**20} of {desk.daily_bytes // 2**20} MB.",
                      remaining_files=max(0, desk.daily_files - files), retry_after=3600)


def _store(stream: BinaryIO, path: Path, cap: int) -> tuple[int, str]:
    """Copy at most `cap` bytes, hashing on the way; fsynced, so that a recorded upload has its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as out:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > cap:
                    raise TooLarge(f"The file is larger than {cap // 2**20} MB.")
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if size == 0:
            raise Invalid("The file is empty.")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise full_disk(error) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size, digest.hexdigest()


def _record(actor: Actor, desk: Desk, upload: str, key: str, filename: str, size: int, digest: str,
            now: datetime) -> UploadView:
    with writing() as session:
        refuse_same_bytes(session, key, digest, upload)
        row = Upload(id=upload, dataset_key=key, user_id=actor.id, user_email=actor.email, via=actor.via,
                     source_name=_shown_name(filename), source_sha256=digest, source_bytes=size, received_at=now,
                     state="received", mapping={}, key_columns=[], rows=0, quarantined=0)
        session.add(row)
        auditing.record(actor, "upload.receive", upload, now=now,
                        after={"dataset": key, "file": row.source_name, "bytes": size, "sha256": digest})
        session.flush()
        return view(row)


def refuse_same_bytes(session: scoped_session[OrmSession], key: str, digest: str, upload: str) -> None:
    """Raise Conflict when the same bytes are live in the dataset. An undone upload may come again."""
    same = session.scalar(select(Upload).where(
        Upload.dataset_key == key, Upload.source_sha256 == digest, Upload.id != upload, Upload.state == "committed"))
    if same is not None:
        raise Conflict(f"These very bytes are already in {key}: {same.source_name}, uploaded by {same.user_email} on "
                       f"{same.received_at:%Y-%m-%d}. Undo that upload first if you want to bring them again.",
                       upload=same.id, link=f"/data/{same.id}")


def _shown_name(filename: str) -> str:
    """The last part of the name, without control and direction characters, at most 200 long. Never used as a path."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c for c in name if c.isprintable()).strip()
    return clean[:200] or "file"
