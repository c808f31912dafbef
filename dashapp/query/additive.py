"""The fused scan of a dataset: sums, counts, extremes, first and last of all KPIs at once, per atom and split.

Rows are added up by day first, and by the conditions they meet (`folding`), the days then by atom; the day rollup is
added up by atom at once. The partials merge exactly: money by decimal addition, other numbers by compensated sums;
first and last by their date. Windows, totals and averages are then put together from the partials (`partials`) without
asking the engine again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from dashapp.core.rollup import ROWS, Measure, RollupSpec
from dashapp.query.atoms import Atoms, within
from dashapp.query.exchange import RATE, multiplied
from dashapp.query.folding import EDGES, Folded, folded, needs_days
from dashapp.query.measures import measure_of
from dashapp.query.partials import Partials, Slot, slots_of
from dashapp.query.rows import Rows
from dashapp.query.scan import Lookup, Need, Scan, finish
from dashapp.query.source import Source
from dashapp.query.split import By

FUNCTIONS = ("sum", "avg", "min", "max", "count", "first", "last")


def scan(name: str, source: Source, by: By, needs: Sequence[Need]) -> Scan:
    """The fused scan for `needs` over the rows or the day rollup of a dataset."""
    slots = slots_of(n.agg for n in needs)
    atoms = Atoms.of(n.reach for n in needs)
    table = by.ranked(_filtered(source, by, slots.values(), [n.reach for n in needs]))
    expression = _expression(source, by, list(slots.values()), table, atoms)

    def read(columns: dict[str, list[Any]]) -> Lookup:
        return Partials(columns, slots, len(by))

    return finish(name, source, expression, needs, read)


def _filtered(source: Source, by: By, slots: Iterable[Slot], reaches: list[Any]) -> Any:
    """The rows that take part, with all columns that are needed."""
    rows = source.rows
    fields, added_up = set(by.fields) | source.filter_fields(), set()
    for slot in slots:
        fields |= rows.fields_of(slot.cond)
        added_up |= rows.fields_of(slot.arg)
    table = rows.joined(fields if source.spec else fields | added_up, rated=bool(rows.amounts(added_up)))
    tests = [
        t for t in (source.where(table), within(table[source.date], reaches) if source.date else None) if t is not None
    ]
    return table.filter(tests) if tests else table


def _expression(source: Source, by: By, slots: list[Slot], table: Any, atoms: Atoms) -> Any:
    """The partials of the slots by atom and segment."""
    keys = by.columns(table)
    if source.date is None:
        return _grouped(source, table, keys, slots)
    apart = needs_days(slots)
    if source.spec and not apart:
        return _grouped(source, table, {"atom": atoms.of_column(table[source.date]), **keys}, slots)
    fold = None if apart else folded(source.rows, slots)
    keys |= {"day": table[source.date]} | (fold.key(source.rows, table) if fold else {})
    return _by_atom(by, slots, _grouped(source, table, keys, list(fold.bases.values()) if fold else slots), atoms, fold)


def _grouped(source: Source, table: Any, keys: dict[str, Any], slots: Iterable[Slot]) -> Any:
    """The partials of the slots by keys, and the number of rows."""
    partials: dict[str, Any] = {"n": table[ROWS].sum() if source.spec else table.count()}
    for slot in slots:
        partials |= _partials(source, source.rows, table, slot)
    return table.group_by(**keys).aggregate(**partials) if keys else table.aggregate(**partials)


def _partials(source: Source, rows: Rows, table: Any, slot: Slot) -> dict[str, Any]:
    """The partials of one slot."""
    chosen = rows.condition(table, slot.cond)
    if source.spec:
        return _from_rollup(source.spec, rows, table, slot, chosen)
    out = {"m": table.count(where=chosen)} if "m" in slot.parts else {}
    if slot.arg is not None:
        value = rows.value(table, slot.arg)
        written = value if rows.exchange is None else rows.as_written.value(table, slot.arg)
        numeric = value.type().is_numeric()
        make = {
            "s": lambda: added(value, chosen),
            "c": lambda: written.count(where=chosen),
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
        is_amount = bool(rows.amounts(rows.fields_of(slot.arg)))

        def part(name: str) -> Any:
            return multiplied(table[name], table[RATE]) if is_amount else table[name]

        make = {
            "s": lambda: added(part(measure.sum), chosen),
            "c": lambda: table[measure.count].sum(where=chosen),
            "mn": lambda: part(measure.min).min(where=chosen),
            "mx": lambda: part(measure.max).max(where=chosen),
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


def _by_atom(by: By, slots: Iterable[Slot], days: Any, atoms: Atoms, fold: Folded | None) -> Any:
    """The partials of days, and of the conditions met, by atom."""
    keys: dict[str, Any] = {name: days[name] for name in by.names}
    days = days.mutate(atom=atoms.of_column(days.day))
    merged: dict[str, Any] = {"n": days.n.sum()}
    for slot in slots:
        merged |= {slot.name(p): _edge(days, slot, p) if p in EDGES else _merged(days, slot, p, fold)
                   for p in slot.parts}
    return days.group_by(atom=days.atom, **keys).aggregate(**merged)


def _merged(days: Any, slot: Slot, part: str, fold: Folded | None) -> Any:
    column = days[fold.name(slot, part) if fold else slot.name(part)]
    chosen = fold.chosen(days, slot) if fold else None
    if part in ("c", "m"):
        return column.sum(where=chosen)
    if part == "s":
        return added(column, chosen)
    return column.min(where=chosen) if part == "mn" else column.max(where=chosen)


def _edge(days: Any, slot: Slot, part: str) -> Any:
    """First or last date with values, or the value of that day."""
    filled = days[slot.name("c")] > 0
    if part in ("fd", "ld"):
        return days.day.min(where=filled) if part == "fd" else days.day.max(where=filled)
    value = days[slot.name("s")]
    return value.argmin(days.day, where=filled) if part == "fv" else value.argmax(days.day, where=filled)
