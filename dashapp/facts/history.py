"""What the rows of a dataset were like until now: what a new file is held against."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.history import History, Mix, Past, Spread, gathered, group_of
from dashapp.core.rollup import quoted
from dashapp.core.where import Where
from dashapp.facts.scope import where_sql
from dashapp.facts.tables import Tables
from dashapp.facts.visible import stored_columns

PERIODS = 400  # of the newest with rows whose sums are told
YEARS = 6  # of dates with rows: enough to tell a holiday from a gap
MONTHS = 13
VALUES = 50  # distinct values up to which a dimension has a mix
SAMPLE = 400_000  # rows beyond which magnitudes are taken from every n-th row


def history_of(tables: Tables, dataset: Dataset, scope: Sequence[Where], calendar: Calendar) -> History:
    """The history of the visible rows within a data scope. Sums and rows are exact; magnitudes of large datasets come
    from an even sample of the recent rows."""
    source = _source(tables, dataset, scope)
    rows, first, last = _reach(tables, source, dataset.date_column)
    if not rows:
        return History()
    measures = tuple(c.key for c in stored_columns(dataset) if c.type in ("money", "number"))
    recent, since = source, None
    dates: tuple[date, ...] = ()
    periods: tuple[Past, ...] = ()
    if dataset.date_column and last is not None:
        every = _periods(tables, source, dataset, measures, calendar, last)
        dates, periods = tuple(p.start for p in every), tuple(every[-PERIODS:])
        since = periods[0].start
        recent = f"(SELECT * FROM {source} WHERE {quoted(dataset.date_column)} >= DATE '{since.isoformat()}')"
    seen = sum(p.rows for p in periods) or rows
    return History(rows, first, last, dates, measures, periods, _spreads(tables, recent, dataset, measures, seen),
                   _mixes(tables, recent, dataset) if dates else (), calendar=calendar)


def _source(tables: Tables, dataset: Dataset, scope: Sequence[Where]) -> str:
    columns = list(tables.schema(dataset.key))
    inside = " AND ".join(where_sql(w, columns) for w in scope)
    return f"(SELECT * FROM {quoted(dataset.key)} WHERE {inside})" if inside else quoted(dataset.key)


def _reach(tables: Tables, source: str, day: str | None) -> tuple[int, date | None, date | None]:
    span = f"min({quoted(day)}) AS a, max({quoted(day)}) AS b" if day else "NULL AS a, NULL AS b"
    (found,) = tables.fetch(f"SELECT count(*) AS n, {span} FROM {source}").to_pylist()
    return found["n"], found["a"], found["b"]


def _periods(tables: Tables, source: str, dataset: Dataset, measures: Sequence[str], calendar: Calendar,
             last: date) -> list[Past]:
    """Oldest first; days are read, coarser periods are put together from them by the organisation's calendar."""
    day = quoted(str(dataset.date_column))
    sums = "".join(f", sum(CAST({quoted(m)} AS DOUBLE)) AS s{n}" for n, m in enumerate(measures))
    since = date(max(1900, last.year - YEARS), 1, 1)
    found = tables.fetch(f"SELECT {day} AS d, count(*) AS n{sums} FROM {source} WHERE {day} >= DATE '{since}' "
                         f"GROUP BY 1 ORDER BY 1").to_pylist()
    days = [Past(r["d"], r["n"], tuple(r[f"s{n}"] for n in range(len(measures)))) for r in found]
    return gathered(days, dataset.grain, calendar)


def _spreads(tables: Tables, source: str, dataset: Dataset, measures: Sequence[str], rows: int) -> tuple[Spread, ...]:
    group = group_of(dataset.columns)
    named = f"coalesce(CAST({quoted(group)} AS VARCHAR), '')" if group else "''"
    step = max(1, rows // SAMPLE)
    taken = f" WHERE hash(_vintage, _row) % {step} = 0" if step > 1 else ""
    out: list[Spread] = []
    for measure in measures:
        value = f"CAST({quoted(measure)} AS DOUBLE)"
        found = tables.fetch(
            f"SELECT g, count(v) AS n, count(*) FILTER (WHERE v < 0) AS below, median(m) AS level, mad(m) AS width, "
            f"min(m) AS least, max(m) AS most "
            f"FROM (SELECT {named} AS g, {value} AS v, log10(nullif(abs({value}), 0)) AS m FROM {source}{taken}) "
            f"WHERE v IS NOT NULL GROUP BY g ORDER BY g LIMIT 500").to_pylist()
        out += [Spread(measure, r["n"], r["below"] / r["n"], r["level"], r["width"], r["least"], r["most"],
                       r["g"])
                for r in found if r["level"] is not None]
    return tuple(out)


def _mixes(tables: Tables, source: str, dataset: Dataset) -> tuple[Mix, ...]:
    """Rows by month and value of every dimension of few values, in the last months with rows."""
    out: list[Mix] = []
    for column in _labels(dataset):
        value = f"coalesce(CAST({quoted(column.key)} AS VARCHAR), '')"
        found: list[dict[str, Any]] = tables.fetch(
            f"SELECT CAST(date_trunc('month', {quoted(str(dataset.date_column))}) AS DATE) AS m, {value} AS v, "
            f"count(*) AS n FROM {source} WHERE {quoted(str(dataset.date_column))} IS NOT NULL GROUP BY ALL "
            f"ORDER BY 1 DESC, 2 LIMIT {2 * VALUES * MONTHS}").to_pylist()
        months = sorted({r["m"] for r in found}, reverse=True)[:MONTHS]
        kept = [r for r in found if r["m"] in months]
        if 2 <= len({r["v"] for r in kept}) <= VALUES:
            out += [Mix(column.key, r["m"], r["v"], r["n"]) for r in kept]
    return tuple(out)


def _labels(dataset: Dataset) -> list[Column]:
    return [c for c in stored_columns(dataset) if c.role in (RoleOf.DIMENSION, RoleOf.CURRENCY)]
