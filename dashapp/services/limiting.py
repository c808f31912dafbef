"""Plain warning and critical limits, edited in a grid with an optimistic lock per row."""
from __future__ import annotations

import math
from datetime import datetime

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import Conflict, Invalid, NotFound
from dashapp.core.period import QUESTION_GRAINS
from dashapp.core.rule import Limits
from dashapp.services import auditing
from dashapp.services.scene import load_scene
from dashapp.services.unit import reading, writing
from models import LimitRow


def listing(actor: Actor) -> tuple[Limits, ...]:
    """All limits by KPI and grain. Any role; none for people with a data scope: limits speak of the whole company."""
    actor.require(Role.EXECUTIVE)
    if actor.scope:
        return ()
    with reading() as session:
        rows = session.scalars(select(LimitRow).order_by(LimitRow.kpi_key, LimitRow.grain)).all()
        return tuple(_limits(r) for r in rows)


def save(actor: Actor, limits: Limits, *, now: datetime) -> Limits:
    """The limits are in force from now on. Analyst, without a data scope.

    `limits.version` is the version that was edited, 0 for a new row. Raises Invalid when warning is worse than
    critical, Conflict with both versions when somebody saved in between.
    """
    _require_whole(actor)
    _check(limits)
    with writing() as session:
        row = session.scalar(select(LimitRow).where(LimitRow.kpi_key == limits.kpi, LimitRow.grain == limits.grain))
        before = _limits(row) if row else None
        if (row.version if row else 0) != limits.version:
            raise Conflict("Somebody else changed these limits. Look at theirs before you save yours.",
                           theirs=_json(before) if before else None, yours=_json(limits))
        if row is None:
            row = LimitRow(kpi_key=limits.kpi, grain=limits.grain, version=0)
            session.add(row)
        row.side, row.warning, row.critical = limits.side, limits.warning, limits.critical
        row.version = limits.version + 1
        row.saved_at, row.saved_by = now, actor.email
        auditing.record(actor, "limits.save", f"{limits.kpi} by {limits.grain}", now=now,
                        before=_json(before) if before else None, after=_json(limits))
        return _limits(row)


def delete(actor: Actor, kpi: str, grain: str, version: int, *, now: datetime) -> None:
    """The limits are gone. Analyst, without a data scope."""
    _require_whole(actor)
    with writing() as session:
        row = session.scalar(select(LimitRow).where(LimitRow.kpi_key == kpi, LimitRow.grain == grain))
        if row is None:
            raise NotFound("These limits are gone already.")
        if row.version != version:
            raise Conflict("Somebody else changed these limits.", theirs=_json(_limits(row)))
        session.delete(row)
        auditing.record(actor, "limits.delete", f"{kpi} by {grain}", before=_json(_limits(row)), now=now)


def _check(limits: Limits) -> None:
    if limits.kpi not in load_scene().kpis:
        raise NotFound(f"There is no KPI {limits.kpi!r}.")
    if limits.grain not in [g.value for g in QUESTION_GRAINS]:
        raise Invalid("The grain is day, week, month, quarter or year.")
    if limits.side not in ("below", "above"):
        raise Invalid("The side is below or above.")
    for value in (limits.warning, limits.critical):
        if value is not None and not math.isfinite(value):
            raise Invalid("A limit is a number.")
    if limits.warning is not None and limits.critical is not None:
        wrong = limits.critical > limits.warning if limits.side == "below" else limits.critical < limits.warning
        if wrong:
            raise Invalid("Critical must be worse than warning: lower when low is bad, higher when high is bad.")


def _limits(row: LimitRow) -> Limits:
    return Limits(row.kpi_key, row.grain, row.side, row.warning, row.critical, row.version)  # type: ignore[arg-type]


def _json(limits: Limits) -> dict[str, object]:
    return {"side": limits.side, "warning": limits.warning, "critical": limits.critical, "version": limits.version}


def _require_whole(actor: Actor) -> None:
    actor.require(Role.ANALYST, token="ingest")
    if actor.scope:
        raise Invalid("Limits of the whole company are set by people who see the whole company.")
