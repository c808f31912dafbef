"""A run of a feed, in two jobs: the statement is asked, which only waits for the warehouse; then its rows are brought
in as every upload is - received, checked, committed - unless they are the rows that came last time.

What came of a run stands on the feed. A run that was killed is taken up again: rows that arrived are not asked for a
second time to be stored, and a commit that was done is only noted.
"""
from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import RoleOf, snake_case
from dashapp.core.errors import AppError, Invalid, OutOfSpace, Unavailable
from dashapp.core.failpoint import failpoint
from dashapp.core.feed import next_run, schedule_of
from dashapp.core.mapping import ColumnMapping, Mapping, mapping_from_json
from dashapp.core.pushed import lines, mapping_of_rows
from dashapp.core.upload import UploadView, effect_words
from dashapp.services import checking, connecting, importing, receiving, uploads, working
from dashapp.services.desk import Desk
from dashapp.services.feeding import BRING_JOB
from dashapp.services.receiving import FEED
from dashapp.services.unit import reading, writing
from models import FeedRow, Upload

TIMEOUT = 120.0  # seconds a statement may take
MOST_ROWS = 500_000
Progress = Callable[[float, str], None]
OPEN = ("received", "inspected", "queued", "failed")


@dataclass(frozen=True)
class _Feed:
    """What a run needs of the row, which may change meanwhile."""

    key: str
    connection: str
    engine: str
    dataset: str
    sql: str
    mapping: Mapping

    @property
    def actor(self) -> Actor:
        return Actor(id=None, email=f"feed {self.key}", name=f"Feed {self.key}", role=Role.FINANCE, via=FEED)

    @property
    def file(self) -> str:
        """The name under which its rows arrive."""
        return f"{self.key}.csv"


def fetch(desk: Desk, args: dict[str, Any], *, now: datetime, progress: Progress) -> dict[str, Any]:
    """The job that asks the warehouse: the rows are kept as an upload, and the job that brings them in is queued.

    Raises what the warehouse says, after it was noted on the feed.
    """
    feed = _feed(args["feed"], asked=bool(args.get("asked")))
    if feed is None:
        return {"skipped": "it is gone or paused"}
    bringing = working.latest((f"feed-bring:{feed.key}",))
    if bringing is not None and not bringing.is_over:
        return {"skipped": "the rows of the last run are still being brought in"}
    progress(0.1, f"asking {feed.connection}")
    try:
        data, mapping = _extracted(desk, feed)
        failpoint("feed.fetched")
        if data is None:
            return _note(desk, feed, now, said="The statement gave no rows; nothing changed.")
        upload = _kept(desk, feed, data, mapping, now)
    except AppError as error:
        _note(desk, feed, now, trouble=error.message)
        raise
    if upload is None:
        return _note(desk, feed, now, said="The same rows as before; nothing changed.")
    failpoint("feed.kept")
    with writing() as session:
        working.enqueue(session, BRING_JOB, {"feed": feed.key, "upload": upload, "mapping": mapping.to_json()}, now=now,
                        coalesce=f"feed-bring:{feed.key}", lane=f"commit:{feed.dataset}")
    return {"upload": upload}


def bring(desk: Desk, args: dict[str, Any], *, now: datetime, progress: Progress) -> dict[str, Any]:
    """The job that checks and commits what was fetched. Rows that change nothing make no vintage."""
    feed = _feed(args["feed"], asked=True)
    if feed is None:
        return {"skipped": "it is gone"}
    upload = str(args["upload"])
    try:
        done = _committed(desk, feed, upload, mapping_from_json(args["mapping"]), now, progress)
    except (Unavailable, OutOfSpace):
        raise  # nothing is wrong with the rows: the job is tried again
    except AppError as error:
        _note(desk, feed, now, trouble=error.message, upload=upload)
        raise
    if done is None:
        return _note(desk, feed, now, said="Every row is known already; nothing changed.")
    failpoint("feed.committed")
    return _note(desk, feed, now, said=f"{done.rows:,} rows: {effect_words(done) or 'committed'}.", upload=upload)


def _feed(key: str, *, asked: bool) -> _Feed | None:
    with reading() as session:
        row = session.scalar(select(FeedRow).where(FeedRow.key == key))
        if row is None or not (row.enabled or asked):
            return None
        said = replace(mapping_from_json(row.mapping or {}), mode=row.mode,
                       key=tuple(row.key_columns) or None)
        return _Feed(row.key, row.connection.key, row.connection.engine, row.dataset_key, row.sql, said)


