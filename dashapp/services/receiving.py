"""A file arrives: streamed to the folder of originals under a random name, hashed, counted against quotas."""
from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import snake_case
from dashapp.core.errors import Conflict, Invalid, TooLarge, TooMany
from dashapp.core.failpoint import failpoint
from dashapp.core.mapping import Mapping
from dashapp.services import auditing
from dashapp.services.desk import Desk
from dashapp.services.unit import full_disk, reading, writing
from dashapp.services.uploads import UploadView, view
from models import DatasetRow, PlaceRow, Upload, public_id

CHUNK = 1 << 18
WITHOUT_PERSON = ("folder", "feed", "cli")
FEED = "feed"  # the way of rows that a feed brings: `via` of its actor and of its uploads
DEMO = "demo"  # the way by which the demo company's own files come: `via` of who loads it and of its uploads


def receive(actor: Actor, desk: Desk, stream: BinaryIO, filename: str, dataset: str, *, now: datetime,
            sheet: str | None = None, again: bool = False, mapping: Mapping | None = None) -> UploadView:
    """The bytes are kept and an upload in state `received` stands for them. Finance.

    Raises Invalid (no dataset key, no bytes), TooLarge, TooMany (daily quota; says what remains), Conflict (the same
    bytes are already live in this dataset, `extra["upload"]` names it - of a workbook the same `sheet`, where it is
    said; or the demo company holds the key), OutOfSpace. Nothing is left behind then. again: the same bytes may come
    once more with other corrections, which the check judges. mapping: how it is read when it is checked.
    """
    actor.require(Role.FINANCE, token="ingest")
    key = _dataset_key(dataset)
    _refuse_connected(key)
    with reading() as session:
        refuse_demo_key(session, actor, key)  # before megabytes are copied; asked again when they are recorded
        _within_quota(session, actor, desk, key, now)
    upload = public_id()
    path = desk.originals / upload
    size, digest = _store(stream, path, desk.max_upload)
    failpoint("import.stored")
    try:
        return _record(actor, desk, upload, key, filename, size, digest, sheet, now, again=again, mapping=mapping)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def left_open(actor: Actor, dataset: str, filename: str, digest: str) -> UploadView | None:
    """The upload of these bytes that came the same way under this name and was never committed or refused: what a kill
    in between left, to be taken up again. Finance."""
    actor.require(Role.FINANCE, token="ingest")
    with reading() as session:
        row = session.scalar(select(Upload).where(
            Upload.dataset_key == dataset, Upload.via == actor.via, Upload.user_id == actor.id,
            Upload.source_sha256 == digest, Upload.source_name == _shown_name(filename),
            Upload.state.in_(("received", "inspected"))).order_by(Upload.received_at.desc(), Upload.id).limit(1))
        return view(row) if row else None


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


def _within_quota(session: scoped_session[OrmSession], actor: Actor, desk: Desk, key: str, now: datetime) -> None:
    """Raise TooMany where the day's files or bytes are used up: those of a person, or of what comes into the dataset
    without one."""
    if actor.via == DEMO:
        return
    if actor.id is not None:
        mine: list[Any] = [Upload.user_id == actor.id]
        whose, most_files, most_bytes = "Your daily quota", desk.daily_files, desk.daily_bytes
    else:
        mine = [Upload.user_id.is_(None), Upload.dataset_key == key, Upload.via.in_(WITHOUT_PERSON)]
        whose = f"The daily quota of {key} for what comes by folder, feeds and terminal"
        most_files, most_bytes = desk.system_files, desk.system_bytes
    files, size = session.execute(
        select(func.count(Upload.id), func.coalesce(func.sum(Upload.source_bytes), 0))
        .where(*mine, Upload.received_at > now - timedelta(days=1))).one()
    if files >= most_files or size >= most_bytes:
        raise TooMany(f"{whose} is used up: {files} of {most_files} files, {int(size) // 2**20} of "
                      f"{most_bytes // 2**20} MB.", remaining_files=max(0, most_files - files),
                      remaining_bytes=max(0, most_bytes - int(size)), retry_after=3600)


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


