"""Serving files: built by a job after commits; one build per dataset at a time takes all commits since."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.rollup import RollupSpec, rollup_of
from dashapp.core.space import SpaceNeeded
from dashapp.services import preparing, quality, working
from dashapp.services.checking import Progress
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene, load_scene
from dashapp.services.unit import writing
from models import DatasetRow

BUILD_JOB = "serving.build"


def queue(session: scoped_session[OrmSession], dataset: str, *, now: datetime) -> str:
    """A build is queued in the current transaction; a build that waits already takes this commit along."""
    return working.enqueue(session, BUILD_JOB, {"dataset": dataset}, now=now, coalesce=f"serve:{dataset}")


@SpaceNeeded()
def build(desk: Desk, dataset: str, *, now: datetime | None = None, progress: Progress | None = None) -> int:
    """The dataset's newest version has a serving file; returns that version. Done again, it changes nothing.

    now: the moment, for the jobs that compute the overviews and the quality of what is served since; None queues none.
    Raises OutOfSpace; what was served before is served on.
    """
    scene = load_scene()
    found = scene.datasets.get(dataset)
    if found is None or found.place is not None:
        return 0  # deleted while the job waited, or read where it is
    desk.ledger.build(found, scene.vintages[dataset], rollups(scene, dataset))
    with writing() as session:
        row = session.scalar(select(DatasetRow).where(DatasetRow.key == dataset))
        if row is not None and row.served_version < found.version:
            row.served_version = found.version
            if now is not None:
                preparing.queue(session, now=now)
                quality.queue(session, dataset, now=now)
    return found.version


def rollups(scene: Scene, dataset: str) -> RollupSpec:
    """What is pre-added for the dataset: its columns, and the row expressions that today's definitions use."""
    from dashapp.query.measures import measures

    found = measures(scene.kpis.values(), scene.datasets)
    return rollup_of(scene.datasets[dataset], found.get(dataset, ()))
