"""The same figures by plain Python: rows are filtered and aggregated one by one, with no plan, atoms or SQL.

Independent of the room under test except for the formula tree, whose reader has its own tests, and the calendar.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState
from dashapp.core.period import Grain, Period
from dashapp.core.where import Where
from dashapp.query.tree import Agg, Bin, Cmp, Col, Neg, Num, Ref, Time

Row = dict[str, Any]
ZEROED = ("sum", "count", "distinct", "new", "returning")


@dataclass(frozen=True)
class Span:
    """asked periods, and how each is moved back in time. until: where the first of several datasets ends; zero: no
    rows count as zero."""

    periods: tuple[Period, ...]
    moves: tuple[str, ...] = ()
    widen: tuple[str, int, str] | None = None
    until: date | None = None
    zero: bool = False


@dataclass(frozen=True)
class Beside:
    """Any value but these: what "Others" are beside the segments named."""

    values: frozenset[Any]


@dataclass
class Plain:
    """tables: rows by dataset, already joined (joined columns as `ref.column`). filters and scope apply to all.

    refused: datasets without a column that the question needs, or with coarser rows. zeros: KPIs that count absence as
    zero."""

    tables: Mapping[str, list[Row]]
    datasets: Mapping[str, Dataset]
    trees: Mapping[str, Any]
    calendar: Calendar
    state: Mapping[str, DataState]
    filters: tuple[Where, ...] = ()
    scope: tuple[Where, ...] = ()
    refused: frozenset[str] = frozenset()
    zeros: frozenset[str] = frozenset()

    def kpi(self, key: str, span: Span, split: Mapping[str, Any]) -> Any:
        """The figure of a KPI in asked periods, stopped where the first of its datasets ends."""
        return self.figure(self.trees[key], replace(self.stopped(key, span), zero=key in self.zeros), split)

    def stopped(self, key: str, span: Span) -> Span:
        used = {d for d in self.reads(self.trees[key]) if self.datasets[d].kind == "facts"} - self.refused
        ends = {self.state[d].data_through for d in used} - {None}
        if len(ends) < 2 or all(self.complete(d, span.periods[-1]) for d in used):
            return span
        return replace(span, until=min(ends)) if min(ends) < span.periods[-1].end else span

    def reads(self, node: Any) -> set[str]:
        """The datasets of a formula, through other KPIs too."""
        if isinstance(node, Agg):
            return {node.dataset}
        below = [self.trees[node.key]] if isinstance(node, Ref) else [
            getattr(node, name) for name in ("x", "left", "right") if hasattr(node, name)]
        return set().union(*map(self.reads, below))

    def sizes(self, key: str, span: Span, by: tuple[str, ...]) -> dict[tuple[Any, ...], Any]:
        """How far from zero the figure of each segment is that has one."""
        seen = {tuple(r[name] for name in by) for d in self.reads(self.trees[key])
                for r in self.tables[d] if all(name in r for name in by)}
        found = {s: self.kpi(key, span, dict(zip(by, s, strict=True))) for s in seen}
        return {s: abs(v) for s, v in found.items() if v is not None}

    def figure(self, node: Any, span: Span, split: Mapping[str, Any]) -> Any:
        """A Fraction or int, or None for no value."""
        if isinstance(node, Num):
            return Fraction(node.value)
        if isinstance(node, Neg):
            x = self.figure(node.x, span, split)
            return None if x is None else -x
        if isinstance(node, Ref):
            return self.figure(self.trees[node.key], replace(span, zero=node.key in self.zeros), split)
        if isinstance(node, Bin):
            a, b = self.figure(node.left, span, split), self.figure(node.right, span, split)
            if a is None or b is None or (node.op == "/" and b == 0):
                return None
            return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: Fraction(a) / b}[node.op]()
        if isinstance(node, Time):
            return self._time(node, span, split)
        return self._aggregate(node, span, split)

    def _time(self, node: Time, span: Span, split: Mapping[str, Any]) -> Any:
        if node.func in ("rolling", "to_date"):
            return self.figure(node.x, replace(span, widen=(node.func, node.n, node.unit)), split)
        move = "year" if node.func == "year_ago" else "back"
        before = self.figure(node.x, replace(span, moves=(*span.moves, move)), split)
        if node.func != "growth":
            return before
        now = self.figure(node.x, span, split)
        return None if now is None or before is None or before == 0 else Fraction(now - before) / abs(before)

    # dates -------------------------------------------------------------------------------------------------------
    def moved(self, period: Period, span: Span) -> Period | None:
        for move in span.moves:
            if move == "back":
                for _ in span.periods:
                    period = self.calendar.period(period.start - timedelta(1), period.grain)
            else:
                found = self.calendar.year_ago(period, same_weekday=move == "weekday")
                if found is None:
                    return None
                period = found
        return period

    def begins_late(self, node: Any, span: Span) -> bool:
        """Do the data of anything the formula reads begin inside the moved span, or after it?"""
        if isinstance(node, Agg):
            return self._begins_late(node.dataset, span)
        if isinstance(node, Time) and node.func in ("rolling", "to_date"):
            span = replace(span, widen=(node.func, node.n, node.unit))
        below = [self.trees[node.key]] if isinstance(node, Ref) else [
            getattr(node, name) for name in ("x", "left", "right") if hasattr(node, name)]
        return any(self.begins_late(n, span) for n in below)

    def _begins_late(self, dataset: str, span: Span) -> bool:
        dates = self.dates(dataset, span)
        return dates is not None and self._begins_in(dataset, dates[0])

    def _begins_in(self, dataset: str, start: date) -> bool:
        """Are rows missing from `start` on because the data begin later?"""
        table, state = self.datasets[dataset], self.state[dataset]
        if table.kind != "facts" or state.first is None:
            return False
        if table.grain not in (Grain.EVENT, Grain.DAY):
            return start < self.calendar.period(state.first, table.grain).start
        missed = [start + timedelta(i) for i in range((state.first - start).days)]
        history = [state.first + timedelta(i) for i in range((state.last - state.first).days + 1)]
        usual = {w: [d for d in history if d.weekday() == w] for w in range(7)}
        return sum(Fraction(state.weekdays.get(d.weekday(), 0), len(usual[d.weekday()]))
                   for d in missed if usual[d.weekday()]) >= 2

    def _expected(self, state: DataState) -> list[int]:
        seen = [state.first + timedelta(i) for i in range((state.last - state.first).days + 1)]
        found = [w for w in range(7) if len(seen) < 14
                 or state.weekdays.get(w, 0) * 2 >= sum(d.weekday() == w for d in seen)]
        return found or list(range(7))  # rows too rare for any rhythm: every day counts

    def complete(self, dataset: str, period: Period) -> bool:
        state = self.state[dataset]
        if self.datasets[dataset].kind == "reference":
            return True
        if state.data_through is None:
            return False
        if state.last and state.last > period.end:
            return True
        if self.datasets[dataset].grain not in (Grain.EVENT, Grain.DAY):
            return state.data_through >= period.end
        expected = self._expected(state)
        wanted = [d for i in range(period.days) if (d := period.start + timedelta(i)).weekday() in expected]
        return state.data_through >= max(wanted, default=period.end)

    def dates(self, dataset: str, span: Span) -> tuple[date, date] | None:
        first, last = self.moved(span.periods[0], span), self.moved(span.periods[-1], span)
        if first is None or last is None:
            return None
        rolls = span.widen is not None and span.widen[0] == "rolling"
        end = last.end
        if not (span.moves or rolls):
            end = min(end, span.until or end)
        elif self.datasets[dataset].kind != "reference" and (
            span.until or not self.complete(dataset, span.periods[-1])
        ):
            cut = self._cut(dataset, span)
            if cut is None:
                return None
            end = min(end, cut)
        start, _ = self._widened(span, first.start, end if rolls else last.end)
        return (start, end) if start <= end else None

    def _widened(self, span: Span, start: date, end: date) -> tuple[date, date]:
        if span.widen is None:
            return start, end
        name, n, unit = span.widen
        if name == "to_date":
            return self.calendar.start_of(Grain(unit), end), end
        if unit in ("day", "week"):
            return end - timedelta(n * (7 if unit == "week" else 1) - 1), end
        period = self.calendar.period(end, Grain(unit))
        if period.end != end:  # back to the day after the one that matches, n units before
            return self._matching(period, self.calendar.previous(period, n), end) + timedelta(1), end
        return self.calendar.previous(period, n - 1).start, end

    def _cut(self, dataset: str, span: Span) -> date | None:
        """The day on the other side that matches data-through on this side."""
        reached = self._reached(dataset, span)
        if reached is None or reached < span.periods[0].start:
            return None
        here = self.calendar.period(reached, span.periods[0].grain)
        there = self.moved(here, span)
        if there is None:
            return None
        whole = self.complete(dataset, here) and (span.until is None or span.until >= here.end)
        cut = there.end if whole else self._matching(here, there, reached)
        grain = self.datasets[dataset].grain
        return cut if grain in (Grain.EVENT, Grain.DAY) else self.calendar.period(cut, grain).end

    def _reached(self, dataset: str, span: Span) -> date | None:
        through = self.state[dataset].data_through
        return min(through, span.until) if through and span.until else through

    def _matching(self, here: Period, there: Period, reached: date) -> date:
        if reached >= here.end:
            return there.end
        if here.grain in (Grain.DAY, Grain.WEEK) or self.calendar.family != "gregorian":
            return min(there.end, there.start + (reached - here.start))
        months = (reached.year - here.start.year) * 12 + reached.month - here.start.month
        index = there.start.year * 12 + there.start.month - 1 + months
        first = date(index // 12, index % 12 + 1, 1)
        last = (first + timedelta(31)).replace(day=1) - timedelta(1)
        whole = (reached + timedelta(1)).day == 1
        return last if whole else min(last, first + timedelta(reached.day - 1))

    # rows --------------------------------------------------------------------------------------------------------
    def _aggregate(self, node: Agg, span: Span, split: Mapping[str, Any]) -> Any:
        dates = self.dates(node.dataset, span)
        if dates is None or node.dataset in self.refused or self._too_fine(node.dataset, span):
            return None
        looks_back = span.moves or (span.widen and span.widen[0] == "rolling")
        if looks_back and self._begins_in(node.dataset, dates[0]):
            return None
        if node.func == "lost":
            return self._lost(node, span, dates, split)
        scoped = [r for r in self.tables[node.dataset] if holds(r, self.scope)]
        cell = [r for r in scoped if inside(r, dates) and holds(r, self.filters) and belongs(r, split)]
        if not cell:
            return 0 if span.zero and node.func in ZEROED and self._covered(node.dataset, dates) else None
        if node.func == "new":
            firsts: dict[Any, Row] = {}
            for r in scoped:
                key = r[own(node.arg)]
                if key is not None and (key not in firsts or r["date"] < firsts[key]["date"]):
                    firsts[key] = r
            return sum(
                inside(r, dates) and holds(r, self.filters) and belongs(r, split) and true(r, node.cond)
                for r in firsts.values()
            )
        chosen = [r for r in cell if true(r, node.cond)]
        return self._plain(node, chosen, scoped, dates)

    def _too_fine(self, dataset: str, span: Span) -> bool:
        table = self.datasets[dataset]
        rolled = span.widen is not None and span.widen[0] == "rolling"
        return rolled and table.kind == "facts" and table.grain.coarser_than(Grain(span.widen[2]))

    def _covered(self, dataset: str, dates: tuple[date, date]) -> bool:
        state = self.state[dataset]
        return state.first is not None and dates[0] <= state.data_through and dates[1] >= state.first

    def _plain(self, node: Agg, chosen: list[Row], scoped: list[Row], dates: tuple[date, date]) -> Any:
        if node.func == "count" and node.arg is None:
            return len(chosen)
        pairs = [(r.get("date"), v) for r in chosen if (v := value(r, node.arg)) is not None]
        values = [v for _, v in pairs]
        if node.func == "count":
            return len(values)
        if node.func == "distinct":
            return len(set(values))
        if node.func == "returning":
            before = {r[own(node.arg)] for r in scoped if r["date"] < dates[0]}
            return len(set(values) & before)
        if not values:
            return 0 if node.func == "sum" and not chosen else None
        if node.func in ("first", "last"):
            edge = (min if node.func == "first" else max)(d for d, _ in pairs)
            return sum(v for d, v in pairs if d == edge)
        return {
            "sum": sum,
            "min": min,
            "max": max,
            "median": statistics.median,
            "avg": lambda vs: Fraction(sum(vs)) / len(vs),
        }[node.func](values)

    def _lost(self, node: Agg, span: Span, dates: tuple[date, date], split: Mapping[str, Any]) -> Any:
        last = self.moved(span.periods[-1], span)
        if dates[1] < last.end or (not span.moves and not self.complete(node.dataset, span.periods[-1])):
            return None
        if span.widen:
            if span.widen[0] == "to_date":
                return None
            end = dates[0] - timedelta(1)
            earlier = self._widened(span, end, end)
        else:
            earlier = self.dates(node.dataset, replace(span, moves=(*span.moves, "back")))
        if earlier is None or self._begins_in(node.dataset, earlier[0]):
            return None
        scoped = [r for r in self.tables[node.dataset] if holds(r, self.scope)]
        cell = [r for r in scoped if inside(r, earlier) and holds(r, self.filters) and belongs(r, split)]
        if not cell:
            return None
        key = own(node.arg)
        now = {r[key] for r in scoped if inside(r, dates)}
        return len({r[key] for r in cell if true(r, node.cond) and r[key] is not None} - now)


def own(column: Col) -> str:
    return ".".join(column.path[1:])


def inside(row: Row, dates: tuple[date, date]) -> bool:
    return "date" not in row or dates[0] <= row["date"] <= dates[1]


def belongs(row: Row, split: Mapping[str, Any]) -> bool:
    return all(row[k] not in v.values if isinstance(v, Beside) else row[k] == v for k, v in split.items())


def selection(by: tuple[str, ...], figure: Any, named: list[tuple[Any, ...]]) -> dict[str, Any]:
    """What a line of a split stands for: its values, and of "Others" all that the named segments do not cover."""
    split = dict(figure.split)
    if figure.others is not None:
        values = tuple(split.values())
        here = {s[len(values)] for s in named if len(s) > len(values) and s[: len(values)] == values}
        split[by[len(values)]] = Beside(frozenset(here))
    return split


def holds(row: Row, wheres: tuple[Where, ...]) -> bool:
    for w in wheres:
        cell = row[w.column]
        if w.op == "~=":
            hit = cell is not None and w.values[0] in cell
        else:
            hit = "" in w.values if cell is None else any(_is(cell, v) for v in w.values)
        if hit is (w.op == "!="):
            return False
    return True


def _is(cell: Any, text: str) -> bool:
    if isinstance(cell, str):
        return cell == text
    if isinstance(cell, date):
        return cell.isoformat() == text
    try:
        return Fraction(cell) == Fraction(text)
    except ValueError:
        return False


def true(row: Row, cond: Any) -> bool:
    if cond is None:
        return True
    if not isinstance(cond, Cmp):
        return (all if cond.op == "and" else any)(true(row, p) for p in cond.parts)
    cell = row[own(cond.col)]
    wanted = [Fraction(v) if isinstance(v, Decimal) else v for v in cond.values]
    cell = Fraction(cell) if isinstance(cell, Decimal | float) else cell
    wanted = [date.fromisoformat(v) for v in wanted] if isinstance(cell, date) else wanted
    if cond.op in ("==", "in", "!=", "not in"):
        return (("" if cell is None else cell) in wanted) is (cond.op in ("==", "in"))
    if cell is None:
        return False
    if cond.op == "contains":
        return wanted[0] in cell
    return {"<": cell < wanted[0], "<=": cell <= wanted[0], ">": cell > wanted[0], ">=": cell >= wanted[0]}[cond.op]


def value(row: Row, node: Any) -> Any:
    if isinstance(node, Col):
        cell = row[own(node)]
        return Fraction(cell) if isinstance(cell, Decimal | float) else cell
    if isinstance(node, Num):
        return Fraction(node.value)
    if isinstance(node, Neg):
        x = value(row, node.x)
        return None if x is None else -x
    a, b = value(row, node.left), value(row, node.right)
    if a is None or b is None or (node.op == "/" and b == 0):
        return None
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[node.op]()