def _extracted(desk: Desk, feed: _Feed) -> tuple[bytes | None, Mapping]:
    """The rows as a CSV file, and how it is read; None where there are none. Rows whose order nobody asked for are
    sorted, so that the same rows are the same bytes. Raises Refused, Unreachable, Invalid."""
    from dashapp.query.reading import is_ordered, selecting

    sql = selecting(feed.sql, feed.engine)  # kept before this version, perhaps, or by another hand
    ordered, names, taken, size = is_ordered(sql, feed.engine), list[str](), list[bytes](), 0
    numbers: dict[int, bool] = {}

    def take(found: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        nonlocal size
        names[:] = found
        cells = [[_plain(v, found[i]) for i, v in enumerate(row)] for row in rows]
        _see_texts(numbers, cells)
        fresh = [lines(cells)] if ordered else [lines([row]) for row in cells]
        size += sum(map(len, fresh))
        if size > desk.max_upload:
            raise Invalid(f"The statement gives more than {desk.max_upload // 2**20} MB; ask for less.")
        taken.extend(fresh)

    connecting.line(desk, feed.connection).apart(lambda w: w.read(sql, take, timeout=TIMEOUT, most=MOST_ROWS))
    mapping = _mapping(feed, names, numbers)
    body = b"".join(taken if ordered else sorted(taken))
    return (lines([names]) + body if body else None), mapping


def _plain(value: Any, column: str) -> Any:
    """A value that can stand in a cell. Raises Invalid for bytes."""
    if isinstance(value, bytes | bytearray | memoryview):
        raise Invalid(f"The column {column} holds bytes, which are no value of a row: leave it out.")
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=str, ensure_ascii=False)
    return value


def _see_texts(numbers: dict[int, bool], rows: Sequence[Sequence[Any]]) -> None:
    """Which columns hold texts that look like numbers, and nothing else: index -> is it so until now?"""
    for row in rows:
        for index, value in enumerate(row):
            if value is not None and value != "" and numbers.get(index, True):
                numbers[index] = isinstance(value, str) and value.strip("+-").replace(".", "", 1).isdigit()


def _mapping(feed: _Feed, names: Sequence[str], numbers: dict[int, bool]) -> Mapping:
    """How the rows are read. What the warehouse holds as a text stays one, whatever its digits look like."""
    columns = dict(feed.mapping.columns)
    for index, is_text in numbers.items():
        name = names[index]
        if is_text and (name not in columns or columns[name].role is None):
            columns[name] = replace(columns.get(name, ColumnMapping()), role=_label(snake_case(name)), type="text")
    return mapping_of_rows(replace(feed.mapping, columns=columns))


def _label(key: str) -> RoleOf:
    return RoleOf.ID if key.endswith(("_id", "_no", "_nr", "_number", "_key")) or key == "id" else RoleOf.DIMENSION


def _kept(desk: Desk, feed: _Feed, data: bytes, mapping: Mapping, now: datetime) -> str | None:
    """The upload that stands for these rows; None where they are those that came last.

    What was undone by a person stays undone while the rows are the same. One that waits for a decision, or failed, is
    tried again and no second one is made beside it.
    """
    digest = hashlib.sha256(data).hexdigest()
    with reading() as session:
        last = session.scalar(
            select(Upload).where(Upload.dataset_key == feed.dataset, Upload.via == FEED, Upload.state != "rejected",
                                 Upload.source_name == feed.file)
            .order_by(Upload.received_at.desc(), Upload.id).limit(1))
        same = last is not None and last.source_sha256 == digest
        if last is not None and same:
            return last.id if last.state in OPEN and (desk.originals / last.id).is_file() else None
    found = receiving.receive(feed.actor, desk, io.BytesIO(data), feed.file, feed.dataset, now=now, again=True)
    return found.id


def _committed(desk: Desk, feed: _Feed, upload: str, mapping: Mapping, now: datetime,
               progress: Progress) -> UploadView | None:
    """The upload, committed; None where it changed nothing, or a person refused it meanwhile."""
    found = uploads.status(feed.actor, desk, upload)
    if found.state not in OPEN:
        return found if found.state in ("committed", "undone") else None
    checked = checking.dry_run(feed.actor, desk, upload, mapping, now=now, progress=progress, ahead=False)
    if not checked.needs and checked.mode != "append" and not _changes(checked):
        checking.reject(feed.actor, desk, upload, now=now, rehearsed=True)
        return None
    importing.refuse_for_a_person(feed.actor, desk, checked, mapping, now=now)
    return importing.commit_unseen(feed.actor, desk, checked, mapping, now=now)


def _changes(checked: checking.DryRun) -> bool:
    effect = checked.effect
    return bool(checked.quarantined or any(effect.get(k) for k in ("new", "changed", "vanishing")))


def _note(desk: Desk, feed: _Feed, now: datetime, *, said: str = "", trouble: str = "",
          upload: str | None = None) -> dict[str, Any]:
    """What came of the run, where people look; and when the next one is."""
    with writing() as session:
        row = session.scalar(select(FeedRow).where(FeedRow.key == feed.key))
        if row is None:
            return {}
        row.ran_at, row.trouble = now, trouble
        row.failures = row.failures + 1 if trouble else 0
        row.upload_id = upload or row.upload_id
        if not trouble:
            row.worked_at, row.said = now, said
        if row.enabled:
            row.next_at = next_run(schedule_of(row.schedule), now, desk.organisation.timezone, row.failures)
        return {"feed": feed.key, "said": said or trouble}
