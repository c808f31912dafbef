"""Datasets as people see them: list, rename, delete, and the removal of the demo company."""
from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sql
from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import Dataset
from dashapp.core.errors import Invalid, NotFound
from dashapp.core.holding import DatasetView
from dashapp.core.vintage import live_vintages
from dashapp.services import auditing, closing, defining, feeding, retiring, reverting
from dashapp.services.desk import Desk
from dashapp.services.persisted import dataset_of
from dashapp.services.receiving import DEMO
from dashapp.services.scene import Scene, load_scene
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import writing
from models import DatasetRow, KpiRow, KpiVersion, LimitRow, Target, Upload


def listing(actor: Actor, desk: Desk, *, now: datetime) -> tuple[DatasetView, ...]:
    """All datasets by key. Any role. Counts and dates of rows are told only to actors without a data scope."""
    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    return tuple(_view(actor, desk, scene, d, now) for d in scene.datasets.values())


def get(actor: Actor, desk: Desk, key: str, *, now: datetime) -> DatasetView:
    """One dataset. Raises NotFound."""
    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    if key not in scene.datasets:
        raise NotFound(f"There is no dataset {key!r}.")
    return _view(actor, desk, scene, scene.datasets[key], now)


def rename(actor: Actor, desk: Desk, key: str, name: str, *, now: datetime) -> None:
    """The dataset shows the new name; its key and every formula stay. Finance."""
    actor.require(Role.FINANCE, token="ingest")
    name = name.strip()
    if not 1 <= len(name) <= 200:
        raise Invalid("A name has 1 to 200 characters.")
    with writing() as session:
        row = _row(session, key)
        before, row.name = row.name, name
        auditing.record(actor, "dataset.rename", key, before={"name": before}, after={"name": name}, now=now)


def delete(actor: Actor, desk: Desk, key: str, *, now: datetime) -> None:
    """The dataset, its uploads and its files are gone, with the KPIs that nobody made their own; others that used it
    say what they need, see `retiring.leaving`. Admin. Raises Conflict while it holds rows of closed periods."""
    actor.require(Role.ADMIN, token="ingest")
    with writing() as session:
        take_turn(session, CHANGES)
        row = _row(session, key)
        if not row.is_demo:
            closing.refuse_closed_dataset(session, key)
        retiring.retire(session, actor, key, row.name, now=now)
        feeding.pause_those_into(session, actor, key, now=now)
        ids = _delete_rows(session, row, session.scalars(select(Upload).where(Upload.dataset_key == key)).all())
        auditing.record(actor, "dataset.delete", key, before={"name": row.name, "uploads": len(ids)}, now=now)
    _delete_files(desk, key, ids)


def remove_demo(actor: Actor, desk: Desk, *, now: datetime) -> tuple[str, ...]:
    """Demo datasets and the KPIs that came with them, with their targets and limits, are gone; returns the keys of the
    datasets, () when there was none. Admin.

    A dataset into which somebody committed a file stays with that file's rows; only the demo's do not count any more.
    So do the KPIs that can be computed without what goes, and whatever people set for them.
    """
    actor.require(Role.ADMIN, token="ingest")
    files: dict[str, list[str]] = {}
    with writing() as session:
        take_turn(session, CHANGES)
        for row in session.scalars(select(DatasetRow).where(DatasetRow.is_demo)).all():
            own, others = _of_demo(session, row.key)
            if any(u.commit is not None for u in others):
                _release(session, actor, row, own, now)
            else:
                files[row.key] = _delete_rows(session, row, own)
        kpis = _remove_kpis(session)
        if files or kpis:
            auditing.record(actor, "demo.remove", ", ".join(sorted(files)), now=now,
                            before={"datasets": sorted(files), "kpis": kpis})
    for key, ids in files.items():
        _delete_files(desk, key, ids)
    shutil.rmtree(desk.folder / "demo", ignore_errors=True)
    return tuple(sorted(files))


