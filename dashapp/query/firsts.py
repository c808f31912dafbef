"""First activity: who had a first row when, and who is new - counted by the moment and split of that first row.

Histories are cut by the data scope only, never by filters, splits or conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dashapp.core.rollup import FIRST, RollupSpec, month_table
from dashapp.query.atoms import Atoms, epoch_day, number, within
from dashapp.query.columns import Field
from dashapp.query.scan import Lookup, Need, Scan, finish
from dashapp.query.source import Source, all_of
from dashapp.query.split import By, Split, segments
from dashapp.query.tables import unbound
from dashapp.query.tree import Col, Cond


def firsts(source: Source, entity: Field, spec: RollupSpec | None) -> Any:
    """(entity, first): the day of the first row of every entity in scope, as a day number."""
    if spec is not None:
        months = months_of(source, spec)
        table = months.filter(months[spec.entity].notnull())
        return _numbered(table.group_by(entity=table[spec.entity]).aggregate(day=table[FIRST].min()))
    table = source.rows.joined({entity, *source.filter_fields()})
    table = table.filter(all_of([source.in_scope(table), table[entity.name].notnull()]))
    return _numbered(table.group_by(entity=table[entity.name]).aggregate(day=table[source.date].min()))


def _numbered(table: Any) -> Any:
    return table.select("entity", "day", first=epoch_day(table.day))


def months_of(source: Source, spec: RollupSpec) -> Any:
    return unbound(month_table(source.dataset.key), tuple(spec.month_schema().items()))


def by_month(source: Source, entity: Field, spec: RollupSpec | None) -> bool:
    """May histories be read from the month rollup? Not under a data scope: the rollup knows no other columns."""
    return bool(spec and spec.entity == entity.column.key and not entity.join and not source.scope and source.date)


def newcomers(
    name: str, source: Source, by: By, column: Col, needs: Sequence[Need], spec: RollupSpec | None
) -> Scan:
    """Entities by the atom and split of their first row; the first of a day is the first in its source."""
    entity = source.rows.field(column)
    spec = spec if by_month(source, entity, spec) else None
    conds = tuple(dict.fromkeys(n.agg.cond for n in needs))
    atoms = Atoms.of(n.reach for n in needs)
    first = firsts(source, entity, spec)
    first = first.filter(within(first.day, [n.reach for n in needs]))
    placed = (
        first if not by and not source.filters and conds == (None,) else _first_rows(source, by, entity, conds, first)
    )
    keys = {name: placed[name] for name in by.names}
    values = {f"v{i}": placed.count(where=None if c is None else placed[f"k{i}"]) for i, c in enumerate(conds)}
    expression = placed.group_by(atom=atoms.of_column(placed.day), **keys).aggregate(**values)

    def read(columns: dict[str, list[Any]]) -> Lookup:
        return Placed(columns, len(by), atoms, {c: f"v{i}" for i, c in enumerate(conds)})

    return finish(name, source, expression, needs, read)


def _first_rows(
    source: Source, by: By, entity: Field, conds: tuple[Cond | None, ...], first: Any
) -> Any:
    """One row per entity: its first, kept if it passes the filters, with splits and a flag per condition."""
    import ibis

    rows = source.rows
    fields = {*by.fields, entity, *source.filter_fields()}.union(*(rows.fields_of(c) for c in conds))
    table = rows.joined(fields)
    scope = source.in_scope(table)
    table = table if scope is None else table.filter(scope)
    table = table.inner_join(
        first.select(__entity=first.entity, __day=first.day),
        [table[entity.name] == first.entity, table[source.date] == first.day],
    )
    order = [table[c] for c in _in_order(source, fields)]
    ranked = table.mutate(__rank=ibis.row_number().over(ibis.window(group_by=table[entity.name], order_by=order)))
    ranked = ranked.filter(all_of([ranked["__rank"] == 0, rows.where(ranked, source.filters)]))
    ranked = by.ranked(ranked)
    return ranked.select(
        day=ranked["__day"],
        **by.columns(ranked),
        **{f"k{i}": rows.condition(ranked, c) for i, c in enumerate(conds) if c is not None},
    )


def _in_order(source: Source, fields: set[Field]) -> list[str]:
    """Columns that order the rows of a day as their source does; rows of a warehouse go by key, then by what counts."""
    if source.dataset.place is None:
        return ["_vintage", "_sheet", "_row"]
    return list(dict.fromkeys((*source.dataset.key_columns, *sorted(f.name for f in fields))))


@dataclass
class Placed(Lookup):
    """Counts per atom and split that add up over both."""

    columns: dict[str, list[Any]]
    dimensions: int
    atoms: Atoms
    names: dict[Cond | None, str]

    def value(self, need: Need, split: Split | None) -> Any:
        low, high = number(need.reach.start), number(need.reach.end)
        values = self.columns[self.names[need.agg.cond]]
        return sum(int(values[r] or 0) for r in self._rows(split) if low <= self.columns["atom"][r] <= high)

    @cached_property
    def _by_split(self) -> dict[Split, list[int]]:
        found: dict[Split, list[int]] = {}
        for row, key in enumerate(segments(self.columns, self.dimensions)):
            found.setdefault(key, []).append(row)
        return found

    def _rows(self, split: Split | None) -> Iterable[int]:
        if split is None:
            return range(len(self.columns["atom"]))
        known = self._by_split.get(split)
        if known is None:  # a subtotal: everybody is placed once, so the parts add up
            known = [r for key, rs in self._by_split.items() if key[: len(split)] == split for r in rs]
        return known
