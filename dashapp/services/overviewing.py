"""The overview: one card per KPI, from as few questions as there are grains."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dashapp.core.actor import Actor, Role
from dashapp.core.card import Card, headline
from dashapp.core.filters import Filters
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain, Period
from dashapp.core.question import Question
from dashapp.core.rule import Limits, Status
from dashapp.core.series import Compared, Number, Point, Series, plain
from dashapp.services import asking, limiting, targeting
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene, load_scene
from dashapp.services.targeting import TargetView


@dataclass(frozen=True)
class Judged:
    """What the limits of one grain say of the last complete period; point is None while there is none."""

    limits: Limits
    point: Point | None
    status: Status


_BACK = {Grain.DAY: 21, Grain.WEEK: 8, Grain.MONTH: 4, Grain.QUARTER: 3, Grain.YEAR: 3}


@dataclass(frozen=True)
class Overview:
    """cards in catalogue order (the board arranges them); version: see `asking.data_version`; as_of: the
    moment the figures are as known at; is_awaited: a warehouse is still being asked."""

    cards: tuple[Card, ...]
    span: DateRange
    version: str
    has_demo: bool
    as_of: datetime
    is_awaited: bool = False

    def to_json(self) -> dict[str, Any]:
        """What `GET /overview` answers."""
        return {"from": self.span.start.isoformat(), "to": self.span.end.isoformat(), "version": self.version,
                "cards": [card_json(c) for c in self.cards]}


def overview(actor: Actor, desk: Desk, filters: Filters, *, now: datetime) -> Overview:
    """All cards for the filters. Any role, within the actor's scope. One failing KPI never empties the others; one
    whose data are gone has no card: the list of definitions says what is missing."""
    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    kpis = _computable(scene, filters.as_of)
    today = desk.organisation.today(filters.as_of or now)
    span = filters.span(today, desk.organisation.calendar)
    series = _series(actor, desk, scene, kpis, filters, span, now=now)
    statuses = _statuses(actor, desk, scene, kpis, filters, now=now)
    targets = targeting.listing(actor, desk) if not actor.scope and not filters.where else ()
    cards = tuple(_card(actor, desk, scene, kpi, series[key], statuses.get(key), targets, span, filters, now)
                  for key, kpi in kpis.items())
    return Overview(cards, span, scene.version, any(d.is_demo for d in scene.datasets.values()),
                    filters.as_of or now, any(s.is_awaited for s in series.values()))


def _computable(scene: Scene, moment: datetime | None) -> dict[str, Kpi]:
    """The definitions in force at the moment, in display order, but for those whose data are not here any more."""
    from dashapp.query.lacking import lacking

    kpis, _ = scene.kpis_at(moment)
    gone = scene.lacking if moment is None else lacking(kpis, kpis, scene.datasets)
    return {k: v for k, v in kpis.items() if k not in gone} if gone else kpis


def _series(actor: Actor, desk: Desk, scene: Scene, kpis: dict[str, Kpi], filters: Filters, span: DateRange, *,
            now: datetime) -> dict[str, Series]:
    """Every KPI at the asked grain, or at the coarsest grain of its data where that is coarser, which it then says."""
    groups: dict[Grain, list[str]] = {}
    for key, own in _grains(scene, kpis).items():
        groups.setdefault(own if own.coarser_than(filters.grain) else filters.grain, []).append(key)
    compare = "none" if filters.compare == "target" else filters.compare
    out: dict[str, Series] = {}
    for grain, members in groups.items():
        question = Question(tuple(members), grain, span, (), filters.where, compare, filters.as_of, actor.scope)
        for found in asking.answer(desk, question, now=now, scene=scene):
            said = () if grain is filters.grain else (f"Its data are by {grain.value}.",)
            out[found.kpi] = replace(found, warnings=(*said, *found.warnings))
    return out


def _grains(scene: Scene, kpis: dict[str, Kpi]) -> dict[str, Grain]:
    """The finest grain of each of the KPIs, in display order."""
    from dashapp.query.graph import finest

    return {key: scene.grains[key] if scene.kpis.get(key) is kpi else finest(key, kpis, scene.datasets)
            for key, kpi in kpis.items()}


def judged(actor: Actor, desk: Desk, kpi: str, as_of: datetime | None = None, *, now: datetime) -> tuple[Judged, ...]:
    """Every limit of a KPI with the last complete period and its status, unfiltered. Any role, within scope."""
    actor.require(Role.EXECUTIVE)
    if actor.scope:  # limits speak of the whole company; a part of it would always look bad
        return ()
    scene = load_scene()
    mine = [x for x in limiting.listing(actor) if x.kpi == kpi and kpi in scene.kpis_at(as_of)[0]]
    return _judged(actor, desk, scene, mine, as_of, now=now)


def _judged(actor: Actor, desk: Desk, scene: Scene, every: list[Limits], as_of: datetime | None, *,
            now: datetime) -> tuple[Judged, ...]:
    """One question per grain for all limits of that grain."""
    out: list[Judged] = []
    calendar, today = desk.organisation.calendar, desk.organisation.today(as_of or now)
    for grain in dict.fromkeys(Grain(x.grain) for x in every):
        rows = [x for x in every if x.grain == grain]
        start = calendar.previous(calendar.period(today, grain), _BACK[grain]).start
        keys = tuple(dict.fromkeys(r.kpi for r in rows))
        question = Question(keys, grain, DateRange(start, today), as_of=as_of, scope=actor.scope)
        answers = {s.kpi: s for s in asking.answer(desk, question, now=now, scene=scene)}
        for limits in rows:
            last = latest_complete(answers[limits.kpi].points)
            status = limits.status(float(last.value)) if last and last.value is not None else "none"
            out.append(Judged(limits, last, status))
    return tuple(out)


def _statuses(actor: Actor, desk: Desk, scene: Scene, kpis: dict[str, Kpi], filters: Filters, *,
              now: datetime) -> dict[str, tuple[str, Period | None]]:
    """KPI -> (status, period judged): the worst over its limits, each at its own grain, for the whole company.

    Nothing for people with a data scope and for filtered views: a part must not be judged by limits of the whole.
    """
    out: dict[str, tuple[str, Period | None]] = {}
    if actor.scope or filters.where:
        return out
    every = [x for x in limiting.listing(actor) if x.kpi in kpis]
    for found in _judged(actor, desk, scene, every, filters.as_of, now=now):
        key = found.limits.kpi
        if found.point and _WORSE[found.status] > _WORSE[out.get(key, ("none", None))[0]]:
            out[key] = (found.status, found.point.period)
    return out


_WORSE = {"none": 0, "ok": 1, "warning": 2, "critical": 3}


def latest_complete(points: Iterable[Point]) -> Point | None:
    """The last whole period that has a value; unfinished periods and the part in which data begin are never judged."""
    found = [p for p in points if p.whole and p.value is not None and not p.split]
    return max(found, key=lambda p: p.period.start) if found else None


def _card(actor: Actor, desk: Desk, scene: Scene, kpi: Kpi, series: Series, status: tuple[str, Period | None] | None,
          targets: tuple[TargetView, ...], span: DateRange, filters: Filters, now: datetime) -> Card:
    points = tuple(p for p in series.points if not p.split)
    told, so_far = headline(points)
    if filters.compare == "target":
        told, so_far = (p and _against_target(p, targets, kpi.key) for p in (told, so_far))
    target = _target(targets, kpi.key, span, series.grain)
    return Card(
        kpi=kpi, value=told.value if told else None, reason=_reason(told, series),
        compare=told.compare if told else None,
        points=points, target=target.value if target else None, target_period=_period_of(target) if target else None,
        target_actual=_actual(actor, desk, scene, target, filters, now) if target else None,
        status=status[0] if status else "none", status_period=status[1] if status else None,  # type: ignore[arg-type]
        data_through=series.data_through, as_of=filters.as_of or now,
        warnings=(*series.warnings, *_skipped(told, points)),
        period=told.period if told else None, complete=told.complete if told else False, so_far=so_far,
        total=series.total,
    )


def _reason(told: Point | None, series: Series) -> str | None:
    if told is None or told.value is None:
        return (told.reason if told else None) or (series.total.reason if series.total else None) or "No data."
    return None


def _against_target(point: Point, targets: tuple[TargetView, ...], kpi: str) -> Point:
    wanted = targeting.for_period(targets, kpi, point.period)
    return replace(point, compare=targeting.compared(point.value, wanted, whole=point.whole))


def _skipped(told: Point | None, points: tuple[Point, ...]) -> tuple[str, ...]:
    """Says why the card is not about a later period that is over, which it would be about if that had a value."""
    later = [p for p in points if told and told.value is not None and p.complete and p.period.start > told.period.start]
    return tuple(f"No value for {p.period.label}: {p.reason}" for p in later[-1:])


def _target(targets: tuple[TargetView, ...], kpi: str, span: DateRange, grain: Grain) -> TargetView | None:
    """The last target the range touches; at equal ends the one of the asked grain, then the shortest."""
    found = [t for t in targets if t.kpi == kpi and t.start <= span.end and t.end >= span.start]
    return max(found, key=lambda t: (t.start <= span.end <= t.end, t.grain == grain.value, t.start), default=None)


def _period_of(target: TargetView) -> Period:
    return Period(target.start, target.end, Grain(target.grain), target.period)


def _actual(actor: Actor, desk: Desk, scene: Scene, target: TargetView, filters: Filters,
            now: datetime) -> Number | None:
    question = Question((target.kpi,), Grain(target.grain), DateRange(target.start, target.end), as_of=filters.as_of,
                        scope=actor.scope)
    (series,) = asking.answer(desk, question, now=now, scene=scene)
    return series.points[0].value if series.points else None


def card_json(card: Card) -> dict[str, Any]:
    """One card as `GET /overview` gives it: `value` is of `period`, `total` is recomputed over the whole range."""
    total, so_far = card.total, card.so_far
    return {
        "key": card.kpi.key, "title": card.kpi.name, "category": card.kpi.category, "unit": card.kpi.unit,
        "decimals": card.kpi.decimals, "direction": card.kpi.direction,
        "period": _label(card.period), "grain": card.period.grain.value if card.period else None,
        "complete": card.complete, "value": plain(card.value), "reason": card.reason,
        "comparison": _comparison(card.compare),
        "so_far": None if so_far is None else {"period": so_far.period.label, "value": plain(so_far.value),
                                               "comparison": _comparison(so_far.compare)},
        "total": None if total is None else {"value": plain(total.value), "reason": total.reason,
                                             "comparison": _comparison(total.compare)},
        "trend": [{"period": p.period.label, "value": plain(p.value), "complete": p.complete} for p in card.points],
        "status": card.status, "status_period": _label(card.status_period), "colour": COLOURS[card.status],
        "target": plain(card.target), "target_period": _label(card.target_period),
        "target_actual": plain(card.target_actual),
        "data_through": card.data_through.isoformat() if card.data_through else None,
        "as_of": card.as_of.isoformat() if card.as_of else None, "warnings": list(card.warnings),
    }


def _label(period: Period | None) -> str | None:
    return period.label if period else None


def _comparison(compare: Compared | None) -> dict[str, Any] | None:
    return None if compare is None else {
        "kind": compare.kind, "label": compare.label, "value": plain(compare.value), "change": plain(compare.change),
        "change_ratio": compare.change_ratio, "reason": compare.reason,
        "part_until": compare.part_until.isoformat() if compare.part_until else None}


COLOURS = {"ok": "green", "warning": "orange", "critical": "red", "none": "grey"}
