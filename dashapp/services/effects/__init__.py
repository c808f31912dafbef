"""What a change of a definition would do: one file per kind of thing that depends on figures, each binding `ENTRY`.

Each is asked with the same `Change` and gives one table; they share the answers before and after.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from dashapp.core.actor import Actor
from dashapp.core.effect import Effect
from dashapp.core.errors import Unavailable
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.registry import Registry
from dashapp.core.series import Point, Series
from dashapp.services import asking, states
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene

_REACH = {Grain.DAY: 3650, Grain.WEEK: 25_000}  # days: a question has a largest number of periods
Sides = tuple[dict[str, Series], dict[str, Series]]


@dataclass(frozen=True)
class Change:
    """One definition before and after, nothing of it saved. scene: what is in force; drafted: the same with the draft.

    before is None for a new KPI. Everything is answered within the actor's data scope.

    Raises Unavailable where a warehouse does not answer: that nothing changes must not be said for want of an answer.
    """

    actor: Actor
    desk: Desk
    scene: Scene
    drafted: Scene
    before: Kpi | None
    after: Kpi
    now: datetime
    _asked: dict[tuple[tuple[str, ...], Grain], Sides] = field(default_factory=dict, compare=False)

    @cached_property
    def paths(self) -> dict[str, tuple[str, ...]]:
        """Every other KPI that stands on this one, with the shortest way down to it."""
        from dashapp.query.graph import paths_to

        return paths_to(self.after.key, self.drafted.kpis)

    @property
    def keys(self) -> tuple[str, ...]:
        """The KPI itself, then those that stand on it."""
        return (self.after.key, *self.paths)

    def grain_of(self, key: str) -> Grain:
        """Month, or the coarser grain of the data it stands on, before or after."""
        grains = [Grain.MONTH, *(s.grains[key] for s in (self.scene, self.drafted) if key in s.grains)]
        return max(grains, key=lambda g: g.rank)

    def answers(self, keys: Iterable[str], grain: Grain) -> Sides:
        """Key -> series over all data, before and after; a KPI that was not there is missing from the first."""
        wanted = tuple(dict.fromkeys(keys))
        if (wanted, grain) not in self._asked:
            self._asked[wanted, grain] = (self._ask(self.scene, wanted, grain), self._ask(self.drafted, wanted, grain))
        return self._asked[wanted, grain]

    def _ask(self, scene: Scene, keys: tuple[str, ...], grain: Grain) -> dict[str, Series]:
        known = tuple(k for k in keys if k in scene.kpis)
        if not known:
            return {}
        start = max(self.span.start, self.span.end - timedelta(_REACH.get(grain, 100_000)))
        question = Question(known, grain, DateRange(start, self.span.end), scope=self.actor.scope)
        found = {s.kpi: s for s in asking.answer_on(self.desk, scene, question, now=self.now)}
        if any(s.is_partial for s in found.values()):
            raise Unavailable("A warehouse does not answer, so what would change cannot be told. Try again soon.")
        return found

    @cached_property
    def span(self) -> DateRange:
        """From the first row that a KPI looks at, before or after, to today."""
        from dashapp.query.graph import needed

        today = self.desk.organisation.today(self.now)
        used = {d for s in (self.scene, self.drafted) for d in needed(self.keys, s.kpis, s.datasets)}
        firsts = [states.profile_at(self.desk, self.scene, d).first for d in used]
        return DateRange(min([d for d in firsts if d and d <= today], default=today), today)


@dataclass(frozen=True)
class Kind:
    """One kind of thing that a change of a definition reaches. order: where its table stands."""

    name: str
    order: int
    run: Callable[[Change], Effect]


KINDS: Registry[Kind] = Registry("dashapp.services.effects", Kind)


def effects_of(change: Change) -> tuple[Effect, ...]:
    """What every kind says, in their order."""
    return tuple(kind.run(change) for kind in sorted(KINDS, key=lambda k: k.order))


def same(one: Point | None, other: Point | None) -> bool:
    """The same figure, or none on both sides? Noise in the last digits of binary numbers is no difference."""
    from math import isclose

    a, b = (p.value if p else None for p in (one, other))
    if a is None or b is None or a == b:
        return a == b
    return (isinstance(a, float) or isinstance(b, float)) and isclose(float(a), float(b), rel_tol=1e-12)
