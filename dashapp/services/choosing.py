"""What one may split and filter by, and which values there are - never one from outside the actor's data scope."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dashapp.core.actor import Actor, Role
from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.words import headed
from dashapp.services import asking, states
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene, load_scene

MAX_MEMBERS = 500
COUNTED = "_counted"  # a definition that is asked and never saved: no saved one can have this key
PATIENCE = 1.0  # seconds a warehouse gets while somebody types
_SPLIT_BY = (RoleOf.DIMENSION, RoleOf.CURRENCY)


def dimensions(actor: Actor, desk: Desk, kpi: str | None = None) -> dict[str, str]:
    """Name -> words of every dimension a KPI can be split by, joined ones included; of all KPIs when None.

    Nothing for a KPI that lacks data; nor what its own conditions hold to one value.
    """
    from dashapp.query.graph import below, confined, sources

    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    reached = below([kpi] if kpi else scene.kpis, scene.kpis)
    read = sorted({s for k in reached for s in sources(scene.kpis[k].formula)})
    found = [_of(d, scene) for k in read if (d := scene.datasets.get(k)) and d.kind != "reference"]
    if not kpi:
        return _of_all(found)
    if not found or not set(read) <= set(scene.datasets):
        return {}
    # A KPI over several datasets can be split by what all of them have.
    shared = set.intersection(*(set(f) for f in found)) - confined(kpi, scene.kpis)
    return {k: v for k, v in found[0].items() if k in shared}


def members(actor: Actor, desk: Desk, column: str, *, now: datetime, kpi: str | None = None) -> tuple[str, ...]:
    """Values of a dimension within the actor's scope, sorted, at most 500; () for an unknown column."""
    actor.require(Role.EXECUTIVE)
    scene = load_scene()
    asked = kpi if kpi in scene.kpis else _any_with(column, actor, desk, scene)
    if asked is None or column not in dimensions(actor, desk, asked):
        return ()
    span = _span(desk, scene, asked, now)
    question = Question((asked,), Grain.YEAR, span, by=(column,), scope=actor.scope)
    (series,) = asking.answer(desk, question, now=now)
    found = {dict(t.split).get(column) for t in series.totals if t.split}
    return tuple(sorted(v for v in found if v))[:MAX_MEMBERS]


def values(actor: Actor, desk: Desk, dataset: str, column: str, *, now: datetime) -> tuple[str, ...]:
    """Values of a dimension of a dataset, its own (`region`) or a joined one (`catalogue.category`), within the actor's
    scope, the most frequent 500 in the order of texts; () for what is no dimension. For formulas, so for analysts.
    """
    from dashapp.query.spelling import spelled

    actor.require(Role.ANALYST)
    scene = load_scene()
    if dataset not in scene.datasets or column not in _of(scene.datasets[dataset], scene):
        return ()
    counted = Kpi(COUNTED, dataset, f"count({spelled(dataset)})")
    history = {**scene.history, COUNTED: ((now, counted, False),)}
    drafted = replace(scene, token=(*scene.token, counted), history=history)
    question = Question((COUNTED,), Grain.YEAR, _span(desk, drafted, COUNTED, now), by=(column,), scope=actor.scope)
    (series,) = asking.answer(desk.in_a_hurry(PATIENCE), question, now=now, scene=drafted)
    parts = sorted((t for t in series.parts if t.split and t.value), key=lambda t: t.value or 0, reverse=True)
    found = [str(v) for t in parts if (v := t.split[0][1]) is not None]
    return tuple(sorted(found[:MAX_MEMBERS]))


def _of_all(found: list[dict[str, str]]) -> dict[str, str]:
    """Datasets that call one column differently (`Region`, `Région`) share its key, in words."""
    named: dict[str, set[str]] = {}
    for own in found:
        for key, words in own.items():
            named.setdefault(key, set()).add(words)
    return {k: next(iter(w)) if len(w) == 1 else headed(k.rpartition(".")[2]) for k, w in named.items()}


def _of(dataset: Dataset, scene: Scene) -> dict[str, str]:
    own = {c.key: headed(c.header) for c in dataset.columns if c.role in _SPLIT_BY}
    for _, target in dataset.joins:
        other = scene.datasets.get(target.split(".")[0])
        for column in other.columns if other else ():
            if other and column.role in _SPLIT_BY:
                own[f"{other.key}.{column.key}"] = f"{headed(column.header)} ({other.name})"
    return own


def _any_with(column: str, actor: Actor, desk: Desk, scene: Scene) -> str | None:
    return next((k for k in scene.kpis if column in dimensions(actor, desk, k)), None)


def _span(desk: Desk, scene: Scene, kpi: str, now: datetime) -> DateRange:
    """From the first row to today: a value that occurs at all can be chosen."""
    from dashapp.query.graph import needed

    today = desk.organisation.today(now)
    used = needed([kpi], scene.kpis, scene.datasets)
    firsts = (states.profile_at(desk, scene, k).first for k in used)
    return DateRange(min([d for d in firsts if d and d <= today], default=today), today)
