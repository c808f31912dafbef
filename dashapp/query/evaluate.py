"""Evaluating a bound tree over windows: aggregates are looked up, then combined; ratios are never added up.

A figure is worked out in all windows and segments at once: a column of cells that holds, segment after segment, the
windows in their order. Every cell is what it would be alone; one window is a column of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dashapp.query.arithmetic import Cell, NoValue
from dashapp.query.columnwise import combined, grown, negated
from dashapp.query.tree import Agg, Bin, Neg, Node, Num, Ref, Time, unparse
from dashapp.query.windows import Window, Windows

MAX_SHIFTS = 9  # eight time functions around each other, and a comparison
Look = Callable[[Agg, Windows, bool], list[Cell]]


@dataclass(frozen=True, slots=True)
class Definition:
    """A KPI ready to be evaluated. tree: bound, None when it cannot be used, for the reason in `problem`."""

    tree: Node | None
    absent_is_zero: bool = False
    problem: str = ""


@dataclass
class Evaluator:
    """definitions: every KPI reachable, by key. look: one aggregate in windows (third: absence is zero), per segment.
    periods_in: how many asked periods a window has. segments: how many each column is of. Columns are remembered per
    KPI and windows."""

    definitions: Mapping[str, Definition]
    look: Look
    periods_in: Callable[[Window], int]
    segments: int = 1
    _known: dict[tuple[str, Windows], list[Cell]] = field(default_factory=dict)

    def kpi(self, key: str, windows: Windows) -> list[Cell]:
        """The KPI's figures in the windows of every segment."""
        known = self._known.get((key, windows))
        if known is None:
            known = self._known[(key, windows)] = self._kpi(key, windows)
        return known

    def _kpi(self, key: str, windows: Windows) -> list[Cell]:
        definition = self.definitions[key]
        if definition.tree is None:
            return self._same(NoValue(definition.problem), windows)
        try:
            return self._node(definition.tree, windows, definition.absent_is_zero)
        except RecursionError:
            return self._same(NoValue("The formula reaches through too many other KPIs."), windows)

    def _same(self, cell: Cell, windows: Windows) -> list[Cell]:
        return [cell] * (len(windows) * self.segments)

    def _node(self, node: Node, windows: Windows, zero: bool) -> list[Cell]:
        if isinstance(node, Num):
            return self._same(int(node.value) if node.value == node.value.to_integral_value() else node.value, windows)
        if isinstance(node, Neg):
            return negated(self._node(node.x, windows, zero))
        if isinstance(node, Bin):
            left, right = self._node(node.left, windows, zero), self._node(node.right, windows, zero)
            return combined(node.op, left, right, lambda: unparse(node.right))
        if isinstance(node, Ref):
            return self.kpi(node.key, windows)
        if isinstance(node, Time):
            return self._time(node, windows, zero)
        assert isinstance(node, Agg), "columns stand inside aggregates only"
        return self.look(node, windows, zero)

    def _time(self, node: Time, windows: Windows, zero: bool) -> list[Cell]:
        if windows.widen is not None:
            said = f"{node.func}() has no meaning inside {windows.widen[0]}(): write it outside."
            return self._same(NoValue(said), windows)
        if node.func in ("rolling", "to_date"):
            return self._node(node.x, windows.widened(node.func, node.n, node.unit), zero)
        if windows.shifts >= MAX_SHIFTS:
            said = f"More than {MAX_SHIFTS - 1} time functions stand around each other, other KPIs included."
            return self._same(NoValue(said), windows)
        earlier = windows.shifted("year_ago", _once) if node.func == "year_ago" else \
            windows.shifted("previous", self.periods_in)
        before = self._node(node.x, earlier, zero)
        return grown(self._node(node.x, windows, zero), before) if node.func == "growth" else before


def _once(_window: Window) -> int:
    return 1
