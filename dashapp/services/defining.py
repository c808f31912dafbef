"""KPI definitions: list, save with every version kept, delete, and propose what the columns support."""
from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import Dataset
from dashapp.core.definition import KpiChange, KpiView
from dashapp.core.errors import Conflict, Invalid, NotFound
from dashapp.core.kpi import CATEGORIES, DIRECTIONS, UNITS, Kpi
from dashapp.services import auditing
from dashapp.services.desk import Desk
from dashapp.services.persisted import dataset_of, kpi_json, kpi_of
from dashapp.services.readings import reading_names
from dashapp.services.scene import load_scene
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import reading, writing
from models import DatasetRow, KpiRow, KpiVersion

PROPOSED = "proposed for "  # why a definition is there that nobody asked for; the name of the dataset follows
_KEY = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


def listing(actor: Actor, desk: Desk) -> tuple[KpiView, ...]:
    """All definitions in display order. Any role."""
    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    return _views(list(scene.kpis), scene.datasets, scene.kpis)


def get(actor: Actor, desk: Desk, key: str) -> KpiView:
    """One definition. Raises NotFound."""
    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    if key not in scene.kpis:
        raise NotFound(f"There is no KPI {key!r}.")
    return _views([key], scene.datasets, scene.kpis)[0]


def editable(actor: Actor, desk: Desk, key: str) -> KpiView | None:
    """The definition that somebody is about to change, or has just saved; None when there is none. Analyst.

    Apart from `get`, because a token that may change definitions need not be one that reads figures.
    """
    actor.require(Role.ANALYST, token="ingest")
    scene = load_scene()
    return _views([key], scene.datasets, scene.kpis)[0] if key in scene.kpis else None


def history(actor: Actor, desk: Desk, key: str) -> tuple[KpiChange, ...]:
    """Every version, newest first. Any role. Raises NotFound."""
    actor.require(Role.EXECUTIVE)
    return versions_of(key)


def versions_of(key: str) -> tuple[KpiChange, ...]:
    """As `history`, for verbs that have asked for more than looking."""
    with reading() as session:
        row = session.scalar(select(KpiRow).where(KpiRow.key == key))
        if row is None:
            raise NotFound(f"There is no KPI {key!r}.")
        found = session.scalars(
            select(KpiVersion).where(KpiVersion.kpi_id == row.id).order_by(KpiVersion.version.desc())).all()
        return tuple(KpiChange(kpi_of(v), v.saved_at, v.saved_by, v.why, v.deleted) for v in found)


def save(actor: Actor, desk: Desk, kpi: Kpi, why: str = "", *, now: datetime) -> Kpi:
    """The definition is in force from now on, its names bound and stored prefixed. Analyst.

    `kpi.version` is the version that was edited, 0 for a new one; without a change and a word why there is no
    new version. Raises Invalid with positions for a formula that cannot be used, Conflict when somebody saved in
    between.
    """
    from dashapp.query.names import bind

    actor.require(Role.ANALYST, token="ingest")
    refuse_nonsense(kpi)
    datasets = load_scene().datasets
    with writing() as session:
        take_turn(session, CHANGES)  # or two definitions saved at once could form a cycle
        known = current(session)
        bound = bind(kpi.formula, datasets, {**known, kpi.key: kpi}, key=kpi.key)
        meant = replace(kpi, formula=bound.formula)
        return meant if known.get(kpi.key) == meant and not why else _store(session, actor, meant, why, now)


def delete(actor: Actor, desk: Desk, key: str, *, now: datetime) -> None:
    """The KPI is gone from every screen; its versions stay. Analyst. Raises Conflict when others use it."""
    actor.require(Role.ANALYST, token="ingest")
    with writing() as session:
        take_turn(session, CHANGES)
        kpis = current(session)
        users = _users(key, kpis)
        if users:
            raise Conflict(f"Other KPIs use it: {', '.join(users)}. Change those first.")
        if key not in kpis:
            raise NotFound(f"There is no KPI {key!r}.")
        remove(session, actor, kpis[key], "deleted", now=now)


def dependants(actor: Actor, desk: Desk, key: str) -> tuple[str, ...]:
    """Names of the KPIs whose formulas use this one: while there are any, it cannot be deleted. Any role."""
    actor.require(Role.EXECUTIVE)
    return _users(key, load_scene().kpis)


