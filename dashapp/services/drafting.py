"""A definition while it is being written: completion, what is wrong with it, what it gives, and what it would change.

Nothing here is saved, and nothing leaves the actor's data scope.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from dashapp.core.actor import Actor, Role
from dashapp.core.difference import differences
from dashapp.core.draft import Checked, Completion
from dashapp.core.effect import Effects
from dashapp.core.errors import Conflict
from dashapp.core.kpi import Kpi
from dashapp.core.period import QUESTION_GRAINS, DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.series import Series
from dashapp.services import asking, choosing, defining
from dashapp.services.desk import Desk
from dashapp.services.effects import Change, effects_of
from dashapp.services.scene import Scene, load_scene

UNNAMED = "_draft"  # what a new definition is called while it has no key: no saved one can have this
PERIODS = {Grain.DAY: 28, Grain.WEEK: 13, Grain.MONTH: 12, Grain.QUARTER: 8, Grain.YEAR: 5}


@dataclass(frozen=True)
class Preview:
    """The last periods of a draft. grains: at which it can be asked; implausible: how many values lie outside of the
    range that the draft calls plausible."""

    series: Series
    grains: tuple[Grain, ...]
    implausible: int


def completions(actor: Actor, desk: Desk, text: str, position: int, key: str | None = None, *, now: datetime
                ) -> Completion:
    """What could stand at a place of a formula, see `query.completion`; values only from within the scope. Analyst."""
    from dashapp.query.completion import column_of_value, complete

    actor.require(Role.ANALYST)
    scene = load_scene()
    field = column_of_value(text, position, scene.datasets)
    found = choosing.values(actor, desk, field.dataset, ".".join(field.path[1:]), now=now) if field else ()
    return complete(text, position, scene.datasets, scene.kpis, key, found)


def check(actor: Actor, desk: Desk, text: str, key: str | None = None) -> Checked:
    """A formula with full names, or its flaws with their places and what would mend them. Analyst.

    key: the KPI it is written for, so that a cycle is found, with its path.
    """
    from dashapp.query.mending import check as look

    actor.require(Role.ANALYST)
    scene = load_scene()
    mine = {key: Kpi(key, key, text)} if key else {}
    return look(text, scene.datasets, {**scene.kpis, **mine}, key or None)


def preview(actor: Actor, desk: Desk, kpi: Kpi, grain: Grain | None = None, *, now: datetime) -> Preview:
    """The last periods that the draft's data reach, at the grain of the KPI: that of its data, or month where they are
    by day. Analyst, within scope. Raises Invalid for a formula that cannot be used.

    grain: another one; where the data are coarser, theirs is taken.
    """
    actor.require(Role.ANALYST)
    drafted, kpi = _drafted(load_scene(), replace(kpi, key=kpi.key or UNNAMED), now)
    own = drafted.grains[kpi.key]
    grains = tuple(g for g in QUESTION_GRAINS if not own.coarser_than(g))
    asked = grain if grain in grains else Grain.MONTH if Grain.MONTH in grains and own is Grain.DAY else own
    today = desk.organisation.today(now)
    question = Question((kpi.key,), asked, DateRange(today, today), scope=actor.scope)
    ground = asking.ground_of(desk, drafted, question, now=now)
    reached = [s.data_through for s in ground.states.values() if s.data_through]
    span = _last(desk, asked, max(reached, default=today))
    (series,) = asking.answer_with(desk, ground, replace(question, span=span))
    return Preview(series, grains, sum(1 for p in series.points if _is_implausible(kpi, p.value)))


def effect(actor: Actor, desk: Desk, kpi: Kpi, *, now: datetime) -> Effects:
    """What saving the draft would change: members, figures of the past, statuses, other KPIs. Analyst, within scope.

    `kpi.version` is the version that was edited, 0 for a new one. Raises Invalid for what could not be saved, Conflict
    when somebody saved in between.
    """
    actor.require(Role.ANALYST)
    defining.refuse_nonsense(kpi)
    scene = load_scene()
    before = scene.kpis.get(kpi.key)
    if (before.version if before else 0) != kpi.version:
        raise Conflict(f"There is a KPI with the key {kpi.key!r} already." if kpi.version == 0 and before else
                       "Somebody else saved or deleted this KPI. Look at what there is now before you save yours.")
    drafted, after = _drafted(scene, kpi, now)
    change = Change(actor, desk, scene, drafted, before, after, now)
    return Effects(before, after, differences(before, after), effects_of(change))


def _drafted(scene: Scene, kpi: Kpi, now: datetime) -> tuple[Scene, Kpi]:
    """The scene as it would be, and the draft with its names bound; answers of the two are never kept as one."""
    from dashapp.query.names import bind

    bound = bind(kpi.formula, scene.datasets, {**scene.kpis, kpi.key: kpi}, key=kpi.key)
    draft = replace(kpi, formula=bound.formula)
    versions = (*scene.history.get(kpi.key, ()), (now, draft, False))
    return replace(scene, token=(*scene.token, draft), history={**scene.history, kpi.key: versions}), draft


def _last(desk: Desk, grain: Grain, end: date) -> DateRange:
    calendar = desk.organisation.calendar
    return DateRange(calendar.previous(calendar.period(end, grain), PERIODS[grain] - 1).start, end)


def _is_implausible(kpi: Kpi, value: object) -> bool:
    if value is None:
        return False
    size = float(value)  # type: ignore[arg-type]
    return (kpi.min_value is not None and size < kpi.min_value) or (kpi.max_value is not None and size > kpi.max_value)
