"""Making the rollups of a serving file from its `rows` table."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import duckdb

from dashapp.core.rollup import FIRST, LAST, MONTH, ROWS, Measure, RollupSpec, quoted
from dashapp.facts.profile import Profile

log = logging.getLogger(__name__)
UNFIT = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.BinderException)  # faults of an expression
FEW_MEMBERS = 200  # a dimension with more values is not worth a place in the day table
SMALLEST, LARGEST, SHARE = 20_000, 500_000, 20  # groups: a twentieth of the rows, within these bounds


def fitting(connection: duckdb.DuckDBPyConnection, spec: RollupSpec, profile: Profile) -> RollupSpec:
    """The spec with as many candidate dimensions as keep the day table small, those of few values first."""
    if spec.date is None:
        return spec
    few = [d for d in spec.dimensions if profile.cardinality.get(d, 0) <= FEW_MEMBERS]
    order = sorted(few, key=lambda d: (profile.cardinality.get(d, 0), d))
    if not order:
        return spec.with_dimensions(())
    allowed = min(max(SMALLEST, profile.rows // SHARE), LARGEST)
    groups = _groups(connection, spec.date, order)
    taken = [d for n, d in enumerate(order) if all(g <= allowed for g in groups[:n + 1])]
    return spec.with_dimensions(tuple(d for d in spec.dimensions if d in taken))


def _groups(connection: duckdb.DuckDBPyConnection, date: str, dimensions: Sequence[str]) -> list[int]:
    """Estimated number of groups by date and the first 1, 2, ... dimensions."""
    names = [quoted(date), *(quoted(d) for d in dimensions)]
    cells = [f"approx_count_distinct(hash({', '.join(names[:n + 2])}))" for n in range(len(dimensions))]
    found = connection.execute(f"SELECT {', '.join(cells)} FROM rows").fetchone()
    return [int(n) for n in found or ()]


def make_day(connection: duckdb.DuckDBPyConnection, spec: RollupSpec) -> RollupSpec:
    """Create table `day`: partials by date and dimensions. Nothing without a date column.

    Returns the spec as made: without the expressions that overflow or name a column that is gone. One KPI that cannot
    be computed must not keep the others from being served.
    """
    if spec.date is None:
        return spec
    try:
        _create_day(connection, spec)
    except UNFIT:
        spec = replace(spec, measures=tuple(m for m in spec.measures if _computes(connection, m)))
        _create_day(connection, spec)
    return spec


def _computes(connection: duckdb.DuckDBPyConnection, measure: Measure) -> bool:
    try:
        connection.execute(f"SELECT {', '.join(_partials(measure))} FROM rows")
    except UNFIT as error:
        log.warning("the expression %s is left out of the rollups: %s", measure.sql, error)
        return False
    return True


def _create_day(connection: duckdb.DuckDBPyConnection, spec: RollupSpec) -> None:
    assert spec.date is not None
    by = [quoted(spec.date), *(quoted(d) for d in spec.dimensions)]
    partials = [cell for m in spec.measures for cell in _partials(m)]
    connection.execute(f"CREATE TABLE day AS SELECT {', '.join([*by, f'count(*) AS {ROWS}', *partials])} "
                       f"FROM rows GROUP BY {', '.join(by)} ORDER BY {', '.join(by)}")


def _partials(measure: Measure) -> list[str]:
    """Sum (exact for decimals, compensated for doubles), count, least and greatest of one measure."""
    value = f"CAST({measure.sql} AS {measure.type})"
    add = "sum" if measure.is_exact else "fsum"
    return [f"CAST({add}({value}) AS {measure.sum_type}) AS {quoted(measure.sum)}",
            f"count({value}) AS {quoted(measure.count)}",
            f"min({value}) AS {quoted(measure.min)}", f"max({value}) AS {quoted(measure.max)}"]


def make_month(connection: duckdb.DuckDBPyConnection, spec: RollupSpec) -> None:
    """Create table `month`: when each entity was active in each calendar month. Nothing without date or entity."""
    if spec.date is None or spec.entity is None:
        return
    day, entity = quoted(spec.date), quoted(spec.entity)
    connection.execute(
        f"CREATE TABLE month AS SELECT CAST(date_trunc('month', {day}) AS DATE) AS {MONTH}, {entity}, "
        f"min({day}) AS {FIRST}, max({day}) AS {LAST}, count(*) AS {ROWS} "
        f"FROM rows WHERE {day} IS NOT NULL AND {entity} IS NOT NULL GROUP BY 1, 2 ORDER BY 1")
