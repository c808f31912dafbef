"""Counting entities over whole months, split and filtered by what the bitmap rollup has: sets are united and counted.

A distinct count of one month in which every segment is one row of the rollup needs no set at all: its heads are counted
there already. Who returns is also in the set of all before, who is lost is not in the set of the window; both are cut
by the data scope only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from dashapp.core.rollup import HEADS, MONTH, RollupSpec
from dashapp.core.where import Where
from dashapp.query.atoms import epoch_day, listed, number
from dashapp.query.columns import Field, find_dimension
from dashapp.query.counted import Counted, is_months
from dashapp.query.scan import Lookup, Need, Scan, finish
from dashapp.query.sets import Sets, bit_count, own
from dashapp.query.source import Source
from dashapp.query.split import By
from dashapp.query.tree import Agg
from dashapp.query.windows import Reach

COUNTED = ("distinct", "returning", "lost")
Windows = Mapping[int, Reach]


def answers(spec: RollupSpec | None, source: Source, by: By, entity: Field, need: Need) -> bool:
    """Can the bitmaps answer this need? Whole months only, and nothing but their dimensions."""
    if spec is None or need.agg.func not in COUNTED or spec.entity != entity.column.key or entity.join:
        return False
    used = {*by.fields, *source.filter_fields(), *source.rows.fields_of(need.agg.cond)}
    whole = is_months(need.reach) and (need.before is None or is_months(need.before))
    return whole and spec.bitmap_by(map(own, used)) is not None and source.date is not None


def scan(name: str, source: Source, by: By, needs: Sequence[Need], spec: RollupSpec) -> Scan:
    """The scan of the counts that the bitmaps answer."""
    keys = tuple(dict.fromkeys((n.reach, n.before) for n in needs))
    values = {a: f"v{i}" for i, a in enumerate(dict.fromkeys(n.agg for n in needs))}
    parts = []
    for level in sorted({n.level for n in needs}):
        parts += _Level(source, spec, by, level, [n for n in needs if n.level == level], keys, values).parts()
    expression = parts[0]
    for part in parts[1:]:
        expression = expression.union(part)

    def read(columns: dict[str, list[Any]]) -> Lookup:
        return Counted(columns, len(by), keys, values)

    return finish(name, source, expression, needs, read)


@dataclass(frozen=True)
class _Level:
    """The counts by the first `level` dimensions of a split. keys: all windows by number; values: all columns."""

    source: Source
    spec: RollupSpec
    by: By
    level: int
    needs: Sequence[Need]
    keys: Sequence[tuple[Reach, Reach | None]]
    values: Mapping[Agg, str]

    def parts(self) -> list[Any]:
        """Tables of (level, window, splits, values)."""
        return [*self._distinct(), *self._returning(), *self._lost()]

    def _wanted(self, func: str) -> tuple[list[Agg], dict[int, tuple[Reach, Reach | None]]]:
        mine = [n for n in self.needs if n.agg.func == func]
        asked = {(n.reach, n.before) for n in mine}
        return list(dict.fromkeys(n.agg for n in mine)), {i: k for i, k in enumerate(self.keys) if k in asked}

    def _sets(self, aggs: Sequence[Agg]) -> Sets:
        return Sets(self.source, self.spec, self.by, self.level, tuple(dict.fromkeys(a.cond for a in aggs)))

    @cached_property
    def _everybody(self) -> Sets:
        """The sets of scope alone."""
        return Sets(replace(self.source, filters=()), self.spec)

    def _distinct(self) -> list[Any]:
        aggs, wanted = self._wanted("distinct")
        sets = self._sets(aggs)
        known = {i: r for i, (r, _) in wanted.items() if _is_month(r)} if aggs and self._is_counted(sets) else {}
        united = {i: r for i, (r, _) in wanted.items() if i not in known}
        out = [self._read(sets, aggs, known)] if known else []
        if united:
            found = sets.united(united)
            out.append(self._shown(sets, found, {a: bit_count()(found[sets.name(a.cond)]) for a in aggs}))
        return out

    def _is_counted(self, sets: Sets) -> bool:
        """Is every segment of a month one row of the rollup (of each part)?"""
        plain = not any(sets.conds) and not any(f.join for f in sets.fields)
        return plain and all(self._is_one_row(sets, w) for w in (*self.source.filters, *self.source.scope))

    def _is_one_row(self, sets: Sets, where: Where) -> bool:
        """Does the filter leave one value of its column in a segment?"""
        field = find_dimension(self.source.dataset, where.column, self.source.datasets)
        return field in sets.split.fields or (where.op == "=" and len(where.values) == 1 and where.values != ("",))

    def _read(self, sets: Sets, aggs: Sequence[Agg], windows: Windows) -> Any:
        table = sets.table(windows.values())
        table = table.mutate(atom=epoch_day(table[MONTH]), **sets.split.columns(table))
        months = listed(((number(r.start), i) for i, r in windows.items()), "atom", "window")
        found = table.inner_join(months, "atom")
        return self._shown(sets, found, dict.fromkeys(aggs, found[HEADS]))

    def _returning(self) -> list[Any]:
        """Who is in the window and was there before it."""
        aggs, wanted = self._wanted("returning")
        if not aggs:
            return []
        windows, sets = {i: r for i, (r, _) in wanted.items()}, self._sets(aggs)
        found = sets.united(windows).inner_join(self._everybody.before(windows), ["window", "part"])
        both = {a: bit_count()(found[sets.name(a.cond)] & found.before) for a in aggs}
        return [self._shown(sets, found, both)]

    def _lost(self) -> list[Any]:
        """Who was there in the stretch before a window and has no row in the window at all."""
        aggs, wanted = self._wanted("lost")
        if not aggs:
            return []
        sets = self._sets(aggs)
        before = sets.united({i: b for i, (_, b) in wanted.items() if b})
        now = self._everybody.united({i: r for i, (r, _) in wanted.items()})
        now = now.select(then=now.window, at=now.part, now=now.k0)
        found = before.left_join(now, [before.window == now.then, before.part == now.at])
        was = {a: found[sets.name(a.cond)] for a in aggs}
        gone = {a: bit_count()(w) - bit_count()(w & found.now).fill_null(0) for a, w in was.items()}
        return [self._shown(sets, found, gone)]

    def _shown(self, sets: Sets, found: Any, counts: Mapping[Agg, Any]) -> Any:
        """The sums over parts, with the columns that every table of the statement has."""
        import ibis

        names = sets.split.names if self.level == len(sets.split) else sets.split.names[: self.level]
        out = found.group_by("window", *names).aggregate(**{self.values[a]: c.sum() for a, c in counts.items()})
        absent = self.by.blanks(names) | {v: ibis.null("int64") for a, v in self.values.items() if a not in counts}
        shown = out.mutate(level=ibis.literal(self.level, "int8"), **absent)
        return shown.select("level", "window", *self.by.names, *self.values.values())


def _is_month(reach: Reach) -> bool:
    return (reach.start.year, reach.start.month) == (reach.end.year, reach.end.month)
