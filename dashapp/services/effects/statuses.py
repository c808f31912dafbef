"""Which statuses flip: finished periods against limits and targets, of the KPI and of those that stand on it."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dashapp.core.effect import SHOWN, Cell, Effect
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain, Period
from dashapp.core.rule import STATUS_NAMES, Limits, Status
from dashapp.core.series import Point
from dashapp.services import limiting, targeting
from dashapp.services.effects import Change, Kind
from dashapp.services.effects.figures import paired

COLUMNS = (("kpi", "KPI"), ("against", "Held against"), ("period", "Period"), ("before", "Now"),
           ("after", "With the change"))
TARGET_NAMES = {"met": "Target met", "missed": "Target missed", "none": "No figure"}
_TONES = {"met": "ok", "missed": "warning", "none": "none"}


@dataclass(frozen=True)
class Flip:
    """One finished period whose word changes. before, after: a status of limits, or met, missed, none of a target."""

    kpi: str
    against: str
    period: Period
    before: str
    after: str


def run(change: Change) -> Effect:
    """Limits and targets speak of the whole company: a data scope is never held against them."""
    title = "Statuses"
    if change.actor.scope:
        return Effect("statuses", title, "Limits and targets speak of the whole company; your data scope is a part of "
                                         "it, so nothing is judged here.", COLUMNS)
    limits = [x for x in limiting.listing(change.actor) if x.kpi in change.keys]
    targets = [t for t in targeting.listing(change.actor, change.desk) if t.kpi in change.keys]
    if not limits and not targets:
        return Effect("statuses", title, "Neither it nor a KPI that stands on it has limits or targets.", COLUMNS)
    flips = sorted((*_of_limits(change, limits), *_of_targets(change, targets)),
                   key=lambda f: (f.period.start, f.period.grain.rank, f.kpi), reverse=True)
    rows = tuple(_row(change, f) for f in flips[:SHOWN])
    return Effect("statuses", title, _summary(change, flips), COLUMNS, rows, len(flips))


def _of_limits(change: Change, limits: list[Limits]) -> Iterator[Flip]:
    for one in limits:
        sides = change.answers((x.kpi for x in limits if x.grain == one.grain), Grain(one.grain))
        for period, before, after in paired(*(s.get(one.kpi) for s in sides)):
            was, is_now = one.status(_judged(before)), one.status(_judged(after))
            if was != is_now:
                yield Flip(one.kpi, f"limits by {one.grain}", period, was, is_now)


def _of_targets(change: Change, targets: list[targeting.TargetView]) -> Iterator[Flip]:
    for one in targets:
        sides = change.answers((t.kpi for t in targets if t.grain == one.grain), Grain(one.grain))
        for period, before, after in paired(*(s.get(one.kpi) for s in sides)):
            if period.start != one.start:
                continue
            was = _reached(change.scene.kpis.get(one.kpi), before, one.value)
            is_now = _reached(change.drafted.kpis.get(one.kpi), after, one.value)
            if was != is_now:
                yield Flip(one.kpi, "target", period, was, is_now)


def _judged(point: Point | None) -> float | None:
    """The figure that is judged: none of an unfinished period."""
    return float(point.value) if point and point.complete and point.value is not None else None


def _reached(kpi: Kpi | None, point: Point | None, target: float) -> str:
    """Is the target met? Where within a band is best, a target is no side to be on."""
    value = _judged(point)
    if kpi is None or value is None or kpi.direction == "band":
        return "none"
    return "met" if (value >= target if kpi.direction == "up" else value <= target) else "missed"


def _summary(change: Change, flips: list[Flip]) -> str:
    if not flips:
        return "No finished period changes its status against limits or targets."
    words, last = change.desk.organisation.words, flips[0]
    count = words.counted(len(flips), "finished period changes its status",
                          "finished periods change their status")
    shown = f" The latest {SHOWN} are shown." if len(flips) > SHOWN else ""
    return (f"{count}; the latest: {change.drafted.kpis[last.kpi].name} in {words.period(last.period)}, "
            f"{_word(last.before).lower()} now, {_word(last.after).lower()} with the change.{shown}")


def _word(status: str) -> str:
    names: dict[str, str] = {**TARGET_NAMES, **{k: v for k, v in STATUS_NAMES.items() if k != "none"}}
    return names[status]


def _row(change: Change, flip: Flip) -> tuple[Cell, ...]:
    words = change.desk.organisation.words
    return (Cell(flip.kpi, change.drafted.kpis[flip.kpi].name), Cell(flip.against, flip.against.capitalize()),
            Cell(flip.period.label, words.period(flip.period)), _cell(flip.before), _cell(flip.after))


def _cell(status: str) -> Cell:
    tone: Status = _TONES.get(status, status)  # type: ignore[assignment]
    return Cell(status, _word(status), tone)


ENTRY = Kind("statuses", 20, run)