def _record(actor: Actor, desk: Desk, upload: str, key: str, filename: str, size: int, digest: str, sheet: str | None,
            now: datetime, *, again: bool, mapping: Mapping | None) -> UploadView:
    with writing() as session:
        _within_quota(session, actor, desk, key, now)  # others may have come in while the bytes did
        refuse_demo_key(session, actor, key)
        if not again:
            _refuse_known_file(session, key, digest, upload, sheet)
        row = Upload(id=upload, dataset_key=key, user_id=actor.id, user_email=actor.email, via=actor.via,
                     source_name=_shown_name(filename), source_sha256=digest, source_bytes=size, received_at=now,
                     state="received", mapping=mapping.to_json() if mapping else {}, key_columns=[], rows=0,
                     quarantined=0)
        session.add(row)
        auditing.record(actor, "upload.receive", upload, now=now,
                        after={"dataset": key, "file": row.source_name, "bytes": size, "sha256": digest})
        session.flush()
        return view(row)


def refuse_demo_key(session: scoped_session[OrmSession], actor: Actor, key: str) -> None:
    """Raise Conflict when the demo company holds the key: own rows would stand among the demo's and go with them."""
    if actor.via != DEMO and session.scalar(select(DatasetRow.id).where(DatasetRow.key == key, DatasetRow.is_demo)):
        raise Conflict(f"{key} belongs to the demo company. Remove the demo company, or choose another name.")


def refuse_same_bytes(session: scoped_session[OrmSession], key: str, digest: str, upload: str,
                      sheet: str | None, *, table: str | None = None, corrections: Sequence[object] = ()) -> None:
    """Raise Conflict when the same sheet of the same bytes is live in the dataset; a CSV file has the sheet None. An
    undone upload may come again, so may another table of the sheet, and one with other corrections where its rows take
    the place of the former ones. So may what a feed brings where rows take the place of others: a value that went back
    to what it was is a change; which rows came last, the feed knows."""
    way = session.scalar(select(Upload.via).where(Upload.id == upload))
    for same in _same_bytes(session, key, digest, upload):
        before = same.mapping or {}
        is_other = list(before.get("corrections", ())) != list(corrections) and same.mode != "append"
        is_table = table is None or before.get("table") in (None, table)
        is_back = way == FEED and same.mode != "append"
        if before.get("sheet") == sheet and is_table and not is_other and not is_back:
            raise _known(same, sheet)


def _refuse_known_file(session: scoped_session[OrmSession], key: str, digest: str, upload: str,
                       sheet: str | None) -> None:
    """As `refuse_same_bytes`, before the file was opened: a workbook without a word of the sheet may bring another one,
    unless all are here. Which sheet it is then, the check knows."""
    # What was corrected may come again as it is, where its rows take the place of the corrected ones: the check judges.
    same = [u for u in _same_bytes(session, key, digest, upload)
            if u.mode == "append" or not (u.mapping or {}).get("corrections")]
    if any((u.mapping or {}).get("table") for u in same):
        return  # a sheet of several tables: the check knows which of them this is
    brought = {(u.mapping or {}).get("sheet") for u in same}
    sheets = {name for u in same for name in (u.result or {}).get("sheets", ())}
    if sheet is not None and brought != {None}:
        refuse_same_bytes(session, key, digest, upload, sheet)
    elif same and (None in brought or (sheets and sheets <= brought)):
        raise _known(same[0], None)


def _same_bytes(session: scoped_session[OrmSession], key: str, digest: str, upload: str) -> list[Upload]:
    return list(session.scalars(select(Upload).where(
        Upload.dataset_key == key, Upload.source_sha256 == digest, Upload.id != upload, Upload.state == "committed")
        .order_by(Upload.commit)))


def _known(same: Upload, sheet: str | None) -> Conflict:
    which = "These very bytes are" if sheet is None else f"The sheet {sheet} of these very bytes is"
    other = "" if sheet is None else " Choose another sheet, or undo"
    return Conflict(f"{which} already in {same.dataset_key}: {same.source_name}, uploaded by {same.user_email} on "
                    f"{same.received_at:%Y-%m-%d}.{other or ' Undo'} that upload first if you want to bring "
                    f"{'them' if sheet is None else 'it'} again.", upload=same.id, link=f"/data/{same.id}")


def _shown_name(filename: str) -> str:
    """The last part of the name, without control and direction characters, at most 200 long. Never used as a path."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c for c in name if c.isprintable()).strip()
    return clean[:200] or "file"
