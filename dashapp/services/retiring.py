"""What becomes of KPIs when their dataset is deleted: nobody's go with it, people's stay and wait for their data."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import scoped_session

from dashapp.core.actor import Actor, Role
from dashapp.core.definition import Leaving
from dashapp.core.kpi import Kpi
from dashapp.services import defining
from dashapp.services.desk import Desk
from dashapp.services.unit import reading
from models import KpiRow, KpiVersion


def leaving(actor: Actor, desk: Desk, dataset: str) -> Leaving:
    """The KPIs that stand on a dataset, itself or through others, and which of them a deletion takes along. Admin."""
    actor.require(Role.ADMIN)
    with reading() as session:
        return _leaving(dataset, defining.current(session), _proposed(session))


def retire(session: scoped_session[OrmSession], actor: Actor, dataset: str, name: str, *, now: datetime) -> Leaving:
    """Delete the KPIs that go with the dataset, inside the caller's transaction; name: as people know it."""
    found = _leaving(dataset, defining.current(session), _proposed(session))
    for kpi in found.goes:
        defining.remove(session, actor, kpi, f"deleted with {name}", now=now)
    return found


def _leaving(dataset: str, kpis: Mapping[str, Kpi], proposed: Collection[str]) -> Leaving:
    from dashapp.query.graph import below, named
    from dashapp.query.names import references

    on = {k for k in kpis if any(dataset in named(kpis[r].formula) for r in below([k], kpis))}
    users = {k: {u for u in kpis if u != k and k in references(kpis[u].formula)} for k in on}
    goes = on & set(proposed)
    while kept := {k for k in goes if users[k] - goes}:
        goes -= kept
    return Leaving(_dependants_first(kpis, goes, users), tuple(v for k, v in kpis.items() if k in on - goes))


def _dependants_first(kpis: Mapping[str, Kpi], keys: set[str], users: Mapping[str, set[str]]) -> tuple[Kpi, ...]:
    """In display order, but for the KPIs that others of them are built on: those come behind them."""
    out: list[Kpi] = []
    left = [k for k in kpis if k in keys]
    while left:  # definitions form no cycle: one without a user is always there
        free = next(k for k in left if not users[k] & set(left))
        left.remove(free)
        out.append(kpis[free])
    return tuple(out)


def _proposed(session: scoped_session[OrmSession]) -> set[str]:
    """Keys of the KPIs that came with a dataset's first upload and were never saved by anybody since."""
    rows = session.execute(select(KpiRow.key, KpiRow.version, KpiVersion.version, KpiVersion.why, KpiVersion.deleted)
                           .join(KpiVersion, KpiVersion.kpi_id == KpiRow.id).where(KpiRow.is_deleted.is_(False))).all()
    gone = {(key, version) for key, _, version, _, deleted in rows if deleted}
    return {key for key, now, version, why, _ in rows if version == now and why.startswith(defining.PROPOSED)
            and (version == 1 or (key, version - 1) in gone)}
