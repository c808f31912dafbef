"""The fused scan of a dataset: sums, counts, extremes, first and last of all KPIs at once, per atom and split.

Rows are added up by day first - or read from the day rollup, which is exactly that - and the days by atom. The partials
merge exactly: money by decimal addition, other numbers by compensated sums; first and last by their date. Windows,
totals and averages are then put together from the partials (`partials`) without asking the engine again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from dashapp.core.rollup import ROWS, Measure, RollupSpec
from dashapp.query.measures import measure_of
from dashapp.query.partials import Partials, Slot, slots_of
from dashapp.query.rows import Rows
from dashapp.query.scan import Atoms, Lookup, Need, Scan, finish, within
from dashapp.query.source import Source
from dashapp.query.split import By

FUNCTIONS = ("sum", "avg", "min", "max", "count", "first", "last")


def scan(name: str, source: Source, by: By, needs: Sequence[Need]) -> Scan:
    """The fused scan for `needs` over the rows or the day rollup of a dataset."""
    slots = slots_of(n.agg for n in needs)
    atoms = Atoms.of(n.reach for n in needs)
    days = _by_day(source, by, slots.values(), [n.reach for n in needs])
    expression = _by_atom(source, by, slots.values(), days, atoms)

    def read(columns: dict[str, list[Any]]) -> Lookup:
        return Partials(columns, slots, len(by))

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
