"""The scan of medians: they do not add up, so every window and split is aggregated by itself, all in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from dashapp.query.atoms import Atoms, members, within
from dashapp.query.scan import Lookup, Need, Scan, finish
from dashapp.query.source import Source
from dashapp.query.split import By, Split, segments
from dashapp.query.tree import Agg
from dashapp.query.windows import Reach


def scan(name: str, source: Source, by: By, needs: Sequence[Need]) -> Scan:
    """One statement for all medians of a dataset, per window and, apart, for every level of the split."""
    aggs = list(dict.fromkeys(n.agg for n in needs))
    reaches = list(dict.fromkeys(n.reach for n in needs))
    atoms = Atoms.of(reaches)
    rows = _rows(source, by, aggs, reaches, atoms)
    parts = []
    for level in sorted({n.level for n in needs}):
        wanted = {n.reach for n in needs if n.level == level}
        windows = [(i, r) for i, r in enumerate(reaches) if r in wanted]
        parts.append(_level(rows, by, level, aggs, windows, atoms, dated=source.date is not None))
    expression = reduce(lambda one, other: one.union(other), parts)

    def read(columns: dict[str, list[Any]]) -> Lookup:
        return Windowed(columns, len(by), reaches, {a: f"v{i}" for i, a in enumerate(aggs)})

    return finish(name, source, expression, needs, read)


def _rows(source: Source, by: By, aggs: list[Agg], reaches: list[Reach], atoms: Atoms) -> Any:
    import ibis

    fields = set(by.fields) | source.filter_fields()
    for agg in aggs:
        fields |= source.rows.fields_of(agg.arg) | source.rows.fields_of(agg.cond)
    table = source.rows.joined(fields)
    tests = [
        t for t in (source.where(table), within(table[source.date], reaches) if source.date else None) if t is not None
    ]
    table = by.ranked(table.filter(tests) if tests else table)
    values: dict[str, Any] = {}
    for i, agg in enumerate(aggs):
        assert agg.arg is not None
        value = source.rows.value(table, agg.arg)
        value = value.cast("decimal(38, 8)") if value.type().is_decimal() else value.cast("float64")
        chosen = source.rows.condition(table, agg.cond)
        values[f"v{i}"] = value if chosen is None else chosen.ifelse(value, None)
    return table.select(
        atom=atoms.of_column(table[source.date]) if source.date else ibis.literal(0, "int64"),
        **by.columns(table),
        **values,
    )


def _level(
    rows: Any,
    by: By,
    level: int,
    aggs: list[Agg],
    windows: list[tuple[int, Reach]],
    atoms: Atoms,
    *,
    dated: bool,
) -> Any:
    import ibis

    rows, names = by.at(rows, level)
    rows = rows.inner_join(members(dict(windows), atoms if dated else None), "atom")
    grouped = rows.group_by(window=rows.window, **{n: rows[n] for n in names}).aggregate(
        **{f"v{i}": rows[f"v{i}"].quantile(0.5) for i, _ in enumerate(aggs)}
    )
    grouped = grouped.mutate(level=ibis.literal(level, "int8"), **by.blanks(names))
    return grouped.select("level", "window", *by.names, *(f"v{i}" for i, _ in enumerate(aggs)))


class Windowed(Lookup):
    """Results that come per window: level says how many dimensions a row is of."""

    def __init__(
        self, columns: dict[str, list[Any]], dimensions: int, reaches: Sequence[Any], names: dict[Any, str]
    ) -> None:
        self.columns, self.names, self.dimensions = columns, names, dimensions
        self.window = {r: i for i, r in enumerate(reaches)}
        keys = segments(columns, dimensions, columns["level"])
        self.rows = {(window, key): row for row, (window, key) in enumerate(zip(columns["window"], keys, strict=True))}

    def key(self, need: Need) -> Any:
        """What identifies the need's window."""
        return need.reach

    def value(self, need: Need, split: Split | None) -> Any:
        row = self.rows.get((self.window[self.key(need)], split or ()))
        return None if row is None else self.columns[self.names[need.agg]][row]
