"""What a process that died left on the disk ends here: files that nothing in the state database stands for."""
from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from sqlalchemy import select

from dashapp.services.desk import Desk
from dashapp.services.unit import reading
from models import DatasetRow, Upload

SWEEP_AFTER = timedelta(days=1)
ANSWERS_AFTER = timedelta(days=7)  # most stand on the business date and are of no use the day after


def sweep(desk: Desk, *, now: datetime) -> int:
    """Files without an upload that nobody touched for a day are deleted; how many.

    Between its bytes and its line an upload is a file alone, between its rename and its commit a Parquet file alone;
    a refused one is the other way round, its line first. A kill in between leaves such files, which are harmless; so is
    what was put aside while a file was read.
    Answers that nobody asked for in a week go as well; they are not counted.
    """
    before = now - SWEEP_AFTER
    with reading() as session:
        keys = {*session.scalars(select(DatasetRow.key)), *session.scalars(select(Upload.dataset_key).distinct())}
        sealed: dict[str, set[str]] = {key: set() for key in keys}
        for key, name in session.execute(
            select(Upload.dataset_key, Upload.filename).where(Upload.filename.is_not(None))
        ):
            sealed[key].add(str(name))
        kept = set(session.scalars(select(Upload.id).where(Upload.state != "rejected")))
    gone = sum(desk.ledger.sweep(key, names, before) for key, names in sealed.items())
    desk.answers.tidy(now - ANSWERS_AFTER)
    return gone + _sweep_files(desk, kept, before) + _sweep_scratch(desk, before)


def _sweep_scratch(desk: Desk, before: datetime) -> int:
    """Folders of readings whose process was killed; the places of those that read stay."""
    old = [p for p in desk.scratch.glob("*-*") if p.is_dir() and p.stat().st_mtime < before.timestamp()]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


def _sweep_files(desk: Desk, kept: set[str], before: datetime) -> int:
    """Originals and lists of refused rows whose upload is not in `kept`."""
    gone = 0
    for folder in (desk.originals, desk.quarantine):
        for path in folder.glob("*"):
            if path.name.removesuffix(".csv") in kept or not path.is_file():
                continue
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                gone += 1
    return gone
