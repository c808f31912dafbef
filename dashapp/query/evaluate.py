"""Evaluating a bound tree over a window: aggregates are looked up, then combined; ratios are never added up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dashapp.query.arithmetic import Cell, NoValue, combine, growth, negative
from dashapp.query.tree import Agg, Bin, Neg, Node, Num, Ref, Time, unparse
from dashapp.query.windows import Shift, Window

MAX_SHIFTS = 9  # eight time functions around each other, and a comparison
Look = Callable[[Agg, Window, bool], Cell]


@dataclass(frozen=True, slots=True)
class Definition:
    """A KPI ready to be evaluated. tree: bound, None when it cannot be used, for the reason in `problem`."""

    tree: Node | None
    absent_is_zero: bool = False
    problem: str = ""


@dataclass
class Evaluator:
    """definitions: every KPI reachable, by key. look: the value of one aggregate in a window (third: absence is zero).
    periods_in: how many asked periods a window has. Values are remembered per KPI and window."""

    definitions: Mapping[str, Definition]
    look: Look
    periods_in: Callable[[Window], int]
    _known: dict[tuple[str, Window], Cell] = field(default_factory=dict)

    def kpi(self, key: str, window: Window) -> Cell:
        """The KPI's figure in the window."""
        known = self._known.get((key, window))
        if known is None:
            known = self._known[(key, window)] = self._kpi(key, window)
        return known

    def _kpi(self, key: str, window: Window) -> Cell:
        definition = self.definitions[key]
        if definition.tree is None:
            return NoValue(definition.problem)
        try:
            return self._node(definition.tree, window, definition.absent_is_zero)
        except RecursionError:
            return NoValue("The formula reaches through too many other KPIs.")

    def _node(self, node: Node, window: Window, zero: bool) -> Cell:
        if isinstance(node, Num):
            return int(node.value) if node.value == node.value.to_integral_value() else node.value
        if isinstance(node, Neg):
            return negative(self._node(node.x, window, zero))
        if isinstance(node, Bin):
            left, right = self._node(node.left, window, zero), self._node(node.right, window, zero)
            by_zero = node.op == "/" and not isinstance(right, NoValue) and right == 0
            return combine(node.op, left, right, divisor=unparse(node.right) if by_zero else "")
        if isinstance(node, Ref):
            return self.kpi(node.key, window)
        if isinstance(node, Time):
            return self._time(node, window, zero)
        assert isinstance(node, Agg), "columns stand inside aggregates only"
        return self.look(node, window, zero)

    def _time(self, node: Time, window: Window, zero: bool) -> Cell:
        if window.widen is not None:
            return NoValue(f"{node.func}() has no meaning inside {window.widen[0]}(): write it outside.")
        if node.func in ("rolling", "to_date"):
            return self._node(node.x, replace(window, widen=(node.func, node.n, node.unit)), zero)
        if len(window.shifts) >= MAX_SHIFTS:
            return NoValue(f"More than {MAX_SHIFTS - 1} time functions stand around each other, other KPIs included.")
        name = "year_ago" if node.func == "year_ago" else "previous"
        shift: Shift = (name, self.periods_in(window) if name == "previous" else 1)  # type: ignore[assignment]
        before = self._node(node.x, window.shifted(shift), zero)
        return growth(self._node(node.x, window, zero), before) if node.func == "growth" else before
