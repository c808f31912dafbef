"""Distinct counts over whole months, split and filtered by what the bitmap rollup has: sets are united and counted.

A window of one month in which every segment is one row of the rollup needs no set at all: its heads are counted there
already. All others unite: first the rows of an atom, then the atoms of a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any

from dashapp.core.rollup import BITS, BY, HEADS, MONTH, PART, RollupSpec, bitmap_table
from dashapp.core.where import Where
from dashapp.query.columns import Field, find_dimension
from dashapp.query.counted import Counted, is_months
from dashapp.query.rows import Rows, unbound
from dashapp.query.scan import Atoms, Lookup, Need, Scan, epoch_day, finish, listed, members, number, within
from dashapp.query.source import Source, all_of
from dashapp.query.split import By
from dashapp.query.tree import Cond
from dashapp.query.windows import Reach

FEW = 16  # atoms that are worth a comparison each


def answers(spec: RollupSpec | None, source: Source, by: By, entity: Field, need: Need) -> bool:
    """Can the bitmaps answer this need? Whole months only, and nothing but their dimensions."""
    if spec is None or need.agg.func != "distinct" or spec.entity != entity.column.key or entity.join:
        return False
    used = {*by.fields, *source.filter_fields(), *source.rows.fields_of(need.agg.cond)}
    return spec.bitmap_by(map(_own, used)) is not None and is_months(need.reach) and source.date is not None


def _own(field: Field) -> str:
    """The column of the rows that decides the value of a field: its own, or the one it is joined by."""
    return field.join[0] if field.join else field.column.key


def scan(name: str, source: Source, by: By, needs: Sequence[Need], spec: RollupSpec) -> Scan:
    """The scan of distinct counts that the bitmaps answer."""
    table = unbound(bitmap_table(source.dataset.key), tuple(spec.bitmap_schema().items()))
    rows = Rows(source.dataset, source.datasets, table)
    reaches = tuple(dict.fromkeys(n.reach for n in needs))
    values = {a: f"v{i}" for i, a in enumerate(dict.fromkeys(n.agg for n in needs))}
    conds = {v: a.cond for a, v in values.items()}
    parts = []
    for level in sorted({n.level for n in needs}):
        wanted = {i: r for i, r in enumerate(reaches) if any((n.reach, n.level) == (r, level) for n in needs)}
        parts += _Level(source, rows, spec, by, level, conds).counts(wanted)
    expression = parts[0]
    for part in parts[1:]:
        expression = expression.union(part)

    def read(columns: dict[str, list[Any]]) -> Lookup:
        return Counted(columns, len(by), [(r, None) for r in reaches], values)

    return finish(name, source, expression, needs, read)


@dataclass(frozen=True)
class _Level:
    """The counts by the first `level` dimensions of a split. conds: the condition of each value."""

    source: Source
    rows: Rows
    spec: RollupSpec
    by: By
    level: int
    conds: Mapping[str, Cond | None]

    def counts(self, windows: Mapping[int, Reach]) -> list[Any]:
        """(level, window, splits, values), in one or two parts: read where they are counted, and united."""
        counted = {i: r for i, r in windows.items() if _is_month(r)} if self._is_counted else {}
        united = {i: r for i, r in windows.items() if i not in counted}
        return ([self._read(counted)] if counted else []) + ([self._united(united)] if united else [])

    @cached_property
    def split(self) -> By:
        """What is told apart: as much as this level names; where segments stay by name, what decides that."""
        return self.by if self.by.kept is not None and self.level else By(self.by.fields[: self.level])

    @cached_property
    def fields(self) -> set[Field]:
        used = set(self.split.fields) | self.source.filter_fields()
        return used.union(*(self.rows.fields_of(c) for c in self.conds.values()))

    @property
    def _is_counted(self) -> bool:
        """Is every segment of a month one row of the rollup (of each part)?"""
        plain = self.split.kept is None and not any(self.conds.values()) and not any(f.join for f in self.fields)
        return plain and all(self._is_one_row(w) for w in (*self.source.filters, *self.source.scope))

    def _is_one_row(self, where: Where) -> bool:
        """Does the filter leave one value of its column in a segment?"""
        field = find_dimension(self.source.dataset, where.column, self.source.datasets)
        return field in self.split.fields or (where.op == "=" and len(where.values) == 1 and where.values != ("",))

    def _table(self, reaches: Iterable[Reach]) -> Any:
        """The rows of just the columns that matter here, which pass scope and filters."""
        table = self.rows.joined(self.fields)
        by = self.spec.bitmap_by(map(_own, self.fields))
        tests = [table[BY] == by, within(table[MONTH], reaches), self.source.where(table)]
        return self.split.ranked(table.filter(all_of(tests)))

    def _read(self, windows: Mapping[int, Reach]) -> Any:
        table = self._table(windows.values())
        table = table.mutate(atom=epoch_day(table[MONTH]), **self.split.columns(table))
        joined = table.inner_join(listed(((number(r.start), i) for i, r in windows.items()), "atom", "window"), "atom")
        counts = joined.group_by("window", *self.split.names).aggregate(heads=joined[HEADS].sum())
        return self._shown(counts, dict.fromkeys(self.conds, counts.heads))

    def _united(self, windows: Mapping[int, Reach]) -> Any:
        """Each window's sets, counted; most windows of a month are an atom, whose sets are united already."""
        atoms = _atoms(windows.values())
        table = self._table(windows.values())
        keys = {"atom": atoms.of_column(table[MONTH]), **self.split.columns(table), "part": table[PART]}
        flags = {f"k{i}": self.rows.condition(table, c) for i, c in enumerate(self._distinct)}
        sets = table.group_by(**keys).aggregate(**{k: table[BITS].bit_or(where=c) for k, c in flags.items()})
        sets, names = self.split.at(sets, self.level)
        starts = {i: [s for s in atoms.starts if r.start <= s <= r.end] for i, r in windows.items()}
        single = {i: r for i, r in windows.items() if len(starts[i]) == 1}
        several = {i: r for i, r in windows.items() if i not in single}
        parts = []
        if single:
            parts.append(sets.inner_join(members(single, atoms), "atom").select("window", *names, "part", *flags))
        if several:
            joined = sets.inner_join(members(several, atoms), "atom")
            whole = joined.group_by("window", *names, "part")
            parts.append(whole.aggregate(**{k: joined[k].bit_or() for k in flags}))
        found = parts[0] if len(parts) == 1 else parts[0].union(parts[1])
        counts = found.group_by("window", *names).aggregate(**{k: _bit_count()(found[k]).sum() for k in flags})
        return self._shown(counts, {v: counts[f"k{self._distinct.index(c)}"] for v, c in self.conds.items()})

    @property
    def _distinct(self) -> list[Cond | None]:
        return list(dict.fromkeys(self.conds.values()))

    def _shown(self, counts: Any, values: Mapping[str, Any]) -> Any:
        """The counts with the columns that every part of the statement has."""
        import ibis

        blanks = self.by.blanks(counts.columns)
        shown = counts.mutate(level=ibis.literal(self.level, "int8"), **blanks, **values)
        return shown.select("level", "window", *self.by.names, *values)


def _is_month(reach: Reach) -> bool:
    return (reach.start.year, reach.start.month) == (reach.end.year, reach.end.month)


def _atoms(reaches: Iterable[Reach]) -> Atoms:
    """The atoms of these windows; quarters and years are atoms themselves, where they are few."""
    found = Atoms.of(reaches)
    edges = sorted({d for r in reaches for d in (r.start, r.end + timedelta(1))})[:-1]
    return Atoms("none", tuple(edges), found.hull) if len(edges) < min(len(found.starts), FEW) else found


@lru_cache(maxsize=1)
def _bit_count() -> Any:
    import ibis

    def bit_count(bits: int) -> int:  # type: ignore[empty-body]
        """How many bits are set."""

    return ibis.udf.scalar.builtin(bit_count, name="bit_count")