def remove(session: scoped_session[OrmSession], actor: Actor, kpi: Kpi, why: str, *, now: datetime) -> None:
    """The definition is not in force any more, inside the caller's transaction; its versions stay."""
    row = session.scalars(select(KpiRow).where(KpiRow.key == kpi.key)).one()
    row.is_deleted, row.version = True, row.version + 1
    session.add(KpiVersion(kpi_id=row.id, version=row.version, definition=kpi_json(kpi), deleted=True, saved_at=now,
                           saved_by=actor.email, why=why))
    auditing.record(actor, "kpi.delete", kpi.key, before=kpi_json(kpi), now=now)


def offers(actor: Actor, desk: Desk) -> tuple[KpiView, ...]:
    """Starter KPIs that are not defined yet, see `proposals`. Any role."""
    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    return proposals(scene.datasets, scene.kpis, readings=reading_names(desk, scene.datasets, scene.vintages))


def proposals(datasets: dict[str, Dataset], kpis: dict[str, Kpi], focus: str | None = None,
              readings: Mapping[str, tuple[str, ...]] | None = None) -> tuple[KpiView, ...]:
    """Starter KPIs that are not defined yet: those the columns support (needs is ()), then those that lack something.

    With `focus`, only those that stand on that dataset, see `query.adoption`; else those of every dataset in turn, so
    that the parts of a ratio come from one dataset where one has them. readings: see `readings.reading_names`.
    """
    from dashapp.query.adoption import brought
    from dashapp.query.catalog import propose

    asked = [focus] if focus is not None else sorted(datasets, key=lambda k: (datasets[k].is_demo, k))
    known, ready = dict(kpis), list[KpiView]()
    for key in asked:
        found = brought(key, datasets, known, readings)
        ready += [KpiView(b.kpi, doubt=b.doubt) for b in found.values()]
        known |= {k: b.kpi for k, b in found.items()}
    real = [k for k in asked if not datasets[k].is_demo]
    near = {k: datasets[k] for k in real or asked}
    lacking = [KpiView(p.starter.kpi(p.starter.formulas[0]), p.needs)
               for p in propose(near, readings={k: v for k, v in (readings or {}).items() if k in near})
               if not p.kpi and p.starter.key not in known]
    return (*ready, *lacking)


def adopt(actor: Actor, dataset: Dataset, keys: tuple[str, ...] | None, *, now: datetime,
          readings: Mapping[str, tuple[str, ...]] | None = None) -> tuple[str, ...]:
    """Define the proposals that a new dataset supports, inside the caller's transaction; returns their keys.

    keys: which of them; None for all that have only one reading. Nothing happens for a dataset that had rows before.
    """
    if dataset.version != 1:
        return ()
    with writing() as session:
        datasets = {r.key: dataset_of(r) for r in session.scalars(select(DatasetRow)).all()}
        datasets[dataset.key] = dataset
        kpis = current(session)
        chosen = [p.kpi for p in proposals(datasets, kpis, dataset.key, readings)
                  if not p.needs and (not p.doubt if keys is None else p.kpi.key in keys)]
        for kpi in chosen:
            _store(session, actor, kpi, f"{PROPOSED}{dataset.name}", now, is_demo=dataset.is_demo)
        return tuple(k.key for k in chosen)


def current(session: scoped_session[OrmSession]) -> dict[str, Kpi]:
    """Definitions in force, as the open transaction sees them."""
    rows = session.execute(
        select(KpiRow.key, KpiVersion).join(KpiVersion, (KpiVersion.kpi_id == KpiRow.id)
                                            & (KpiVersion.version == KpiRow.version))
        .where(KpiRow.is_deleted.is_(False)).order_by(KpiRow.position, KpiRow.key)).all()
    return {key: kpi_of(version) for key, version in rows}


def is_of_demo(key: str, kpis: dict[str, Kpi], datasets: dict[str, Dataset]) -> bool:
    """Does the KPI stand on the demo company's data only, itself or through others?"""
    from dashapp.query.graph import needed

    used = needed([key], kpis, datasets)
    return bool(used) and all(datasets[k].is_demo for k in used)


