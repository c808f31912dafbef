"""The evidence of one figure: the steps from its terms to it, and the rows of every term, with what it makes of each.

A workbook that recomputes the figure needs the rows in every window the formula looks into, one column per term, and -
for entities, whose histories reach beyond these rows - the dates of first and last activity beside the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as day
from typing import Any

from dashapp.core.currency import converts
from dashapp.core.dataset import RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.period import Period
from dashapp.query.arithmetic import Cell, NoValue
from dashapp.query.columns import Field
from dashapp.query.evaluate import Evaluator, Look
from dashapp.query.explain import cells_used
from dashapp.query.looking import looker
from dashapp.query.needs import spans_of
from dashapp.query.planned import Plan
from dashapp.query.source import stored
from dashapp.query.terms import moved
from dashapp.query.touched import TouchedRows
from dashapp.query.tree import ENTITY, Agg, Bin, Neg, Node, Num, Ref, Time, unparse
from dashapp.query.windows import Reach, Window, Windows

MAX_STEPS = 2_000
MAX_TERMS = 200
ALL_COLUMNS = 24  # a dataset with more shows the columns that take part, and what identifies a row


@dataclass(frozen=True, slots=True)
class Use:
    """One term: an aggregate in a window.

    text: as the formula writes it, within its time functions. reach, before: the dates it looks at (`before`: those
    `lost` compares with), None where it cannot be computed. value: what it is. absent: what it is where no row passes
    filters and window, and has_rows whether some do.
    """

    agg: Agg
    text: str
    reach: Reach | None
    before: Reach | None
    value: Cell
    absent: Cell
    has_rows: bool

    @property
    def looks_at(self) -> Reach | None:
        """The dates of the rows that it counts."""
        return self.before or self.reach


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the computation. kind: `term number kpi shift neg growth + - * /` or `none` (no value, whatever the
    operands are). operands: numbers of earlier steps; term: number of the term."""

    kind: str
    text: str
    operands: tuple[int, ...]
    value: Cell
    term: int | None = None


