"""The demo company's own limits and targets, so that its first cards carry a status and a goal.

They are worked out from the company's last twelve complete months, as its finance people would have done, and set
through the same verbs as everybody's: audited, editable, and gone with the demo company.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import fmean

from sqlalchemy import select

from dashapp.core.actor import Actor
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain, Period
from dashapp.core.question import Question
from dashapp.core.rule import Limits
from dashapp.core.series import Point, Series
from dashapp.services import asking, limiting, targeting
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from dashapp.services.unit import reading
from models import KpiRow

# KPI -> warning and critical as shares of its mean month: beyond what seasons do, within what incidents do.
WATCHED = {
    "revenue": (0.80, 0.65), "average_order_value": (0.90, 0.80), "profit_margin": (0.97, 0.92), "churn": (1.20, 1.45),
    "conversion_rate": (0.80, 0.65), "satisfaction": (0.985, 0.96), "nps": (0.90, 0.70), "defect_rate": (1.60, 2.60),
}
TARGETED, GROWTH = "revenue", 1.05  # on the same month a year earlier
MONTHS, FEWEST = 12, 3  # fewer months than these say nothing about what is usual


def put_goals(actor: Actor, desk: Desk, *, now: datetime) -> int:
    """Monthly limits and the revenue targets of the last and the current month are set; how many of both. Admin.

    Only for KPIs that came with the demo company, and never over what somebody set already.
    """
    kpis = _of_demo()
    if not kpis:
        return 0
    calendar = desk.organisation.calendar
    current = calendar.period(desk.organisation.today(now), Grain.MONTH)
    span = DateRange(calendar.previous(current, MONTHS + 1).start, current.end)
    series = asking.answer(desk, Question(tuple(kpis), Grain.MONTH, span), now=now)
    return _put_limits(actor, kpis, series, now) + _put_targets(actor, desk, series, current, now)


def _of_demo() -> dict[str, Kpi]:
    """The watched KPIs of the demo company: those of somebody's own data are theirs to judge."""
    with reading() as session:
        ours = set(session.scalars(select(KpiRow.key).where(KpiRow.is_demo)))
    return {key: kpi for key, kpi in load_scene().kpis.items() if key in WATCHED and key in ours}


def _put_limits(actor: Actor, kpis: dict[str, Kpi], series: Iterable[Series], now: datetime) -> int:
    taken = {(x.kpi, x.grain) for x in limiting.listing(actor)}
    found = [limits_of(kpis[s.kpi], s.points) for s in series]
    fresh = [x for x in found if x is not None and (x.kpi, x.grain) not in taken]
    for limits in fresh:
        limiting.save(actor, limits, now=now)
    return len(fresh)


def limits_of(kpi: Kpi, points: Sequence[Point]) -> Limits | None:
    """Warning and critical on the KPI's bad side, as rounded shares of its mean complete month; None for too few.

    points: by month, oldest first, in the KPI's unit.
    """
    known = [float(p.value) for p in points if p.whole and p.value is not None][-MONTHS:]
    if len(known) < FEWEST:
        return None
    warning, critical = (_round(share * fmean(known)) for share in WATCHED[kpi.key])
    return Limits(kpi.key, Grain.MONTH.value, "above" if kpi.direction == "down" else "below", warning, critical)


def _put_targets(actor: Actor, desk: Desk, series: Iterable[Series], current: Period, now: datetime) -> int:
    points = next((s.points for s in series if s.kpi == TARGETED), ())
    calendar, taken = desk.organisation.calendar, {t.period for t in targeting.listing(actor, desk, TARGETED)}
    values = {p.period.label: float(p.value) for p in points if p.whole and p.value is not None}
    if len(values) < FEWEST:
        return 0
    put = 0
    for month in (calendar.previous(current, 1), current):
        earlier = calendar.year_ago(month)
        before = values.get(earlier.label if earlier else "", fmean(values.values()))
        if month.label not in taken:
            targeting.save(actor, desk, TARGETED, month.label, _round(GROWTH * before), now=now)
            put += 1
    return put


def _round(value: float) -> float:
    """As people set limits: `92,000`, `0.385`."""
    return float(f"{value:.3g}" if abs(value) < 1000 else f"{value:.2g}")
