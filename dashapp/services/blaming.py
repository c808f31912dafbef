"""Who made a figure move: the uploads, undos and definitions that took effect between two moments, with who and why."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from dashapp.core.bridge import Cause, Redefinition
from dashapp.core.kpi import Kpi
from dashapp.services.persisted import kpi_of
from dashapp.services.unit import reading
from dashapp.services.walking import Moved
from models import KpiRow, KpiVersion, Upload


def causes(moved: Iterable[Moved], before: datetime, after: datetime | None,
           known: Mapping[str, frozenset[str]] | None) -> tuple[Cause, ...]:
    """The uploads that made rows come or go, in the order of their deeds.

    known: dataset -> uploads that may be named, None for all (see `query.seen`).
    """
    came: Counter[str] = Counter()
    went: Counter[str] = Counter()
    for one in moved:
        allowed = None if known is None else known.get(one.dataset, frozenset())
        for counted, found in ((came, one.came), (went, one.went)):
            counted.update({u: n for u, n in found.items() if allowed is None or u in allowed})
    with reading() as session:
        rows = session.scalars(select(Upload).where(Upload.id.in_([*came, *went]))).all()
        told = [_cause(r, before, after, came[r.id], went[r.id]) for r in rows]
    return tuple(sorted(told, key=lambda c: (c.at, c.upload)))


def _cause(row: Upload, before: datetime, after: datetime | None, came: int, went: int) -> Cause:
    """What was last done to the upload between the moments: that is how it stands at the later one."""
    deed, at, by = "uploaded", row.committed_at or row.received_at, row.user_email
    for event in row.events:
        if before < event.at and (after is None or event.at <= after):
            deed, at, by = "brought back" if event.live else "undone", event.at, event.user_email
    return Cause(row.id, row.dataset_key, row.source_name, deed, at, by, came, went)


def redefinitions(keys: Iterable[str], before: datetime, after: datetime | None) -> tuple[Redefinition, ...]:
    """The versions of these KPIs saved between the moments whose formula differs from that of the version before."""
    with reading() as session:
        rows = session.execute(
            select(KpiRow.key, KpiVersion).join(KpiVersion, KpiVersion.kpi_id == KpiRow.id)
            .where(KpiRow.key.in_(list(keys))).order_by(KpiRow.key, KpiVersion.version)).all()
        out, last = [], dict[str, Kpi]()
        for key, row in rows:
            kpi = kpi_of(row)
            fresh = key in last and (row.deleted or not same_meaning(last[key], kpi))
            last[key] = kpi
            if fresh and before < row.saved_at and (after is None or row.saved_at <= after):
                out.append(Redefinition(kpi, row.saved_at, row.saved_by, row.why, row.deleted))
    return tuple(sorted(out, key=lambda r: (r.at, r.kpi.key)))


def same_meaning(one: Kpi, other: Kpi) -> bool:
    """Do two definitions compute the same from the same rows?"""
    return (one.formula, one.absent_is_zero) == (other.formula, other.absent_is_zero)
