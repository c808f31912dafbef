"""What a commit of rows leads to beyond the figures themselves: one file per kind of thing, each binding `ENTRY`.

Each is asked with the same `Commit` and gives one table; they share the answers before and after. Rules, reports and
whatever else stands on figures adds its own file here.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from dashapp.core.actor import Actor
from dashapp.core.effect import Effect
from dashapp.core.errors import Invalid, Unavailable
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.registry import Registry
from dashapp.core.series import Series
from dashapp.services import asking
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene

PERIODS = {Grain.DAY: 92, Grain.WEEK: 53}  # of the newest that are looked at; 24 of coarser grains
Sides = tuple[dict[str, Series], dict[str, Series]]


@dataclass(frozen=True)
class Commit:
    """A file that is checked and not committed (or an undo before it is done). scene: what is in force; after: the
    same with the file's rows; span: its dates. Everything is answered within the actor's data scope."""

    actor: Actor
    desk: Desk
    scene: Scene
    after: Scene
    dataset: str
    span: DateRange
    now: datetime
    _asked: dict[tuple[tuple[str, ...], Grain], Sides] = field(default_factory=dict, compare=False)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The KPIs that stand on the dataset, in display order."""
        from dashapp.query.graph import needed

        return tuple(k for k in self.scene.kpis if self.dataset in needed([k], self.scene.kpis, self.after.datasets))

    def grain_of(self, key: str) -> Grain:
        """Month, or the coarser grain of the data a KPI stands on."""
        return max(Grain.MONTH, self.scene.grains[key], key=lambda g: g.rank)

    def answers(self, keys: Iterable[str], grain: Grain) -> Sides:
        """Key -> series over the newest periods of the file's dates, before and after. Raises Unavailable, Invalid."""
        wanted = tuple(dict.fromkeys(keys))
        if not wanted:
            return {}, {}
        if (wanted, grain) not in self._asked:
            calendar = self.desk.organisation.calendar
            found = calendar.periods(self.span, grain)[-PERIODS.get(grain, 24):]
            question = Question(wanted, grain, DateRange(found[0].start, found[-1].end), scope=self.actor.scope)
            before, after = (asking.answer_on(self.desk, scene, question, now=self.now)
                             for scene in (self.scene, self.after))
            self._asked[wanted, grain] = ({s.kpi: s for s in before}, {s.kpi: s for s in after})
        return self._asked[wanted, grain]


@dataclass(frozen=True)
class Kind:
    """One kind of thing that a commit reaches. order: where its table stands."""

    name: str
    order: int
    run: Callable[[Commit], Effect]


KINDS: Registry[Kind] = Registry("dashapp.services.consequences", Kind)


def follows_of(commit: Commit) -> tuple[dict[str, Any], ...]:
    """`consequences_of` as it is kept (`Effect.kept`); one sentence where a question takes too long."""
    try:
        return tuple(e.kept() for e in consequences_of(commit))
    except (Unavailable, Invalid) as error:
        return (Effect("unanswered", "What follows", f"It could not be found out: {error.message}").kept(),)


def consequences_of(commit: Commit) -> tuple[Effect, ...]:
    """What every kind says, in their order; nothing where no KPI stands on the dataset."""
    return tuple(kind.run(commit) for kind in sorted(KINDS, key=lambda k: k.order)) if commit.keys else ()
