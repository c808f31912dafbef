"""Which warnings and alerts would fire or clear: finished periods held against the limits in force."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dashapp.core.effect import SHOWN, Cell, Effect
from dashapp.core.period import Grain, Period
from dashapp.core.rule import STATUS_NAMES, Status
from dashapp.core.series import Point
from dashapp.services import limiting
from dashapp.services.consequences import Commit, Kind
from dashapp.services.effects.figures import paired

TITLE = "Alerts"
COLUMNS = (("kpi", "KPI"), ("grain", "Limits by"), ("period", "Period"), ("before", "Now"), ("after", "After"))
_RANK: dict[Status, int] = {"none": 0, "ok": 0, "warning": 1, "critical": 2}


@dataclass(frozen=True)
class Flip:
    """One finished period whose status a commit changes."""

    kpi: str
    grain: str
    period: Period
    before: Status
    after: Status

    @property
    def fires(self) -> bool:
        return _RANK[self.after] > _RANK[self.before]


def run(commit: Commit) -> Effect:
    """Limits speak of the whole company: within a data scope nothing is judged."""
    if commit.actor.scope:
        return Effect("alerts", TITLE, "Limits speak of the whole company; your data scope is a part of it, so nothing "
                                       "is judged here.", COLUMNS)
    limits = [x for x in limiting.listing(commit.actor) if x.kpi in commit.keys]
    if not limits:
        return Effect("alerts", TITLE, "No KPI of this dataset has limits.", COLUMNS)
    flips = sorted(_flips(commit), key=lambda f: (f.period.start, _RANK[f.after], f.kpi), reverse=True)
    return Effect("alerts", TITLE, _summary(commit, flips), COLUMNS, tuple(_row(commit, f) for f in flips[:SHOWN]),
                  len(flips))


def _flips(commit: Commit) -> Iterator[Flip]:
    limits = [x for x in limiting.listing(commit.actor) if x.kpi in commit.keys]
    for one in limits:
        grain = Grain(one.grain)
        together = [x.kpi for x in limits if x.grain == one.grain and not _is_finer(commit, x.kpi, grain)]
        if one.kpi not in together:
            continue
        for period, before, after in paired(*(side.get(one.kpi) for side in commit.answers(together, grain))):
            was, will = one.status(_judged(before)), one.status(_judged(after))
            if was != will:
                yield Flip(one.kpi, one.grain, period, was, will)


def _is_finer(commit: Commit, kpi: str, grain: Grain) -> bool:
    """Are limits kept by a grain at which the KPI cannot be asked any more?"""
    return commit.scene.grains[kpi].coarser_than(grain)


def _judged(point: Point | None) -> float | None:
    """The figure that is judged: none of an unfinished period."""
    return float(point.value) if point and point.complete and point.value is not None else None


def _summary(commit: Commit, flips: list[Flip]) -> str:
    words = commit.desk.organisation.words
    fire = sum(f.fires for f in flips)
    clear = sum(_RANK[f.after] < _RANK[f.before] for f in flips)
    if not fire and not clear:
        return "No warning or alert would fire or clear."
    return f"{words.counted(fire, 'would fire', 'would fire')}, {words.counted(clear, 'would clear', 'would clear')}."


def _row(commit: Commit, flip: Flip) -> tuple[Cell, ...]:
    words = commit.desk.organisation.words
    return (Cell(flip.kpi, commit.scene.kpis[flip.kpi].name), Cell(flip.grain, flip.grain),
            Cell(flip.period.label, words.period(flip.period)),
            *(Cell(s, "No figure" if s == "none" else STATUS_NAMES[s], s) for s in (flip.before, flip.after)))


ENTRY = Kind("alerts", 20, run)
