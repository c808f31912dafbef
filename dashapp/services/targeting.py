"""Targets: what finance wants a KPI to be in a period. Every change is a new version; the old value stays readable."""
from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from dashapp.core.actor import Actor, Role
from dashapp.core.errors import Invalid, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain, Period
from dashapp.core.series import Compared, Number
from dashapp.core.words import Words
from dashapp.services import auditing
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from dashapp.services.unit import reading, writing
from models import Target


@dataclass(frozen=True)
class TargetView:
    kpi: str
    grain: str
    period: str
    start: date
    end: date
    value: float
    saved_at: datetime
    saved_by: str
    version: int


def save(actor: Actor, desk: Desk, kpi: str, period: str, value: float | None, *, now: datetime) -> None:
    """The KPI has this target in the period (`2026-03`, `2026-Q1`); None removes it. Finance, without a data scope.

    Raises NotFound for an unknown KPI and Invalid for a text that is no period, for a value that is no number, and for
    one beyond what its definition calls plausible.
    """
    actor.require(Role.FINANCE, token="ingest")
    if actor.scope:
        raise Invalid("Targets of the whole company are set by people who see the whole company.")
    known = load_scene().kpis.get(kpi)
    if known is None:
        raise NotFound(f"There is no KPI {kpi!r}.")
    if value is not None:
        _plausible(known, value, desk.organisation.words)
    when = desk.organisation.calendar.parse(period)
    with writing() as session:
        current = session.scalar(_current(kpi, when))
        if current is None and value is None:
            return
        version = 1
        if current is not None:
            current.is_current, version = False, current.version + 1
        session.add(Target(kpi_key=kpi, grain=when.grain.value, start=when.start, end=when.end, value=value,
                           version=version, saved_at=now, saved_by=actor.email))
        auditing.record(actor, "target.save", f"{kpi} {when.label}", now=now,
                        before={"value": current.value if current else None}, after={"value": value})


def listing(actor: Actor, desk: Desk, kpi: str | None = None) -> tuple[TargetView, ...]:
    """Targets in force, by KPI and date. Any role; none for people with a data scope, as targets are figures of the
    whole company."""
    actor.require(Role.EXECUTIVE)
    if actor.scope:
        return ()
    calendar = desk.organisation.calendar
    with reading() as session:
        query = select(Target).where(Target.is_current, Target.value.is_not(None))
        query = query.order_by(Target.kpi_key, Target.start)
        rows = session.scalars(query.where(Target.kpi_key == kpi) if kpi else query).all()
        return tuple(
            TargetView(r.kpi_key, r.grain, calendar.period(r.start, Grain(r.grain)).label, r.start, r.end, r.value,
                       r.saved_at, r.saved_by, r.version)
            for r in rows if r.value is not None
        )


def for_period(targets: tuple[TargetView, ...], kpi: str, period: Period) -> float | None:
    """The target of exactly this KPI and period; a month's target says nothing about a week."""
    wanted = (kpi, period.grain.value, period.start)
    return next((t.value for t in targets if (t.kpi, t.grain, t.start) == wanted), None)


def _plausible(kpi: Kpi, value: float, words: Words) -> None:
    if not math.isfinite(value):
        raise Invalid("A target is a number.")
    for limit, beyond, side in ((kpi.min_value, -1, "least"), (kpi.max_value, 1, "most")):
        if limit is not None and (value - limit) * beyond > 0:
            said = words.full(value, kpi.unit, kpi.decimals)
            raise Invalid(f"{kpi.name} is at {side} {words.full(limit, kpi.unit, kpi.decimals)} in its definition: "
                          f"a target of {said} cannot be meant.")


def _current(kpi: str, when: Period):
    return select(Target).where(Target.kpi_key == kpi, Target.grain == when.grain.value, Target.start == when.start,
                                Target.split == "", Target.is_current)


def compared(value: Number | None, target: float | None, *, whole: bool = True) -> Compared | None:
    """A figure against its target: difference and relative difference; None where there is no target.

    A part of a period has neither: its figure would be held against a target of the whole period.
    """
    if target is None:
        return None
    if not whole:
        return Compared(target, None, None, "target", reason="the period is not whole", kind="target")
    if value is None:
        return Compared(target, None, None, "target", reason="no value", kind="target")
    change = float(value) - target
    return Compared(target, change, change / abs(target) if target else None, "target",
                    reason=None if target else "the target is zero", kind="target")
