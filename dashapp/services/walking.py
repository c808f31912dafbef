"""The way of a figure from one moment to another: one thing is moved after the other, and the figure taken each time.

First the calendar day of asking, then dataset by dataset the rows that are new, those that changed and those that are
gone, at last the definitions. The last figure is the one asked at the later moment, because nothing is left to move.
"""
from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from dashapp.core.bridge import PartKind, Step
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState, state_of
from dashapp.core.errors import Invalid
from dashapp.core.kpi import Kpi
from dashapp.core.period import Period
from dashapp.core.question import Question
from dashapp.core.rollup import quoted
from dashapp.core.series import Point
from dashapp.services.desk import Desk
from dashapp.services.scene import Scene
from dashapp.services.states import declared_through

if TYPE_CHECKING:
    from dashapp.facts.between import Between, Side, Stage
    from dashapp.query.explain import RowsPlan
    from dashapp.query.planned import Plan

log = logging.getLogger("ledgerline.bridging")
Causes = dict[str, int]  # upload -> rows


@dataclass(frozen=True)
class Moved:
    """Rows of the figure that joined (`came`) or left it (`went`) with a step, by the upload that made them."""

    dataset: str
    came: Causes
    went: Causes


@dataclass
class Walk:
    """Where a figure stands on its way. kpis, today, stages: what has been moved so far; moved: the rows, told at the
    end. `before` and `after` (None: now) are the two moments."""

    desk: Desk
    scene: Scene
    question: Question
    period: Period
    between: Between
    before: datetime
    after: datetime | None
    kpis: Mapping[str, Kpi]
    today: date
    stages: dict[str, Stage]
    moved: list[Moved] = field(default_factory=list)

    def point(self) -> Point:
        """The figure where the walk stands."""
        from dashapp.query.answer import answer

        plan, results = self.plan(), {}
        for scan in plan.scans:
            try:
                results[scan.name] = self.between.fetch(scan.sql, self.stages)
            except Invalid as error:  # the figure says that the engine could not compute it, as everywhere else
                log.warning("the scan %s was left out: %s", scan.name, error.message)
        return answer(plan, results)[0].points[0]

    def plan(self) -> Plan:
        """The question compiled for where the walk stands; nothing is pre-added between two moments."""
        from dashapp.query.compile import plan
        from dashapp.query.graph import needed

        states = {k: self._state(self.scene.datasets[k])
                  for k in needed(self.question.kpis, self.kpis, self.scene.datasets)}
        return plan(self.question, self.kpis, self.scene.datasets, self.desk.organisation.calendar, states, {},
                    self.today, currency=self.desk.organisation.currency)

    def _state(self, dataset: Dataset) -> DataState:
        stage = self.stages.get(dataset.key, "removed")
        profile = self.between.reach(dataset.key, stage)
        moment = self.before if stage == "before" else self.after
        return state_of(dataset, profile.first, profile.last, profile.weekdays,
                        declared_through(self.scene.vintages[dataset.key], moment),
                        self.desk.organisation.calendar, self.today)

    def steps(self, today: date, kpis: Mapping[str, Kpi], redefined: bool) -> Iterator[Step]:
        """Move everything to the later moment: its business date, its rows, its definitions."""
        if today != self.today:
            self.today = today
            yield self._step("time")
        value = self.point().value
        for stage, name in self._row_steps():
            self.stages[name] = stage
            point = self.point()
            moved = self._rows_of_figure(name, stage, idle=point.value == value)
            self.moved.append(moved)
            kind: PartKind = "new" if stage == "new" else "changed" if stage == "changed" else "removed"
            yield Step(kind, name, point.value, point.reason, sum(moved.came.values()), sum(moved.went.values()))
            value = point.value
        self.kpis, self.stages = kpis, {}  # tables that the old definition did not look at have moved as well
        if redefined:
            yield self._step("definition")

    def _row_steps(self) -> list[tuple[Stage, str]]:
        """Stage by stage the datasets the figure reads in which it moves anything, facts before joined tables.

        A stage that moves nothing is left out; `removed` is the later moment itself, and `changed` is too where nothing
        was removed.
        """
        found = self.between.differences
        asked = " ".join(s.sql for s in self.plan().scans)
        names = sorted((k for k in found if quoted(k) in asked),
                       key=lambda k: (self.scene.datasets[k].kind != "facts", k))
        steps: list[tuple[Stage, str]] = [("new", k) for k in names if found[k].new or self._declares(k)]
        steps += [("changed", k) for k in names if found[k].exchanged]
        return steps + [("removed", k) for k in names if found[k].removed]

    def _declares(self, name: str) -> bool:
        """Was another data-through declared in between?"""
        vintages = self.scene.vintages[name]
        return declared_through(vintages, self.before) != declared_through(vintages, self.after)

    def _step(self, kind: PartKind) -> Step:
        point = self.point()
        return Step(kind, None, point.value, point.reason)

    def _rows_of_figure(self, name: str, stage: Stage, *, idle: bool) -> Moved:
        """Rows within reach of the figure that a stage moves, by cause; of a table joined to them all that it moves,
        where the figure moved (`idle`: it did not) - but none under a data scope, which says nothing about them."""
        plans = self._rows_plans
        if name in plans:
            return Moved(name, self._count(plans[name], stage, "came"), self._count(plans[name], stage, "went"))
        if self.scene.datasets[name].kind == "facts" or self.question.scope or idle:
            return Moved(name, {}, {})
        return Moved(name, self.between.causes(name, stage, "came"), self.between.causes(name, stage, "went"))

    @cached_property
    def _rows_plans(self) -> dict[str, RowsPlan]:
        """Which rows of each dataset the figure looks at, compiled once: at the first step that moves rows."""
        from dashapp.query.explain import rows_plan

        return {p.dataset: p for p in rows_plan(self.plan(), self.question.kpis[0], self.period)}

    def _count(self, plan: RowsPlan, stage: Stage, side: Side) -> Causes:
        found = self.between.fetch_fate(plan.origins_sql, plan.dataset, stage, side,
                                        around="removed" if side == "came" else "before")
        return {str(r["_vintage"]): int(r["rows"]) for r in found.to_pylist()}
