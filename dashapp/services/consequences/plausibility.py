"""Which figures would leave the range that their KPI's definition calls plausible."""
from __future__ import annotations

from collections.abc import Iterator

from dashapp.core.effect import SHOWN, Cell, Effect
from dashapp.core.kpi import Kpi
from dashapp.core.period import Period
from dashapp.core.series import Point
from dashapp.core.words import NO_VALUE
from dashapp.services.consequences import Commit, Kind
from dashapp.services.effects import same
from dashapp.services.effects.figures import paired

TITLE = "Plausible figures"
COLUMNS = (("kpi", "KPI"), ("period", "Period"), ("before", "Now"), ("after", "After"), ("range", "Plausible"))
Found = tuple[Kpi, Period, Point | None, Point]


def run(commit: Commit) -> Effect:
    bounded = [k for k in commit.keys if _is_bounded(commit.scene.kpis[k])]
    if not bounded:
        return Effect("plausibility", TITLE, "No KPI of this dataset has a plausible range.", COLUMNS)
    found = sorted(_implausible(commit, bounded), key=lambda f: (f[1].start, f[0].key), reverse=True)
    words = commit.desk.organisation.words
    said = (words.counted(len(found), "figure would leave its plausible range.",
                          "figures would leave their plausible range.")
            if found else "All figures that move stay plausible.")
    return Effect("plausibility", TITLE, said, COLUMNS, tuple(_row(commit, *f) for f in found[:SHOWN]), len(found),
                  frozenset({2, 3}))


def _is_bounded(kpi: Kpi) -> bool:
    return kpi.min_value is not None or kpi.max_value is not None


def _implausible(commit: Commit, keys: list[str]) -> Iterator[Found]:
    for key in keys:
        kpi, grain = commit.scene.kpis[key], commit.grain_of(key)
        together = [k for k in keys if commit.grain_of(k) is grain]
        for period, before, after in paired(*(side.get(key) for side in commit.answers(together, grain))):
            if after is not None and not same(before, after) and is_outside(kpi, after):
                yield kpi, period, before, after


def is_outside(kpi: Kpi, point: Point) -> bool:
    """Is the figure outside of the KPI's plausible range? Its edges are inside."""
    if point.value is None:
        return False
    value = float(point.value)
    return ((kpi.min_value is not None and value < kpi.min_value)
            or (kpi.max_value is not None and value > kpi.max_value))


def _row(commit: Commit, kpi: Kpi, period: Period, before: Point | None, after: Point) -> tuple[Cell, ...]:
    words = commit.desk.organisation.words

    def said(value: object) -> str:
        return words.full(value, kpi.unit, kpi.decimals) if value is not None else NO_VALUE  # type: ignore[arg-type]

    low, high = kpi.min_value, kpi.max_value
    span = (f"{said(low)} to {said(high)}" if low is not None and high is not None
            else f"at least {said(low)}" if low is not None else f"at most {said(high)}")
    was = before.value if before else None
    return (Cell(kpi.key, kpi.name), Cell(period.label, words.period(period)),
            Cell(float(was) if was is not None else None, said(was)),
            Cell(float(after.value) if after.value is not None else None, said(after.value)),
            Cell([low, high], span))


ENTRY = Kind("plausibility", 10, run)