def _view(actor: Actor, desk: Desk, scene: Scene, dataset: Dataset, now: datetime) -> DatasetView:
    from dashapp.services.states import profile_at, state_at  # read facts

    vintages = scene.vintages[dataset.key]
    profile = profile_at(desk, scene, dataset.key)
    state = state_at(desk, scene, dataset.key, desk.organisation.today(now))
    whole = not actor.scope  # counts and dates may belong to rows outside of it; data-through stands on every figure
    return DatasetView(
        dataset=dataset, rows=profile.rows if whole else 0, first=state.first if whole else None,
        last=state.last if whole else None, data_through=state.data_through,
        uploads=len(live_vintages(vintages)) if whole else 0,
        is_served=dataset.place is not None or scene.served[dataset.key] == dataset.version,
    )


def _row(session, key: str) -> DatasetRow:
    row = session.scalar(select(DatasetRow).where(DatasetRow.key == key))
    if row is None:
        raise NotFound(f"There is no dataset {key!r}.")
    return row


def _of_demo(session, key: str) -> tuple[list[Upload], list[Upload]]:
    """The demo company's own uploads in a dataset of it, and what people brought. The first commit is always the
    demo's: older versions did not say so on the upload."""
    found = session.scalars(select(Upload).where(Upload.dataset_key == key)).all()
    own = [u for u in found if u.via == DEMO or u.commit == 1]
    return own, [u for u in found if u not in own]


def _remove_kpis(session) -> list[str]:
    """The demo's KPIs that stand on anything that is gone are gone too; the others are somebody's own from now on.
    Keys of the former."""
    kpis = defining.current(session)
    left = {r.key: dataset_of(r) for r in session.scalars(select(DatasetRow).where(DatasetRow.version > 0)).all()}
    gone = []
    for row in session.scalars(select(KpiRow).where(KpiRow.is_demo).order_by(KpiRow.key)).all():
        if row.key in kpis and defining.can_stand_on(left, row.key, kpis):
            row.is_demo = False
            # The demo set its goals in the moment it brought the KPI: they were worked out from rows that are gone.
            brought = select(KpiVersion.saved_at).where(KpiVersion.kpi_id == row.id, KpiVersion.version == 1)
            _forget_goals(session, row.key, session.scalars(brought).all())
            continue
        # A KPI of real data may take this key next: what was said of the demo's must not hold for it.
        _forget_goals(session, row.key)
        session.execute(sql.delete(KpiVersion).where(KpiVersion.kpi_id == row.id))
        session.delete(row)
        gone.append(row.key)
    return gone


def _forget_goals(session, kpi: str, moments: Sequence[datetime] | None = None) -> None:
    """The KPI's targets and limits are gone: all, or those that were set at one of the moments and never again."""
    for table in (Target, LimitRow):
        chosen = sql.delete(table).where(table.kpi_key == kpi)
        if moments is not None:
            chosen = chosen.where(table.saved_at.in_(moments), table.version == 1)
        session.execute(chosen)


def _release(session, actor: Actor, row: DatasetRow, own: Sequence[Upload], now: datetime) -> None:
    """The dataset is not the demo's any more, and the demo's rows in it do not count."""
    row.is_demo = False
    for upload in own:
        if upload.state == "committed":
            reverting.record(session, actor, upload, live=False, now=now)
    auditing.record(actor, "demo.release", row.key, before={"is_demo": True}, after={"is_demo": False}, now=now)


def _delete_rows(session, row: DatasetRow, uploads: Sequence[Upload]) -> list[str]:
    ids = [u.id for u in uploads]
    for upload in uploads:
        for event in upload.events:
            session.delete(event)
        session.delete(upload)
    session.flush()
    session.delete(row)
    session.flush()
    return ids


def _delete_files(desk: Desk, key: str, uploads: list[str]) -> None:
    """After the commit: a crash here leaves orphans, which the sweep removes."""
    desk.ledger.drop(key)
    for folder in (desk.originals, desk.quarantine):
        for upload in uploads:
            for path in folder.glob(f"{upload}*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
