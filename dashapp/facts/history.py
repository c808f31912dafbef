"""What the rows of a dataset were like until now: what a new file is held against."""
# ruff: noqa: S608 - names pass through quoted(), texts through literal(); nothing else is put into SQL
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.history import History, Mix, Pace, Past, Spread, gathered, group_of, paces
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
        every = periods_of(tables, dataset, scope, measures, calendar, oldest_told(last))
        dates, periods = tuple(p.start for p in every), tuple(every[-PERIODS:])
        since = periods[0].start
        recent = f"(SELECT * FROM {source} WHERE {quoted(dataset.date_column)} >= DATE '{since.isoformat()}')"
    seen = sum(p.rows for p in periods) or rows
    mixes = _mixes(tables, recent, dataset) if dates else ()
    parts = tuple(dict.fromkeys(m.column for m in mixes))
    return History(rows, first, last, dates, measures, periods,
                   _spreads(tables, recent, dataset, measures, parts, seen), mixes,
                   _paces(tables, recent, dataset, parts, [p.start for p in periods], calendar), calendar=calendar)


def _source(tables: Tables, dataset: Dataset, scope: Sequence[Where]) -> str:
    columns = list(tables.schema(dataset.key))
    inside = " AND ".join(where_sql(w, columns) for w in scope)
    return f"(SELECT * FROM {quoted(dataset.key)} WHERE {inside})" if inside else quoted(dataset.key)


def _reach(tables: Tables, source: str, day: str | None) -> tuple[int, date | None, date | None]:
    span = f"min({quoted(day)}) AS a, max({quoted(day)}) AS b" if day else "NULL AS a, NULL AS b"
    (found,) = tables.fetch(f"SELECT count(*) AS n, {span} FROM {source}").to_pylist()
    return found["n"], found["a"], found["b"]


def oldest_told(last: date) -> date:
    """From which day on dates with rows are told, where the rows reach to `last`."""
    return date(max(1900, last.year - YEARS), 1, 1)


def periods_of(tables: Tables, dataset: Dataset, scope: Sequence[Where], measures: Sequence[str], calendar: Calendar,
               since: date, until: date | None = None) -> list[Past]:
    """Oldest first; days are read, coarser periods are put together from them by the organisation's calendar.

    until: None for the end; for coarser grains the two are edges of periods.
    """
    day = quoted(str(dataset.date_column))
    sums = "".join(f", sum(CAST({quoted(m)} AS DOUBLE)) AS s{n}" for n, m in enumerate(measures))
    end = f" AND {day} <= DATE '{until}'" if until else ""
    found = tables.fetch(f"SELECT {day} AS d, count(*) AS n{sums} FROM {_source(tables, dataset, scope)} "
                         f"WHERE {day} >= DATE '{since}'{end} GROUP BY 1 ORDER BY 1").to_pylist()
    days = [Past(r["d"], r["n"], tuple(r[f"s{n}"] for n in range(len(measures)))) for r in found]
    return gathered(days, dataset.grain, calendar)


def _spreads(tables: Tables, source: str, dataset: Dataset, measures: Sequence[str], parts: Sequence[str],
             rows: int) -> tuple[Spread, ...]:
    """Of each measure as a whole (in readings: per KPI) and, where rows are no readings, per value of the `parts`."""
    group = group_of(dataset.columns)
    step = max(1, rows // SAMPLE)
    taken = f"{source}{f' WHERE hash(_vintage, _row) % {step} = 0' if step > 1 else ''}"
    out: list[Spread] = []
    for measure in measures:
        out += _spread(tables, taken, measure, group)
        for part in parts if group is None else ():
            out += [replace(s, by=part) for s in _spread(tables, taken, measure, part)]
    return tuple(out)


def _spread(tables: Tables, source: str, measure: str, group: str | None) -> list[Spread]:
    named = f"coalesce(CAST({quoted(group)} AS VARCHAR), '')" if group else "''"
    value = f"CAST({quoted(measure)} AS DOUBLE)"
    found = tables.fetch(
        f"SELECT g, count(v) AS n, count(*) FILTER (WHERE v < 0) AS below, median(m) AS level, mad(m) AS width, "
        f"min(m) AS least, max(m) AS most "
        f"FROM (SELECT {named} AS g, {value} AS v, log10(nullif(abs({value}), 0)) AS m FROM {source}) "
        f"WHERE v IS NOT NULL GROUP BY g ORDER BY g LIMIT 500").to_pylist()
    return [Spread(measure, r["n"], r["below"] / r["n"], r["level"], r["width"], r["least"], r["most"], r["g"])
            for r in found if r["level"] is not None]


def _mixes(tables: Tables, source: str, dataset: Dataset) -> tuple[Mix, ...]:
    """Rows by month and value of every dimension of few values, in the last months with rows; slice by slice, where
    files bring one slice each."""
    out: list[Mix] = []
    day, slices = quoted(str(dataset.date_column)), [c for c in dataset.slice_columns if dataset.column(c)][:1]
    for column in _labels(dataset):
        within = _text(slices[0]) if slices and slices != [column.key] else "''"
        found: list[dict[str, Any]] = tables.fetch(
            f"SELECT CAST(date_trunc('month', {day}) AS DATE) AS m, {within} AS w, {_text(column.key)} AS v, "
            f"count(*) AS n FROM {source} WHERE {day} IS NOT NULL GROUP BY ALL "
            f"ORDER BY 1 DESC, 2, 3 LIMIT {2 * VALUES * MONTHS * (VALUES if slices else 1)}").to_pylist()
        months = sorted({r["m"] for r in found}, reverse=True)[:MONTHS]
        kept = [r for r in found if r["m"] in months]
        if 2 <= len({r["v"] for r in kept}) <= VALUES:
            out += [Mix(column.key, r["m"], r["v"], r["n"], r["w"]) for r in kept]
    return tuple(out)


def _paces(tables: Tables, source: str, dataset: Dataset, parts: Sequence[str], every: Sequence[date],
           calendar: Calendar) -> tuple[Pace, ...]:
    day = quoted(str(dataset.date_column))
    out: list[Pace] = []
    for part in parts:
        found = tables.fetch(f"SELECT {day} AS d, {_text(part)} AS v, count(*) AS n FROM {source} "
                             f"WHERE {day} IS NOT NULL GROUP BY ALL ORDER BY 2, 1").to_pylist()
        start = {d: calendar.period(d, dataset.grain).start for d in {r["d"] for r in found}}
        out += paces(part, ((start[r["d"]], r["v"], r["n"]) for r in found), every)
    return tuple(out)


def _text(column: str) -> str:
    return f"coalesce(CAST({quoted(column)} AS VARCHAR), '')"


def _labels(dataset: Dataset) -> list[Column]:
    return [c for c in stored_columns(dataset) if c.role in (RoleOf.DIMENSION, RoleOf.CURRENCY)]
