"""Which other KPIs stand on the one that changes, by which path, and how many of their figures move."""
from __future__ import annotations

from dashapp.core.effect import SHOWN, Cell, Effect
from dashapp.core.period import Grain
from dashapp.services.effects import Change, Kind, same
from dashapp.services.effects.figures import figures, paired

COLUMNS = (("kpi", "KPI"), ("path", "Through"), ("changed", "Figures that change"), ("period", "Latest that changes"),
           ("before", "Now"), ("after", "With the change"))


def run(change: Change) -> Effect:
    """Nearest first."""
    title, paths = "KPIs that stand on it", change.paths
    if not paths:
        return Effect("dependents", title, "No other KPI uses it.", COLUMNS)
    shown = list(paths)[:SHOWN]
    rows = tuple(_row(change, key) for key in shown)
    moved = sum(1 for row in rows if row[2].value)
    words = change.desk.organisation.words
    uses = words.counted(len(paths), "KPI stands on it", "KPIs stand on it")
    among = f" of the {SHOWN} nearest" if len(paths) > SHOWN else ""
    return Effect("dependents", title, f"{uses}; figures of {words.number(moved)}{among} change.", COLUMNS, rows,
                  len(paths), frozenset({2, 4, 5}))


def _row(change: Change, key: str) -> tuple[Cell, ...]:
    words, kpi = change.desk.organisation.words, change.drafted.kpis[key]
    path = change.paths[key]
    moved = [m for m in _history(change, key) if not same(m[1], m[2])]
    start = (Cell(key, kpi.name), Cell(list(path), " → ".join(path)), Cell(len(moved), words.number(len(moved))))
    if not moved:
        return (*start, Cell(None, "—"), Cell(None, "—"), Cell(None, "—"))
    period, before, after = moved[-1]
    return (*start, Cell(period.label, words.period(period)), *figures((before, kpi), (after, kpi), words))


def _history(change: Change, key: str):
    """All KPIs of one grain are asked together."""
    grain: Grain = change.grain_of(key)
    together = [k for k in list(change.paths)[:SHOWN] if change.grain_of(k) is grain]
    return paired(*(side.get(key) for side in change.answers(together, grain)))


ENTRY = Kind("dependents", 30, run)