@dataclass(frozen=True, slots=True)
class RowSheet:
    """The rows of one dataset and the statement that fetches them.

    columns: names in the table of rows, joined ones as `reference__column`. terms: numbers of the terms over it. The
    statement adds `__in{n}` and `__v{n}` per term (does the row take part, and with which value), `__first{i}` and
    `__isfirst{i}` per entity column of `firsts`, `__last{i}` per (entity column, last day) of `lasts`. used: own
    columns whose cells make the figure. amounts: those in several currencies, which terms multiply by the column of
    rates (`query.exchange.RATE`).
    """

    dataset: str
    fields: tuple[Field, ...]
    date: str | None
    terms: tuple[int, ...]
    firsts: tuple[str, ...]
    lasts: tuple[tuple[str, day], ...]
    used: tuple[str, ...]
    sql: str
    amounts: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Steps in the order of computation, the last one gives the figure."""

    steps: tuple[Step, ...]
    terms: tuple[Use, ...]
    sheets: tuple[RowSheet, ...]

    @property
    def value(self) -> Cell:
        return self.steps[-1].value


def evidence(plan: Plan, results: Mapping[str, Any], key: str, period: Period | None = None, *,
             limit: int) -> Evidence:
    """The evidence of one KPI's figure without split: in an asked period, or (None) over the whole range.

    results: as for `answer`. limit: at most so many rows are fetched per dataset. Raises Invalid where the formula has
    more steps than anybody could follow, and where an amount has no exchange rate.
    """
    tracer = _Tracer(plan, looker(plan, results))
    window = Window(period, period) if period else plan.whole
    tracer.kpi(key, plan.within_reach(key, Windows.of(window)))
    uses = tuple(tracer.uses.values())
    _refuse_unrated(uses)
    by_dataset: dict[str, list[int]] = {}
    for number, use in enumerate(uses):
        if use.reach is not None:
            by_dataset.setdefault(use.agg.dataset or "", []).append(number)
    sheets = tuple(_sheet(plan, dataset, numbers, uses, limit) for dataset, numbers in by_dataset.items())
    return Evidence(tuple(tracer.steps), uses, sheets)


# the steps ---------------------------------------------------------------------------------------------------------
@dataclass
class _Tracer(Evaluator):
    """Evaluates one window as every figure is evaluated, and notes each step. Steps on a level are the operands of the
    next."""

    steps: list[Step] = field(default_factory=list)
    uses: dict[tuple[Agg, Window, bool], Use] = field(default_factory=dict)
    _levels: list[list[int]] = field(default_factory=lambda: [[]])
    _steps_of: dict[tuple[str, Windows], int] = field(default_factory=dict)

    def __init__(self, plan: Plan, look: Look) -> None:
        super().__init__(plan.definitions, look, plan.clock.count)
        self.plan, self.steps, self.uses, self._levels, self._steps_of = plan, [], {}, [[]], {}

    def kpi(self, key: str, windows: Windows) -> list[Cell]:
        if (key, windows) not in self._steps_of:
            self._levels.append([])
            (value,) = super().kpi(key, windows)
            text = unparse(moved(Ref(key), windows.all[0]))
            self._note(Step("kpi", text, tuple(self._levels.pop()), value), shown=False)
            self._steps_of[key, windows] = len(self.steps) - 1
        self._levels[-1].append(self._steps_of[key, windows])
        return self._known[key, windows]

    def _node(self, node: Node, windows: Windows, zero: bool) -> list[Cell]:
        if isinstance(node, Ref) or (isinstance(node, Time) and node.func in ("rolling", "to_date")):
            return super()._node(node, windows, zero)
        self._levels.append([])
        (value,) = super()._node(node, windows, zero)
        operands, window = tuple(self._levels.pop()), windows.all[0]
        if isinstance(node, Time) and node.func == "growth":
            operands = operands[::-1]  # the earlier value is looked up first
        term = self._use(node, window, zero, value) if isinstance(node, Agg) else None
        kind = _kind(node, operands, [self.steps[i].value for i in operands], value)
        text = unparse(node if isinstance(node, Num) else moved(node, window))
        self._note(Step(kind, text, operands, value, term))
        return [value]

    def _note(self, step: Step, *, shown: bool = True) -> None:
        if len(self.steps) >= MAX_STEPS:
            raise Invalid(f"This formula has more than {MAX_STEPS} steps, other KPIs included: take the evidence "
                          "of the KPIs it stands on.")
        self.steps.append(step)
        if shown:
            self._levels[-1].append(len(self.steps) - 1)

    def _use(self, agg: Agg, window: Window, zero: bool, value: Cell) -> int:
        at = (agg, window, zero)
        if at not in self.uses:
            if len(self.uses) >= MAX_TERMS:
                raise Invalid(f"This figure has over {MAX_TERMS} terms: take the evidence of the KPIs it stands on.")
            (span,) = spans_of(self.plan, agg, Windows.of(window)).all
            (bare,) = self.look(agg, Windows.of(window), False)
            has_rows = not (isinstance(bare, NoValue) and bare.absent)
            reach, before = (None, None) if isinstance(span, str) else (span.reach, span.before)
            self.uses[at] = Use(agg, unparse(moved(agg, window)), reach, before, value, value, has_rows)
        return list(self.uses).index(at)


def _kind(node: Node, operands: Sequence[int], values: Sequence[Cell], value: Cell) -> str:
    """The kind of a step; `none` where there is no value for another reason than that an operand has none or is 0."""
    if isinstance(node, Agg):
        return "term"
    if isinstance(node, Num):
        return "number"
    wanted = 2 if isinstance(node, Bin) or (isinstance(node, Time) and node.func == "growth") else 1
    divides = isinstance(node, Time) or (isinstance(node, Bin) and node.op == "/")
    explained = any(isinstance(v, NoValue) for v in values) or (divides and values[-1:] == [0])
    if len(operands) != wanted or (isinstance(value, NoValue) and not explained):
        return "none"
    if isinstance(node, Neg):
        return "neg"
    if isinstance(node, Bin):
        return node.op
    return "growth" if isinstance(node, Time) and node.func == "growth" else "shift"


# the rows ----------------------------------------------------------------------------------------------------------
def _sheet(plan: Plan, dataset: str, numbers: Sequence[int], uses: Sequence[Use], limit: int) -> RowSheet:
    question = plan.question
    currency = plan.currency if converts(plan.datasets[dataset]) else None
    source = stored(plan.datasets[dataset], plan.datasets, question.where, question.scope, currency)
    touched = TouchedRows(source, {n: uses[n] for n in numbers})
    amounts = source.rows.amounts(touched.fields)
    rates = (source.rows.exchange.rate,) if amounts and source.rows.exchange else ()
    shown = (*_shown(plan, dataset, touched.fields), *rates)
    return RowSheet(dataset, shown, source.date, tuple(numbers), tuple(touched.firsts), tuple(touched.lasts),
                    cells_used(source, [uses[n].agg for n in numbers]), touched.sql(shown, limit),
                    tuple(f.name for f in amounts))


def _shown(plan: Plan, dataset: str, used: frozenset[Field]) -> tuple[Field, ...]:
    """The columns of the sheet: the dataset's own in their order, then the joined ones that take part."""
    table = plan.datasets[dataset]
    own = [Field(dataset, c) for c in table.columns if c.role is not RoleOf.IGNORE]
    if len(own) > ALL_COLUMNS:
        kept = {*table.key_columns, *table.keys_of(RoleOf.DATE, RoleOf.ENTITY, RoleOf.ID, RoleOf.CURRENCY)}
        own = [f for f in own if f in used or f.column.key in kept]
    return (*own, *sorted((f for f in used if f.join), key=lambda f: f.name))


def _refuse_unrated(uses: Sequence[Use]) -> None:
    """A workbook would add up the rows that have a rate, and find a figure where there is none."""
    unrated = next((u.value for u in uses if isinstance(u.value, NoValue) and u.value.unrated), None)
    if unrated:
        raise Invalid(f"{unrated.reason} There is nothing to recompute before it has one.")


def is_counted(agg: Agg) -> bool:
    """Does the term count entities rather than work on the values of rows?"""
    return agg.func in ("distinct", *ENTITY)
