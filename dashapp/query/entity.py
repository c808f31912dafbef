"""Scans over entities: distinct counts, and who is returning or lost. Who is new stands in `firsts`.

Rows are reduced to (atom, split, entity) once; whole calendar months without filter or split come from the month
rollup instead. Each window then counts its entities. What the bitmap rollup can answer is left to `bitmaps`. Histories
- the first activity, and whether somebody was active at all - are cut by the data scope only, never by filters, splits
or conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from dashapp.core.rollup import MONTH, RollupSpec
from dashapp.query import bitmaps
from dashapp.query.atoms import Atoms, listed, members, number, within
from dashapp.query.counted import Counted, is_months
from dashapp.query.firsts import by_month, firsts, months_of, newcomers
from dashapp.query.scan import Lookup, Need, Scan, finish
from dashapp.query.source import Source, all_of
from dashapp.query.split import By
from dashapp.query.tree import Agg, Col, Cond
from dashapp.query.windows import Reach


def scans(
    name: str, source: Source, by: By, column: Col, needs: Sequence[Need], spec: RollupSpec | None
) -> list[Scan]:
    """The scans of one entity column: one for `new` (which adds up), one for everything counted per window, and one
    for what the bitmaps have of that."""
    fresh: list[Need] = []
    sets: list[Need] = []
    counted: list[Need] = []
    entity = source.rows.field(column)
    for n in needs:
        if n.agg.func == "new":
            fresh.append(n)
        else:
            (sets if bitmaps.answers(spec, source, by, entity, n) else counted).append(n)
    out = [bitmaps.scan(f"{name}:bitmap", source, by, sets, spec)] if sets and spec else []
    out += [_Active(source, by, column, counted, spec).scan(name)] if counted else []
    return out + ([newcomers(f"{name}:new", source, by, column, fresh, spec)] if fresh else [])


# who is active, per window ---------------------------------------------------------------------------------------
class _Active:
    def __init__(
        self, source: Source, by: By, column: Col, needs: Sequence[Need], spec: RollupSpec | None
    ) -> None:
        self.source, self.by, self.needs = source, by, tuple(needs)
        self.entity = source.rows.field(column)
        self.spec = spec if by_month(source, self.entity, spec) else None
        self.conds = tuple(dict.fromkeys(n.agg.cond for n in needs))
        self.values = {a: f"v{i}" for i, a in enumerate(dict.fromkeys(n.agg for n in needs))}
        self.keys = tuple(dict.fromkeys((n.reach, n.before) for n in needs))
        self.reaches = [r for key in self.keys for r in key if r]
        self.atoms = Atoms.of(self.reaches)

    def scan(self, name: str) -> Scan:
        """The statement: a part per level of the split and kind (active now, or lost)."""
        parts = [
            part
            for level in sorted({n.level for n in self.needs})
            for part in (self._present(level), self._lost(level))
            if part is not None
        ]
        expression = parts[0]
        for part in parts[1:]:
            expression = expression.union(part)

        def read(columns: dict[str, list[Any]]) -> Lookup:
            return Counted(columns, len(self.by), self.keys, self.values)

        return finish(name, self.source, expression, self.needs, read)

    def _windows(self, level: int, lost: bool) -> dict[int, tuple[Reach, Reach | None]]:
        wanted = {(n.reach, n.before) for n in self.needs if n.level == level and (n.before is not None) is lost}
        return {i: key for i, key in enumerate(self.keys) if key in wanted}

    @cached_property
    def active(self) -> Any:
        """(atom, splits, entity, one flag per condition): everybody with a row that passes scope and filters."""
        plain = not self.by and not self.source.filters and self.conds == (None,)
        return self._seen(plain, self.by, self.conds, self.source.where).alias("active")

    @cached_property
    def anyone(self) -> Any:
        """(atom, entity): everybody with a row in scope, whatever the filters."""
        if not self.by and not self.source.filters and self.conds == (None,):
            return self.active
        return self._seen(True, By(), (None,), self.source.in_scope).alias("anyone")

    def _seen(self, plain: bool, by: By, conds: tuple[Cond | None, ...], where: Any) -> Any:
        if plain and self.spec is not None:
            return self._from_months(where)
        return self._from_rows(by, conds, where, self.reaches)

    def _from_rows(
        self, by: By, conds: tuple[Cond | None, ...], where: Any, reaches: Iterable[Reach]
    ) -> Any:
        rows, source = self.source.rows, self.source
        fields = {*by.fields, self.entity, *source.filter_fields()}.union(*(rows.fields_of(c) for c in conds))
        table = rows.joined(fields)
        entity = table[self.entity.name]
        tests = [where(table), within(table[source.date], reaches) if source.date else None, entity.notnull()]
        table = by.ranked(table.filter(all_of(tests)))
        atom = self.atoms.of_column(table[source.date]) if source.date else 0
        flags = {f"k{i}": rows.condition(table, c).any() for i, c in enumerate(conds) if c is not None}
        return _once(table.group_by(atom=atom, **by.columns(table), entity=table[self.entity.name]), table, flags)

    def _from_months(self, where: Any) -> Any:
        """Whole months from the month rollup, the days around them from the rows."""
        assert self.spec is not None
        spans = self.atoms.spans()
        whole = [s for s in spans if is_months(s)]
        parts = [s for s in spans if s not in whole and any(r.start <= s.start <= r.end for r in self.reaches)]
        if not whole:
            return self._from_rows(By(), (None,), where, self.reaches)
        months = months_of(self.source, self.spec)
        months = months.filter(within(months[MONTH], whole))
        entity = months[self.spec.entity]
        table = months.filter(entity.notnull()).select(atom=self.atoms.of_column(months[MONTH]), entity=entity)
        if self.atoms.grid != "month":
            table = table.distinct()
        return table.union(self._from_rows(By(), (None,), where, parts)) if parts else table

    def _present(self, level: int) -> Any:
        """distinct and returning: entities of each window, with their first activity where that is asked."""
        windows = self._windows(level, lost=False)
        if not windows:
            return None
        aggs = {a: v for a, v in self.values.items() if a.func != "lost"}
        seen = self._members(self.active, {i: r for i, (r, _) in windows.items()}, level)
        starts = None
        if any(a.func == "returning" for a in aggs):
            first = firsts(self.source, self.entity, self.spec)
            seen = seen.inner_join(first, "entity")
            seen = seen.inner_join(
                listed(((i, number(r.start)) for i, (r, _) in windows.items()), "window", "start"), "window"
            )
            starts = seen.start
        values = {v: self._chosen(seen, a, starts) for a, v in aggs.items()}
        return self._level(seen, level, values)

    def _chosen(self, seen: Any, agg: Agg, starts: Any) -> Any:
        flag = None if agg.cond is None else seen[f"k{self.conds.index(agg.cond)}"]
        before = seen.first < starts if agg.func == "returning" else None
        return seen.count(where=all_of([flag, before]))

    def _lost(self, level: int) -> Any:
        """Entities of the stretch before a window that have no row in the window at all."""
        windows = self._windows(level, lost=True)
        if not windows:
            return None
        before = self._members(self.active, {i: b for i, (_, b) in windows.items() if b}, level)
        now = self.anyone.inner_join(self._table({i: r for i, (r, _) in windows.items()}), "atom")
        now = now.select(then=now.window, who=now.entity)
        gone = before.anti_join(now, [before.window == now.then, before.entity == now.who])
        return self._level(
            gone, level, {v: self._chosen(gone, a, None) for a, v in self.values.items() if a.func == "lost"}
        )

    def _table(self, windows: dict[int, Reach]) -> Any:
        return members(windows, self.atoms if self.source.date else None)

    def _members(self, seen: Any, windows: dict[int, Reach], level: int) -> Any:
        """(window, splits, entity, flags): each entity once per window and split.

        Most windows are a single atom, where everybody is there once already and nothing has to be grouped again.
        """
        seen, names = self.by.at(seen, level)
        single = {i: r for i, r in windows.items() if self._atoms_in(r) == 1 and level == len(self.by)}
        several = {i: r for i, r in windows.items() if i not in single}
        parts = []
        if single:
            joined = seen.inner_join(self._table(single), "atom")
            parts.append(joined.select("window", *names, "entity", *self._flags()))
        if several:
            joined = seen.inner_join(self._table(several), "atom")
            grouped = joined.group_by("window", *names, "entity")
            parts.append(_once(grouped, joined, {f: joined[f].any() for f in self._flags()}))
        return parts[0] if len(parts) == 1 else parts[0].union(parts[1])

    def _atoms_in(self, reach: Reach) -> int:
        return sum(reach.start <= s <= reach.end for s in self.atoms.starts) if self.source.date else 1

    def _flags(self) -> list[str]:
        return [f"k{i}" for i, c in enumerate(self.conds) if c is not None]

    def _level(self, seen: Any, level: int, values: dict[str, Any]) -> Any:
        import ibis

        names = self.by.names if level == len(self.by) else self.by.names[:level]
        out = seen.group_by("window", *names).aggregate(**values)
        absent = self.by.blanks(names) | {v: ibis.null("int64") for v in self.values.values() if v not in values}
        return out.mutate(level=ibis.literal(level, "int8"), **absent).select(
            "level", "window", *self.by.names, *self.values.values()
        )


def _once(grouped: Any, table: Any, flags: dict[str, Any]) -> Any:
    """The groups, with flags where there are any."""
    return grouped.aggregate(**flags) if flags else grouped.aggregate(n=table.count()).drop("n")
