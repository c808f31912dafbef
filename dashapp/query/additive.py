"""The fused scan of a dataset: sums, counts, extremes, first and last of all KPIs at once, per atom and split.

Rows are added up by day first - or read from the day rollup, which is exactly that - and the days by atom. The partials
merge exactly: money by decimal addition, other numbers by compensated sums; first and last by their date. Windows,
totals and averages are then put together from the partials without asking the engine again.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from dashapp.core.rollup import ROWS, Measure, RollupSpec
from dashapp.query.measures import measure_of
from dashapp.query.rows import Rows
from dashapp.query.scan import Atoms, Lookup, Need, Scan, finish, number, within
from dashapp.query.source import Source
from dashapp.query.split import By, Split, segments
from dashapp.query.tree import Agg, Cond, Node
from dashapp.query.windows import Reach

FUNCTIONS = ("sum", "avg", "min", "max", "count", "first", "last")
_PARTS = {
    "sum": ("s", "m"),
    "avg": ("s", "c"),
    "min": ("mn",),
    "max": ("mx",),
    "first": ("s", "c", "fd", "fv"),
    "last": ("s", "c", "ld", "lv"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One (argument, condition) pair and the partials wanted of it: s sum, c values, m rows, mn/mx extremes,
    fd/fv ld/lv date and value of the first and last day with values."""

    index: int
    arg: Node | None
    cond: Cond | None
    parts: tuple[str, ...]

    def name(self, part: str) -> str:
        return f"{part}{self.index}"


def slots_of(aggs: Iterable[Agg]) -> dict[tuple[Node | None, Cond | None], Slot]:
    """Aggregates that share argument and condition share a slot."""
    wanted: dict[tuple[Node | None, Cond | None], set[str]] = {}
    for agg in aggs:
        parts = wanted.setdefault((agg.arg, agg.cond), set())
        if agg.func == "count":
            parts.add("m" if agg.arg is None else "c")
        else:
            parts.update(p for p in _PARTS[agg.func] if p != "m" or agg.cond is not None)
    return {key: Slot(i, *key, tuple(sorted(parts))) for i, (key, parts) in enumerate(wanted.items())}


def scan(name: str, source: Source, by: By, needs: Sequence[Need]) -> Scan:
    """The fused scan for `needs` over the rows or the day rollup of a dataset."""
    slots = slots_of(n.agg for n in needs)
    atoms = Atoms.of(n.reach for n in needs)
    days = _by_day(source, by, slots.values(), [n.reach for n in needs])
    expression = _by_atom(source, by, slots.values(), days, atoms)

    def read(columns: dict[str, list[Any]]) -> Lookup:
        return Partials(columns, slots, atoms, len(by))

    return finish(name, source, expression, needs, read)


def _by_day(source: Source, by: By, slots: Iterable[Slot], reaches: list[Any]) -> Any:
    rows = source.rows
    fields = set(by.fields) | source.filter_fields()
    for slot in slots:
        fields |= rows.fields_of(slot.cond) | (set() if source.spec else rows.fields_of(slot.arg))
    table = rows.joined(fields)
    tests = [
        t for t in (source.where(table), within(table[source.date], reaches) if source.date else None) if t is not None
    ]
    if tests:
        table = table.filter(tests)
    table = by.ranked(table)
    keys = by.columns(table) | ({"day": table[source.date]} if source.date else {})
    partials: dict[str, Any] = {"n": table[ROWS].sum() if source.spec else table.count()}
    for slot in slots:
        partials |= _partials(source, rows, table, slot)
    return table.group_by(**keys).aggregate(**partials) if keys else table.aggregate(**partials)


def _partials(source: Source, rows: Rows, table: Any, slot: Slot) -> dict[str, Any]:
    """The day's partials of one slot."""
    chosen = rows.condition(table, slot.cond)
    if source.spec:
        return _from_rollup(source.spec, rows, table, slot, chosen)
    out = {"m": table.count(where=chosen)} if "m" in slot.parts else {}
    if slot.arg is not None:
        value = rows.value(table, slot.arg)
        numeric = value.type().is_numeric()
        make = {
            "s": lambda: added(value, chosen),
            "c": lambda: value.count(where=chosen),
            "mn": lambda: value.min(where=chosen),
            "mx": lambda: value.max(where=chosen),
        }
        out |= {p: make[p]() for p in slot.parts if p in make and (numeric or p == "c")}
    return {slot.name(p): e for p, e in out.items()}


def _from_rollup(spec: RollupSpec, rows: Rows, table: Any, slot: Slot, chosen: Any) -> dict[str, Any]:
    out = {"m": table[ROWS].sum(where=chosen)} if "m" in slot.parts else {}
    if slot.arg is not None:
        measure = spec.measure(measure_of(rows, slot.arg).sql)
        assert isinstance(measure, Measure), "covered slots have their measure"
        make = {
            "s": lambda: added(table[measure.sum], chosen),
            "c": lambda: table[measure.count].sum(where=chosen),
            "mn": lambda: table[measure.min].min(where=chosen),
            "mx": lambda: table[measure.max].max(where=chosen),
        }
        out |= {p: make[p]() for p in slot.parts if p in make}
    return {slot.name(p): e for p, e in out.items()}


def added(value: Any, chosen: Any) -> Any:
    """The sum of a column where the condition holds: decimals exactly, doubles with compensation (`fsum`)."""
    return value.sum(where=chosen) if value.type().is_decimal() else _fsum()(value, where=chosen)


