"""What is known when a question is asked: datasets, vintages, definitions and settings, read once and kept by state.

Kept per process under the state's own version numbers, so that thirty cards do not cost thirty reads; any committed
change of data, definitions or settings makes a new scene.
"""
from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.canonical import canonical
from dashapp.core.dataset import Dataset
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain
from dashapp.core.vintage import Vintage, live_vintages
from dashapp.services.persisted import dataset_of, kpi_of, vintage_of
from dashapp.services.unit import reading
from models import DatasetRow, KpiRow, KpiVersion, LimitRow, OrganisationVersion, Target, Upload, VintageEvent, db

Token = tuple[Any, ...]
_KEPT = 4
_SERVED = 3  # where in a dataset's part of the token the served version stands
_scenes: OrderedDict[Token, Scene] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Scene:
    """One consistent picture. `vintages` by dataset key, all commits; `history` holds every version of every KPI.

    profiles: what was last seen of the rows of each connected dataset.
    """

    token: Token
    datasets: dict[str, Dataset]
    vintages: dict[str, tuple[Vintage, ...]]
    history: dict[str, tuple[tuple[datetime, Kpi, bool], ...]]
    positions: dict[str, int]
    served: dict[str, int]
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def kpis(self) -> dict[str, Kpi]:
        """Current definitions in display order."""
        current = {k: v[-1] for k, v in self.history.items() if v}
        live = {k: kpi for k, (_, kpi, deleted) in current.items() if not deleted}
        return dict(sorted(live.items(), key=lambda item: (self.positions.get(item[0], 0), item[0])))

    @cached_property
    def grains(self) -> dict[str, Grain]:
        """The finest grain at which each current KPI can be asked."""
        from dashapp.query.graph import finest

        return {key: finest(key, self.kpis, self.datasets) for key in self.kpis}

    @cached_property
    def lacking(self) -> dict[str, tuple[str, ...]]:
        """What each current KPI needs that cannot be computed from what is here; others are not in it."""
        from dashapp.query.lacking import lacking

        return lacking(self.kpis, self.kpis, self.datasets)

    def kpis_at(self, moment: datetime | None) -> tuple[dict[str, Kpi], tuple[str, ...]]:
        """Definitions in force at a moment, and the keys answered by a first version that came later."""
        if moment is None:
            return self.kpis, ()
        out: dict[str, Kpi] = {}
        early: list[str] = []
        for key, versions in self.history.items():
            known = [v for v in versions if v[0] <= moment]
            _, kpi, deleted = known[-1] if known else versions[0]
            if not deleted:
                out[key] = kpi
                early += [] if known else [key]
        ordered = dict(sorted(out.items(), key=lambda item: (self.positions.get(item[0], 0), item[0])))
        return ordered, tuple(early)

    @cached_property
    def ground(self) -> str:
        """See `ground_at`, for now."""
        return self._digest(None)

    def ground_at(self, moment: datetime | None) -> str:
        """A digest over the definitions and rows in force at a moment, None for now: equal ones give equal answers.

        Over what they are, not over version numbers: a database put back from a copy counts its versions anew. Undo
        and redo lead back to the same digest, and serving the same rows faster keeps it.
        """
        return self.ground if moment is None else self._digest(moment)

    def _digest(self, moment: datetime | None) -> str:
        rows = {key: [replace(v, events=()) for v in live_vintages(vintages, moment)]
                for key, vintages in self.vintages.items()}
        # Uploaded rows are known by their files; of those in a warehouse, the version says that they were looked at.
        datasets = {key: d if d.place else replace(d, version=0) for key, d in self.datasets.items()}
        parts = (datasets, rows, self.profiles, self.kpis_at(moment))
        return hashlib.sha256(canonical(parts).encode()).hexdigest()

    @property
    def version(self) -> str:
        """A short text that changes when figures may have changed; not when the same figures are served faster."""
        shown = [(*part[:_SERVED], *part[_SERVED + 1:]) if isinstance(part, tuple) else part for part in self.token]
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def version_token(session: scoped_session[OrmSession]) -> Token:
    """Version numbers of everything a figure or its status depends on; a handful of small index reads."""
    rows = session.execute(
        select(DatasetRow.key, DatasetRow.name, DatasetRow.version, DatasetRow.served_version, DatasetRow.id)
        .order_by(DatasetRow.key)
    ).all()
    counts = [
        select(func.count(VintageEvent.id)), select(func.count(KpiVersion.id)), select(func.max(KpiVersion.saved_at)),
        select(func.count(Target.id)), select(func.max(Target.saved_at)),
        select(func.count(LimitRow.id)), select(func.sum(LimitRow.version)), select(func.max(LimitRow.saved_at)),
        select(func.max(OrganisationVersion.number)),
    ]
    one = session.execute(select(*(c.scalar_subquery() for c in counts))).one()
    return (str(db.engine.url), *(tuple(r) for r in rows), *one)


def load_scene() -> Scene:
    """The current scene, from memory when nothing changed."""
    with reading() as session:
        token = version_token(session)
        with _lock:
            if token in _scenes:
                _scenes.move_to_end(token)
                return _scenes[token]
        scene = _read(session, token)
    with _lock:
        _scenes[token] = scene
        while len(_scenes) > _KEPT:
            _scenes.popitem(last=False)
    return scene


def _read(session: scoped_session[OrmSession], token: Token) -> Scene:
    rows = session.scalars(select(DatasetRow).order_by(DatasetRow.key)).all()
    uploads = session.scalars(select(Upload).where(Upload.commit.is_not(None)).order_by(Upload.commit)).all()
    vintages: dict[str, list[Vintage]] = {r.key: [] for r in rows}
    for upload in uploads:
        if upload.dataset_key in vintages:
            vintages[upload.dataset_key].append(vintage_of(upload))
    versions = session.execute(
        select(KpiRow.key, KpiVersion).join(KpiVersion, KpiVersion.kpi_id == KpiRow.id).order_by(KpiVersion.version)
    ).all()
    history: dict[str, list[tuple[datetime, Kpi, bool]]] = {}
    for key, version in versions:
        history.setdefault(key, []).append((version.saved_at, kpi_of(version), version.deleted))
    positions = {row.key: row.position for row in session.scalars(select(KpiRow)).all()}
    return Scene(
        token, {r.key: dataset_of(r) for r in rows}, {k: tuple(v) for k, v in vintages.items()},
        {k: tuple(v) for k, v in history.items()}, positions, {r.key: r.served_version for r in rows},
        {r.key: dict(r.placed.profile) for r in rows if r.placed and r.placed.profile},
    )
