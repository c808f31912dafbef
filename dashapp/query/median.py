"""The scan of medians: they do not add up, so every window and split is aggregated by itself, all in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashapp.query.columns import Field
from dashapp.query.scan import Atoms, Lookup, Need, Scan, Split, finish, members, within
from dashapp.query.source import Source
from dashapp.query.tree import Agg
from dashapp.query.windows import Reach


def scan(name: str, source: Source, by: tuple[Field, ...], needs: Sequence[Need]) -> Scan:
    """One statement for all medians of a dataset, per window and split and, apart, without split."""
    aggs = list(dict.fromkeys(n.agg for n in needs))
    reaches = list(dict.fromkeys(n.reach for n in needs))
    atoms = Atoms.of(reaches)
    rows = _rows(source, by, aggs, reaches, atoms)
    parts = []
    for overall in (True, False):
        windows = [i for i, r in enumerate(reaches) if any(n.reach == r and n.overall is overall for n in needs)]
        if windows:
            parts.append(
                _level(
                    rows,
                    by if not overall else (),
                    len(by),
                    aggs,
                    [(i, reaches[i]) for i in windows],
                    atoms,
                    dated=source.date is not None,
                )
            )
    expression = parts[0] if len(parts) == 1 else parts[0].union(parts[1])

    def read(columns: dict[str, list[Any]]) -> Lookup:
        return Windowed(columns, len(by), reaches, {a: f"v{i}" for i, a in enumerate(aggs)})

    return finish(name, source, expression, needs, read)


def _rows(source: Source, by: tuple[Field, ...], aggs: list[Agg], reaches: list[Reach], atoms: Atoms) -> Any:
    import ibis

    fields = set(by) | source.filter_fields()
    for agg in aggs:
        fields |= source.rows.fields_of(agg.arg) | source.rows.fields_of(agg.cond)
    table = source.rows.joined(fields)
    tests = [
        t for t in (source.where(table), within(table[source.date], reaches) if source.date else None) if t is not None
    ]
    table = table.filter(tests) if tests else table
    values: dict[str, Any] = {}
    for i, agg in enumerate(aggs):
        assert agg.arg is not None
        value = source.rows.value(table, agg.arg)
        value = value.cast("decimal(38, 8)") if value.type().is_decimal() else value.cast("float64")
        chosen = source.rows.condition(table, agg.cond)
        values[f"v{i}"] = value if chosen is None else chosen.ifelse(value, None)
    return table.select(
        atom=atoms.of_column(table[source.date]) if source.date else ibis.literal(0, "int64"),
        **{f"by{i}": table[f.name] for i, f in enumerate(by)},
        **values,
    )


def _level(
    rows: Any,
    by: tuple[Field, ...],
    dimensions: int,
    aggs: list[Agg],
    windows: list[tuple[int, Reach]],
    atoms: Atoms,
    *,
    dated: bool,
) -> Any:
    import ibis

    rows = rows.inner_join(members(dict(windows), atoms if dated else None), "atom")
    keys = {f"by{i}": rows[f"by{i}"] for i, _ in enumerate(by)}
    grouped = rows.group_by(window=rows.window, **keys).aggregate(
        **{f"v{i}": rows[f"v{i}"].quantile(0.5) for i, _ in enumerate(aggs)}
    )
    empty = {f"by{i}": ibis.null("string") for i in range(dimensions) if f"by{i}" not in keys}
    grouped = grouped.mutate(level=ibis.literal(0 if by or not dimensions else 1, "int8"), **empty)
    return grouped.select(
        "level", "window", *(f"by{i}" for i in range(dimensions)), *(f"v{i}" for i, _ in enumerate(aggs))
    )


class Windowed(Lookup):
    """Results that come per window: level 1 marks the rows without split of a question that has one."""

    def __init__(
        self, columns: dict[str, list[Any]], dimensions: int, reaches: Sequence[Any], names: dict[Any, str]
    ) -> None:
        self.columns, self.names, self.dimensions = columns, names, dimensions
        self.window = {r: i for i, r in enumerate(reaches)}
        keys = [columns[f"by{i}"] for i in range(dimensions)]
        self.rows: dict[tuple[int, Split | None], int] = {}
        for row, (level, window) in enumerate(zip(columns["level"], columns["window"], strict=True)):
            split = None if level or not dimensions else tuple(k[row] for k in keys)
            self.rows[(window, split)] = row

    def key(self, need: Need) -> Any:
        """What identifies the need's window."""
        return need.reach

    def value(self, need: Need, split: Split | None) -> Any:
        row = self.rows.get((self.window[self.key(need)], split if self.dimensions else None))
        return None if row is None else self.columns[self.names[need.agg]][row]