@lru_cache(maxsize=1)
def _fsum() -> Any:
    import ibis

    def fsum(x: float) -> float:  # type: ignore[empty-body]
        """DuckDB's compensated sum."""

    return ibis.udf.agg.builtin(fsum, name="fsum")


def _by_atom(source: Source, by: By, slots: Iterable[Slot], days: Any, atoms: Atoms) -> Any:
    keys: dict[str, Any] = {name: days[name] for name in by.names}
    if not source.date:
        return days
    days = days.mutate(atom=atoms.of_column(days.day))
    merged: dict[str, Any] = {"n": days.n.sum()}
    for slot in slots:
        merged |= {slot.name(p): _merged(days, slot, p) for p in slot.parts}
    return days.group_by(atom=days.atom, **keys).aggregate(**merged)


def _merged(days: Any, slot: Slot, part: str) -> Any:
    if part in ("c", "m"):
        return days[slot.name(part)].sum()
    if part == "s":
        return added(days[slot.name("s")], None)
    if part in ("mn", "mx"):
        column = days[slot.name(part)]
        return column.min() if part == "mn" else column.max()
    filled = days[slot.name("c")] > 0
    if part in ("fd", "ld"):
        return days.day.min(where=filled) if part == "fd" else days.day.max(where=filled)
    value = days[slot.name("s")]
    return value.argmin(days.day, where=filled) if part == "fv" else value.argmax(days.day, where=filled)


class Partials(Lookup):
    """The result of the fused scan: per split the atoms in order, each with its partials."""

    def __init__(self, columns: dict[str, list[Any]], slots: dict[Any, Slot], atoms: Atoms, dimensions: int) -> None:
        self.columns, self.slots, self.atoms = columns, slots, atoms
        rows = range(len(columns["n"]))
        atom = columns.get("atom") or [0] * len(rows)
        keys = segments(columns, dimensions)
        self.timeless = "atom" not in columns
        found: dict[Split, list[int]] = {}
        for row in sorted(rows, key=atom.__getitem__):
            if columns["n"][row]:
                found.setdefault(keys[row], []).append(row)
        self.rows = found
        self.all = sorted((r for rs in found.values() for r in rs), key=atom.__getitem__)
        self.atom = atom
        self._within: dict[Split | None, tuple[list[int], list[int]]] = {}
        self._stretches: dict[tuple[Reach, Split | None], list[int]] = {}

    def splits(self) -> Iterable[Split]:
        return self.rows

    def _rows(self, need: Need, split: Split | None) -> list[int]:
        """The rows of a stretch of dates and a segment, which all aggregates share."""
        found = self._stretches.get((need.reach, split))
        if found is None:
            found = self._stretches[(need.reach, split)] = self._stretch(need, split)
        return found

    def _stretch(self, need: Need, split: Split | None) -> list[int]:
        rows, days = self._rows_of(split)
        if self.timeless:
            return rows
        return rows[bisect_left(days, number(need.reach.start)) : bisect_right(days, number(need.reach.end))]

    def _rows_of(self, split: Split | None) -> tuple[list[int], list[int]]:
        """The rows of a segment, of all that a subtotal has, or of the whole, in the order of their atoms."""
        if split not in self._within:
            rows = self.all if split is None else self.rows.get(split) or sorted(
                (r for key, rs in self.rows.items() if key[: len(split)] == split for r in rs),
                key=self.atom.__getitem__)
            self._within[split] = rows, [self.atom[r] for r in rows]
        return self._within[split]

    def value(self, need: Need, split: Split | None) -> Any:
        rows = self._rows(need, split)
        if not rows:
            return None
        agg = need.agg
        slot = self.slots[(agg.arg, agg.cond)]
        if agg.func == "count":
            return int(sum(self._column(slot, "m" if agg.arg is None else "c", rows)))
        if agg.func in ("min", "max"):
            values = self._column(slot, "mn" if agg.func == "min" else "mx", rows)
            return (min if agg.func == "min" else max)(values, default=EMPTY_CELL)
        if agg.func in ("first", "last"):
            return self._edge(slot, rows, agg.func)
        return self._sum(slot, rows, agg)

    def _sum(self, slot: Slot, rows: list[int], agg: Agg) -> Any:
        values = self._column(slot, "s", rows)
        if not values:
            unmatched = agg.func == "sum" and agg.cond is not None and not sum(self._column(slot, "m", rows))
            return 0 if unmatched else EMPTY_CELL
        return plus(values) if agg.func == "sum" else plus(values) / int(sum(self._column(slot, "c", rows)))

    def _edge(self, slot: Slot, rows: list[int], func: str) -> Any:
        dates, values = (self.columns[slot.name(p)] for p in (("fd", "fv") if func == "first" else ("ld", "lv")))
        known = [r for r in rows if dates[r] is not None]
        if not known:
            return EMPTY_CELL
        edge = (min if func == "first" else max)(dates[r] for r in known)
        return plus([values[r] for r in known if dates[r] == edge])

    def _column(self, slot: Slot, part: str, rows: list[int]) -> list[Any]:
        values = self.columns[slot.name(part)]
        return [values[r] for r in rows if values[r] is not None]


class _Empty:
    """Rows are there, values are not."""


EMPTY_CELL = _Empty()


def plus(values: list[Any]) -> Any:
    """The exact sum of decimals, the correctly rounded sum of doubles."""
    return sum(values, Decimal(0)) if isinstance(values[0], Decimal) else math.fsum(values)
