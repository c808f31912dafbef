"""Rollups: the pre-added tables inside a serving file, and the names of their columns.

`facts` builds them, `query` reads them; this file is what the two agree on. A dataset `orders` has at most
- `orders__day`: one row per date and combination of the spec's dimensions, with `_rows` (number of source rows) and,
  for every measure `m`, the partials `m__sum`, `m__count` (values that are not missing), `m__min`, `m__max`;
- `orders__month`: one row per calendar month and entity, with `_month` (its first day), `_first` and `_last` (first
  and last date of activity in the month) and `_rows`: distinct counts by month and coarser, and first activity ever;
- `orders__bitmap`: who was active in each calendar month, as sets that can be united: exact distinct counts by the
  bitmap's dimensions over any run of whole months. Entities have numbers, those who came in an earlier month smaller
  ones; 32,000 numbers are a *part*. There is a row per calendar month (`_month`), part (`_part`) and combination of
  values of each subset of the dimensions, unless nobody is in it: `_by` says which ones (2**i for the i-th; the others
  are NULL), `_bits` has a bit per entity of the part, `_heads` is how many are set. Parts share nobody, so heads of
  the parts add up; those of months, or of values, do not: their bits are united and counted.

Partials of money stay DECIMAL (sums are DECIMAL(38, scale)), all others are DOUBLE. A partial without any value is
NULL. A double underscore never occurs in a column key, so the names cannot collide.
"""
from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from dashapp.core.dataset import STORED, Dataset, RoleOf

ROWS, MONTH, FIRST, LAST = "_rows", "_month", "_first", "_last"
BY, PART, HEADS, BITS = "_by", "_part", "_heads", "_bits"
_DECIMAL = re.compile(r"^DECIMAL\((\d+),\s*(\d+)\)$")


def day_table(dataset: str) -> str:
    return f"{dataset}__day"


def month_table(dataset: str) -> str:
    return f"{dataset}__month"


def bitmap_table(dataset: str) -> str:
    return f"{dataset}__bitmap"


@dataclass(frozen=True, slots=True)
class Measure:
    """What is pre-added: a numeric column, or a registered row expression.

    name: stem of its columns. sql: DuckDB expression over the dataset's own columns (quoted names, no prefix). type:
    `DOUBLE` or `DECIMAL(precision,scale)`, the type of one row's value. Expressions match by their exact `sql`.
    DuckDB keeps a product of two DECIMAL(18,x) in 18 digits and fails beyond: cast one operand to DECIMAL(38,x).
    """

    name: str
    sql: str
    type: str

    @property
    def sum(self) -> str:
        return f"{self.name}__sum"

    @property
    def count(self) -> str:
        return f"{self.name}__count"

    @property
    def min(self) -> str:
        return f"{self.name}__min"

    @property
    def max(self) -> str:
        return f"{self.name}__max"

    @property
    def is_exact(self) -> bool:
        return _DECIMAL.match(self.type) is not None

    @property
    def sum_type(self) -> str:
        """Type of the sum: DECIMAL(38, scale) for decimals, else DOUBLE."""
        found = _DECIMAL.match(self.type)
        return f"DECIMAL(38,{found.group(2)})" if found else "DOUBLE"


def expression(sql: str, type: str) -> Measure:
    """The measure of a row expression; its name is derived from the text, so equal expressions share one."""
    return Measure("x_" + hashlib.sha256(sql.encode()).hexdigest()[:12], sql, type)