def can_stand_on(datasets: dict[str, Dataset], key: str, kpis: dict[str, Kpi]) -> bool:
    """Can the KPI be computed from these datasets alone, itself and what it refers to? False for one without data."""
    from dashapp.query.graph import below, sources
    from dashapp.query.lacking import lacking

    read = {source for k in below([key], kpis) for source in sources(kpis[k].formula)}
    return bool(read) and read <= set(datasets) and not lacking([key], kpis, datasets)


def _store(session: scoped_session[OrmSession], actor: Actor, kpi: Kpi, why: str, now: datetime, *,
           is_demo: bool = False) -> Kpi:
    row = session.scalar(select(KpiRow).where(KpiRow.key == kpi.key))
    if (0 if row is None or row.is_deleted else row.version) != kpi.version:
        raise Conflict("Somebody else saved or deleted this KPI. Look at what there is now before you save yours.")
    if row is None:
        last = session.scalar(select(func.coalesce(func.max(KpiRow.position), 0)))
        row = KpiRow(key=kpi.key, position=(last or 0) + 1, version=0, is_deleted=False, is_demo=is_demo)
        session.add(row)
    before = row.version
    row.version, row.is_deleted = row.version + 1, False
    session.flush()
    session.add(KpiVersion(kpi_id=row.id, version=row.version, definition=kpi_json(kpi), deleted=False, saved_at=now,
                           saved_by=actor.email, why=why))
    auditing.record(actor, "kpi.save", kpi.key, before={"version": before} if before else None,
                    after={**kpi_json(kpi), "version": row.version}, now=now)
    session.flush()
    return replace(kpi, version=row.version)


def _views(keys: list[str], datasets: dict[str, Dataset], kpis: dict[str, Kpi]) -> tuple[KpiView, ...]:
    from dashapp.query.lacking import lacking, standing

    needs = lacking(keys, kpis, datasets)
    return tuple(KpiView(kpis[k], needs.get(k, ()), standing(kpis[k], kpis, datasets)[1]) for k in keys)


def _users(key: str, kpis: Mapping[str, Kpi]) -> tuple[str, ...]:
    from dashapp.query.names import references

    return tuple(k.name for k in kpis.values() if k.key != key and key in references(k.formula))


def _is_typed(kpi: Kpi) -> bool:
    """Are all members what they say? Browsers send drafts, and what is saved is read by every page."""
    texts = (kpi.key, kpi.name, kpi.formula, kpi.unit, kpi.direction, kpi.category, kpi.description, kpi.owner or "")
    sizes = (kpi.decimals, kpi.weight, kpi.min_value or 0, kpi.max_value or 0, kpi.anomaly_threshold, kpi.version)
    return (all(isinstance(t, str) for t in texts) and isinstance(kpi.absent_is_zero, bool)
            and all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in sizes)
            and isinstance(kpi.decimals, int) and isinstance(kpi.version, int))


def refuse_nonsense(kpi: Kpi) -> None:
    """Raise Invalid for a member that cannot be meant, whatever the formula says."""
    if not _is_typed(kpi):
        raise Invalid("A member of the definition is not of its type: texts are texts, numbers finite numbers.")
    if not _KEY.match(kpi.key) or "__" in kpi.key:
        raise Invalid("A KPI key is a word of small letters, digits and underscores, starting with a letter.")
    if not 1 <= len(kpi.name.strip()) <= 120:
        raise Invalid("A KPI's name has 1 to 120 characters.")
    if kpi.unit not in UNITS or kpi.direction not in DIRECTIONS or kpi.category not in CATEGORIES:
        raise Invalid("Unit, direction or category is not one of the known words.")
    if not 0 <= kpi.decimals <= 6 or not 0 <= kpi.weight <= 1 or not 0 < kpi.anomaly_threshold <= 20:
        raise Invalid("Decimals are 0 to 6, the weight is 0 to 1, the anomaly threshold is above 0 and at most 20.")
    if kpi.min_value is not None and kpi.max_value is not None and kpi.min_value > kpi.max_value:
        raise Invalid("The plausible minimum is above the maximum.")
    if len(kpi.description) > 2000 or len(kpi.formula) > 2000 or len(kpi.owner or "") > 200:
        raise Invalid("Formula and description have at most 2,000 characters, an owner 200.")
