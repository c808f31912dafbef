"""Splits: the columns rows are grouped by, at every level of subtotals, and the rest that is one segment beside the
largest.

A segment is the tuple of its values; one that ends in OTHERS is everything below the values before it that is not
named. In a result the rest has no value in its last columns, and `depth` says how many of the first ones count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import or_
from typing import Any

from dashapp.query.columns import Field


class Rest(Enum):
    """The one segment that is all segments without a name of their own."""

    OTHERS = "Others"


OTHERS = Rest.OTHERS
Split = tuple[str | Rest | None, ...]
DEPTH, _FOUND = "depth", "__depth"  # no column of a dataset has two underscores in front


@dataclass(frozen=True, slots=True)
class By:
    """fields: what rows are split by. kept: the segments that stay by name, None for all of them."""

    fields: tuple[Field, ...] = ()
    kept: tuple[Split, ...] | None = None

    def __len__(self) -> int:
        return len(self.fields)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of a segment, in the tables made with `columns`."""
        plain = tuple(f"by{i}" for i, _ in enumerate(self.fields))
        return plain if self.kept is None else (*plain, DEPTH)

    def ranked(self, table: Any) -> Any:
        """The rows with how many of their first values are those of a segment that stays: found once per row."""
        if self.kept is None:
            return table
        return table.mutate(**{_FOUND: self._depth([table[f.name] for f in self.fields])})

    def columns(self, table: Any) -> dict[str, Any]:
        """The columns of a segment, computed from ranked rows."""
        import ibis

        found = [table[f.name] for f in self.fields]
        if self.kept is None:
            return {f"by{i}": column for i, column in enumerate(found)}
        named = {f"by{i}": ibis.ifelse(table[_FOUND] > i, c, ibis.null(c.type())) for i, c in enumerate(found)}
        return {**named, DEPTH: table[_FOUND]}

    def _depth(self, columns: Sequence[Any]) -> Any:
        """How many of the first values are those of a segment that stays."""
        import ibis

        depth = ibis.literal(0, "int8")
        for level in range(1, len(columns) + 1):
            starts = dict.fromkeys(s[:level] for s in self.kept or ())
            if starts:
                depth = ibis.ifelse(_is_one_of(columns[:level], list(starts)), ibis.literal(level, "int8"), depth)
        return depth

    def at(self, table: Any, level: int) -> tuple[Any, tuple[str, ...]]:
        """The rows that belong to a segment of `level` dimensions, and the columns that name it."""
        if level == len(self):
            return table, self.names
        if level and self.kept is not None:
            table = table.filter(table[DEPTH] >= level)
        return table, self.names[:level]

    def blanks(self, names: Iterable[str]) -> dict[str, Any]:
        """The columns of a segment that a level does not name, without values."""
        import ibis

        kinds = {f"by{i}": _KINDS[f.column.type] for i, f in enumerate(self.fields)} | {DEPTH: "int8"}
        return {n: ibis.null(kinds[n]) for n in self.names if n not in set(names)}


_KINDS = {"text": "string", "date": "date", "number": "float64", "money": "decimal(18, 4)"}


def _is_one_of(columns: Sequence[Any], segments: Sequence[Split]) -> Any:
    """Are the columns one of the segments? A missing value is one, too."""
    first, rest = columns[0], columns[1:]
    if not rest:
        values = [s[0] for s in segments if s[0] is not None]
        tests = ([first.isin(values)] if values else []) + ([first.isnull()] if len(values) < len(segments) else [])
        return reduce(or_, tests)
    below: dict[Any, list[Split]] = {}
    for segment in segments:
        below.setdefault(segment[0], []).append(segment[1:])
    return reduce(or_, [(first.isnull() if value is None else first == value) & _is_one_of(rest, under)
                        for value, under in below.items()])


def segments(columns: Mapping[str, list[Any]], dimensions: int, levels: Sequence[int] | None = None) -> list[Split]:
    """The segment of every row of a result. levels: of every row, where a result has several; else all are whole."""
    values = [columns[f"by{i}"] for i in range(dimensions)]
    depths = columns.get(DEPTH)
    out: list[Split] = []
    for row in range(len(next(iter(columns.values()), ()))):
        level = dimensions if levels is None else levels[row]
        depth = level if depths is None or level < dimensions else depths[row]
        named = tuple(v[row] for v in values[:depth])
        out.append(named if depth == level else (*named, OTHERS))
    return out


def level_of(split: Split | None, dimensions: int) -> int:
    """How many dimensions a result is grouped by that has this segment; None is the whole."""
    if split is None:
        return 0
    return dimensions if split and split[-1] is OTHERS else len(split)


def starts_of(splits: Iterable[Split], dimensions: int) -> list[Split]:
    """The first values of segments, of every length between none and all: what subtotals are of, each once."""
    named = [s[:-1] if s[-1] is OTHERS else s for s in splits]
    return list(dict.fromkeys(s[:n] for s in named for n in range(1, dimensions) if len(s) >= n))


def order(split: Split) -> tuple[tuple[bool, bool, Any], ...]:
    """Sorts segments by their values; a missing one follows, the rest comes last."""
    return tuple((v is OTHERS, v is None, "" if v is None or v is OTHERS else v) for v in split)