@dataclass(frozen=True, slots=True)
class RollupSpec:
    """What to pre-add for one dataset.

    dimensions: text columns to group by beside the date. Handed to a build they are candidates (a build drops those
    that would make the table large); read from a serving file they are what the day table has. entity: the column of
    the month table, None for none. date: the date column; None means that there are no rollups at all. bitmap: the
    dimensions of the bitmap table, None where there is none: always before a build, and in files of older versions.
    """

    date: str | None
    dimensions: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    entity: str | None = None
    bitmap: tuple[str, ...] | None = None

    def measure(self, sql: str) -> Measure | None:
        """The measure whose expression is exactly `sql`; a bare column is its quoted key, see `quoted`."""
        return next((m for m in self.measures if m.sql == sql), None)

    def column(self, key: str) -> Measure | None:
        """The measure of the plain column `key`."""
        return self.measure(quoted(key))

    def covers(self, *columns: str) -> bool:
        """True when the day table can filter and split by all these columns."""
        return self.date is not None and set(columns) <= {self.date, *self.dimensions}

    def day_schema(self) -> dict[str, str]:
        """Column -> DuckDB type of the day table, in order; {} without a date."""
        if self.date is None:
            return {}
        out = {self.date: "DATE", **dict.fromkeys(self.dimensions, "VARCHAR"), ROWS: "BIGINT"}
        for m in self.measures:
            out |= {m.sum: m.sum_type, m.count: "BIGINT", m.min: m.type, m.max: m.type}
        return out

    def month_schema(self) -> dict[str, str]:
        """Column -> DuckDB type of the month table, in order; {} without a date or an entity."""
        if self.date is None or self.entity is None:
            return {}
        return {MONTH: "DATE", self.entity: "VARCHAR", FIRST: "DATE", LAST: "DATE", ROWS: "BIGINT"}

    def bitmap_schema(self) -> dict[str, str]:
        """Column -> DuckDB type of the bitmap table, in order; {} where there is none."""
        if self.bitmap is None:
            return {}
        return {BY: "INTEGER", MONTH: "DATE", **dict.fromkeys(self.bitmap, "VARCHAR"), PART: "INTEGER",
                HEADS: "BIGINT", BITS: "BIT"}

    def bitmap_by(self, columns: Iterable[str]) -> int | None:
        """`_by` of the bitmap's rows that tell the values of just these columns apart; None where it cannot."""
        wanted = set(columns)
        if self.bitmap is None or not wanted <= set(self.bitmap):
            return None
        return sum(2**i for i, name in enumerate(self.bitmap) if name in wanted)

    def with_dimensions(self, dimensions: tuple[str, ...]) -> RollupSpec:
        return replace(self, dimensions=dimensions)

    def to_json(self) -> dict[str, Any]:
        """Plain members, as kept in the serving file; `rollup_from_json` reads them back to an equal value."""
        return {"date": self.date, "dimensions": list(self.dimensions), "entity": self.entity,
                "bitmap": None if self.bitmap is None else list(self.bitmap),
                "measures": [[m.name, m.sql, m.type] for m in self.measures]}


def rollup_from_json(data: dict[str, Any]) -> RollupSpec:
    measures = tuple(Measure(*m) for m in data["measures"])
    bitmap = data.get("bitmap")  # files of older versions say nothing about it
    return RollupSpec(data["date"], tuple(data["dimensions"]), measures, data["entity"],
                      None if bitmap is None else tuple(bitmap))


def rollup_of(dataset: Dataset, expressions: Iterable[Measure] = ()) -> RollupSpec:
    """The usual spec of a dataset: every dimension a candidate, every numeric column, and the given expressions."""
    numeric = [Measure(c.key, quoted(c.key), STORED[c.type]) for c in dataset.columns
               if c.role is not RoleOf.IGNORE and c.type in ("money", "number")]
    texts = {c.key for c in dataset.columns if c.type == "text"}
    known = {m.name for m in numeric}
    more = {m.name: m for m in expressions if m.name not in known}
    entity = dataset.entity_column
    return RollupSpec(dataset.date_column,
                      tuple(k for k in dataset.keys_of(RoleOf.DIMENSION, RoleOf.CURRENCY) if k in texts),
                      (*numeric, *(more[name] for name in sorted(more))), entity if entity in texts else None)


def quoted(name: str) -> str:
    """A name as an SQL identifier, safe for any text."""
    return '"' + name.replace('"', '""') + '"'
