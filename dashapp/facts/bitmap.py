"""Making the bitmaps of a serving file: who was active in each month, by the dimensions that are worth their place.

A set is an eighth of a byte per entity, whoever is in it: with many entities and many combinations of values the sets
would outgrow the rows they stand for. So as many dimensions take part as keep them small, those of few values first.
"""
# ruff: noqa: S608 - names pass through quoted(), numbers are numbers; nothing else is put into SQL
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from dashapp.core.rollup import BITS, BY, HEADS, MONTH, PART, RollupSpec, quoted
from dashapp.facts.profile import Profile

SIZE = 32_000  # entities of a part: DuckDB keeps texts and bits of more than 4,096 bytes apart from their rows
MOST = 4  # dimensions: each doubles the subsets there are
SHARE, LARGEST = 10, 128_000_000  # bytes of all sets: so many per row, which itself takes twenty; held by a build
WORTH = 4  # rows per set: below, counting rows costs no more


def make_bitmap(connection: duckdb.DuckDBPyConnection, spec: RollupSpec, profile: Profile) -> RollupSpec:
    """Create table `bitmap` from `rows`, `day` and `month`; returns the spec with the dimensions it has.

    There is none without a date or an entity, and where even the sets of whole months would take too much place.
    """
    if not spec.month_schema():
        return spec
    assert spec.date is not None
    entities = _number(connection, f"SELECT count(DISTINCT {quoted(spec.entity or '')}) FROM month")
    chosen = _fitting(connection, spec, profile, entities) if entities else None
    if chosen is None:
        return spec
    made = replace(spec, bitmap=chosen)
    _create(connection, made, min(SIZE, entities))
    return made


def _fitting(connection: duckdb.DuckDBPyConnection, spec: RollupSpec, profile: Profile,
             entities: int) -> tuple[str, ...] | None:
    """The dimensions whose sets are few and small enough; None when not even those of whole months are."""
    parts, allowed = -(-entities // SIZE), min(profile.rows * SHARE, LARGEST)
    order = sorted(spec.dimensions, key=lambda d: (profile.cardinality.get(d, 0), d))[:MOST]
    for count in range(len(order), -1, -1):
        groups = _groups(connection, spec, order[:count])
        if groups * -(-entities // 8) <= allowed and groups * parts * WORTH <= profile.rows:
            return tuple(d for d in spec.dimensions if d in order[:count])
    return None


def _groups(connection: duckdb.DuckDBPyConnection, spec: RollupSpec, dimensions: Sequence[str]) -> int:
    """Number of months and combinations of values, over all subsets of the dimensions."""
    names = [quoted(d) for d in dimensions]
    each = f"SELECT DISTINCT {_month(spec)} AS {MONTH}{''.join(f', {n}' for n in names)} FROM day"
    return _number(connection, f"SELECT count(*) FROM (SELECT 1 FROM ({each}) WHERE {MONTH} IS NOT NULL "
                               f"GROUP BY {MONTH}{_subsets(names)})")


def _create(connection: duckdb.DuckDBPyConnection, spec: RollupSpec, size: int) -> None:
    """Rows become bits by month and combination of values; their unions are the sets of the smaller subsets."""
    names, entity = [quoted(d) for d in spec.bitmap or ()], quoted(spec.entity or "")
    shown = "".join(f"{n}, " for n in names)
    numbered = (f"SELECT {entity} AS _who, CAST(row_number() OVER (ORDER BY min({MONTH}), {entity}) - 1 AS INTEGER) "
                f"AS _number FROM month GROUP BY {entity}")
    finest = (f"SELECT {_month(spec)} AS {MONTH}, {shown}_number // {size} AS {PART}, "
              f"bitstring_agg(_number % {size}, 0, {size - 1}) AS {BITS} "
              f"FROM rows JOIN ({numbered}) AS n ON n._who = {entity} "
              f"WHERE {quoted(spec.date or '')} IS NOT NULL GROUP BY ALL")
    level = f"{2 ** len(names) - 1} - grouping({', '.join(names[::-1])})" if names else "0"
    plain = " USING COMPRESSION uncompressed"  # else it is half as large, and twice as slow to unite
    columns = (f"{quoted(c)} {type}{plain if c == BITS else ''}" for c, type in spec.bitmap_schema().items())
    connection.execute(f"CREATE TABLE bitmap ({', '.join(columns)})")
    connection.execute(
        f"INSERT INTO bitmap SELECT CAST({level} AS INTEGER) AS {BY}, {MONTH}, {shown}"
        f"CAST({PART} AS INTEGER) AS {PART}, CAST(bit_count(bit_or({BITS})) AS BIGINT) AS {HEADS}, "
        f"bit_or({BITS}) AS {BITS} FROM ({finest}) GROUP BY {MONTH}, {PART}{_subsets(names)} "
        f"ORDER BY {BY}, {MONTH}, {shown}{PART}")


def _subsets(names: Sequence[str]) -> str:
    """The rest of a GROUP BY: every subset of the dimensions."""
    return f", CUBE ({', '.join(names)})" if names else ""


def _month(spec: RollupSpec) -> str:
    return f"CAST(date_trunc('month', {quoted(spec.date or '')}) AS DATE)"


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    found = connection.execute(sql).fetchone()
    assert found is not None, "a count always gives one row"
    return int(found[0])
