"""The demo company in the product: brought in as anybody's files would be, marked so that it can go again."""
from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import Dataset
from dashapp.core.errors import Conflict
from dashapp.ingest.address import letters
from dashapp.services import auditing, datasets, defining, demo_goals, importing, keeping, receiving, serving
from dashapp.services.checking import Progress
from dashapp.services.desk import Desk
from dashapp.services.persisted import add_columns, dataset_of
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import reading, writing
from models import DatasetRow, Upload, public_id

if TYPE_CHECKING:
    from dashapp.demo.company import Company
    from dashapp.demo.sheet import Sheet

SEED, DAYS, ORDERS = 20, 730, 80_000


def was_loaded() -> bool:
    """Did this installation ever load the demo company? Once removed, it does not come back by itself."""
    return keeping.get_mark(keeping.DEMO_LOADED) is not None


def load(actor: Actor, desk: Desk, *, now: datetime, seed: int = SEED, days: int = DAYS, orders: int = ORDERS,
         reset: bool = False, progress: Progress | None = None) -> dict[str, int]:
    """The demo company's datasets, KPIs, limits, targets and serving files are there; rows by dataset. Admin.

    It ends yesterday, so that the current periods are unfinished. `reset` removes an earlier demo company first.
    Raises Conflict when one is there, or when real data have a dataset of the same key; Invalid for odd sizes.
    """
    from dashapp.demo.company import generate

    actor.require(Role.ADMIN, token="ingest")
    tell = progress or (lambda share, step: None)
    if reset or not was_loaded():  # what a killed load left goes first
        remove(actor, desk, now=now)
    _refuse_taken()
    tell(0.0, "generating")
    actor = replace(actor, via=receiving.DEMO)
    company = generate(desk.folder / "demo", seed=seed, days=days, orders=orders,
                       end=desk.organisation.today(now) - timedelta(1))
    for done, sheet in enumerate(company.sheets):
        tell(0.3 + 0.5 * done / len(company.sheets), f"bringing in {sheet.key}")
        _bring(actor, desk, sheet, now)
    for done, sheet in enumerate(company.sheets):
        tell(0.8 + 0.2 * done / len(company.sheets), f"serving {sheet.key}")
        serving.build(desk, sheet.key, now=now)
    demo_goals.put_goals(actor, desk, now=now)
    keeping.put_mark(keeping.DEMO_LOADED, _told(company), now=now)
    return {sheet.key: sheet.rows for sheet in company.sheets}


def remove(actor: Actor, desk: Desk, *, now: datetime) -> tuple[str, ...]:
    """Nothing of the demo company is left: datasets, their KPIs, files. Admin. Returns the keys of the datasets."""
    return datasets.remove_demo(actor, desk, now=now)


def _refuse_taken() -> None:
    from dashapp.demo.shapes import DATASETS

    wanted = [d.key for d in DATASETS]
    with reading() as session:
        found = list(session.execute(select(DatasetRow.key, DatasetRow.is_demo).where(DatasetRow.key.in_(wanted))))
    if any(is_demo for _, is_demo in found):
        raise Conflict("The demo company is here already. Load it again with --reset.")
    if found:
        raise Conflict(f"Your own data use the demo's dataset keys: {', '.join(sorted(k for k, _ in found))}.")


def _bring(actor: Actor, desk: Desk, sheet: Sheet, now: datetime) -> None:
    """A workbook or CSV takes the way of every upload; an order book too big for one goes straight to the ledger."""
    _announce(sheet.dataset, now)
    if sheet.path.suffix == ".parquet":
        _record_directly(actor, desk, sheet, now)
        return
    with sheet.path.open("rb") as stream:
        upload = receiving.receive(actor, desk, stream, sheet.path.name, sheet.key, now=now).id
    importing.ingest(actor, desk, upload, sheet.mapping, now=now)
    with writing() as session:
        row = session.scalars(select(DatasetRow).where(DatasetRow.key == sheet.key)).one()
        row.name = sheet.dataset.name


def _announce(dataset: Dataset, now: datetime) -> None:
    """The dataset's row before its first upload: what it becomes is then known to be of the demo company."""
    with writing() as session:
        row = DatasetRow(key=dataset.key, is_demo=True, created_at=now, version=0, served_version=0, last_commit=0,
                         columns=[])
        _describe(row, dataset)
        session.add(row)


def _describe(row: DatasetRow, dataset: Dataset) -> None:
    row.name, row.kind, row.grain, row.marks = dataset.name, dataset.kind, dataset.grain.value, dataset.marks
    row.key_columns, row.mode, row.joins = list(dataset.key_columns), dataset.mode, dict(dataset.joins)


def _record_directly(actor: Actor, desk: Desk, sheet: Sheet, now: datetime) -> None:
    """Seal the rows as the first vintage and record it as a commit does. The file itself is the original."""
    from dashapp.demo.sheet import write_vintage
    from dashapp.facts.record import file_digest

    upload = public_id()
    write_vintage(sheet, desk.ledger.staging(sheet.key, upload), upload)
    filename, sha256, rows = desk.ledger.seal(sheet.key, upload)
    digest, size = file_digest(sheet.path), sheet.path.stat().st_size
    _keep_original(sheet.path, desk.originals / upload)
    with writing() as session:
        take_turn(session, CHANGES)
        row = session.scalars(select(DatasetRow).where(DatasetRow.key == sheet.key)).one()
        add_columns(row, sheet.dataset.columns)
        row.mapping, row.version, row.last_commit = sheet.mapping.to_json(), 1, 1
        session.add(Upload(
            id=upload, dataset_id=row.id, dataset_key=row.key, user_id=actor.id, user_email=actor.email, via=actor.via,
            source_name=sheet.path.name, source_sha256=digest, source_bytes=size, received_at=now, state="committed",
            mapping=sheet.mapping.to_json(), commit=1, committed_at=now, filename=filename, sha256=sha256, rows=rows,
            mode=sheet.dataset.mode, key_columns=list(sheet.dataset.key_columns), first=sheet.first, last=sheet.last,
            data_through=sheet.data_through, result={"letters": _letters(sheet)}))
        session.flush()
        defining.adopt(actor, replace(dataset_of(row), is_demo=True), None, now=now)
        serving.queue(session, row.key, now=now)
        auditing.record(actor, "upload.commit", upload, now=now,
                        after={"dataset": row.key, "version": 1, "rows": rows, "sha256": sha256})


def _letters(sheet: Sheet) -> dict[str, str]:
    """Dataset column -> column of the workbook, where the sheet is in one: it holds the columns in their order."""
    return {c.key: letters(i) for i, c in enumerate(sheet.dataset.columns)} if sheet.sheet else {}


def _keep_original(source: Path, target: Path) -> None:
    """A second name for the file where the disk can, else a copy."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _told(company: Company) -> dict[str, object]:
    spec = company.spec
    return {"seed": spec.seed, "days": spec.days, "orders": spec.orders, "end": spec.end.isoformat()}
