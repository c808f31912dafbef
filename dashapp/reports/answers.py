"""Series as tables: long for programs, wide for people, totals, and the notes that say what was asked."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dashapp.core.kpi import Unit
from dashapp.core.series import Compared, Point, Segment, Series, Total
from dashapp.figures.tell import against, by_name, members, ranking, segment_name
from dashapp.reports.table import Cell, Column, Figure, Table
from dashapp.reports.xlsx.formats import type_of

LEVELS = {"total": "Total", "subtotal": "Subtotal", "segment": "Segment", "others": "Others"}


def long(series: Sequence[Series], *, currency: str, title: str = "Rows") -> Table:
    """One row per KPI, split and period, as the API gives the points. Values are typed by the KPI's unit.

    Where some rows contain others - subtotals, the whole - a column says what each is of.
    """
    compares = any(p.compare for s in series for p in s.points)
    columns = (
        *_kpi_columns(), Column("Period"), Column("Start", "date"), Column("End", "date"), *_dimensions(series),
        *_level_column(series), _value_column("Value", series, currency), Column("Complete", "flag"),
        *(_compare_columns(series, currency) if compares else ()), Column("Reason"),
    )
    rows = [_long_row(s, p, series, compares, currency) for s in series for p in (*s.points, *s.sums)]
    return Table(title, columns, tuple(rows))


def totals(series: Sequence[Series], *, currency: str, title: str = "Totals") -> Table:
    """The figures recomputed over the whole range, one row per KPI and split."""
    compares = any(t.compare for s in series for t in s.totals)
    columns = (
        *_kpi_columns(), Column("From", "date"), Column("To", "date"), *_dimensions(series), *_level_column(series),
        _value_column("Value", series, currency), *(_compare_columns(series, currency) if compares else ()),
        Column("Reason"),
    )
    rows = tuple(
        (s.kpi, s.name, _unit_name(s.unit, currency), s.start, s.end, *_members(t, series), *_level(s, t, series),
         _cell(t.value, s, series),
         *(_compare_cells(t.compare, s, series) if compares else ()), _reason(t))
        for s in series for t in s.totals
    )
    return Table(title, columns, rows)


def wide(series: Sequence[Series], *, currency: str, title: str | None = None) -> Table:
    """One row per period, one column per split of a single KPI or per KPI of several (splits then make rows).

    The last column says which periods are complete; of several KPIs each has its own beside its values, because their
    data end on different days. No value is a blank, its reason is in the long form.
    """
    if len(series) == 1:
        return _by_split(series[0], currency, title or series[0].name)
    columns = (Column("Period"), Column("Start", "date"), Column("End", "date"), *_dimensions(series),
               *_level_column(series),
               *(c for s in series for c in (Column(s.name, type_of(s.unit), s.decimals, _unit(s.unit, currency)),
                                             Column(f"{s.name} complete", "flag"))))
    found: dict[tuple[Any, Segment], dict[str, Point]] = {}
    for s in series:
        for point in (*s.points, *s.sums):
            found.setdefault((point.period, point.segment), {})[s.kpi] = point
    rows = tuple(
        (period.label, period.start, period.end, *_members(one := next(iter(points.values())), series),
         *_level(series[0], one, series), *(cell for s in series for cell in _side_by_side(points.get(s.kpi))))
        for (period, _), points in found.items()
    )
    return Table(title or "Figures", columns, rows)


def notes(series: Sequence[Series], filters: Sequence[str] = (), definitions: Sequence[tuple[str, str]] = (), *,
          asked_by: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """What makes the figures traceable: range, grain, filters, as-of, data versions, definitions, warnings."""
    first = series[0]
    told = [*(p.compare for s in series for p in s.points), *(t.compare for s in series for t in s.totals)]
    compared = next(filter(None, told), None)
    as_of = first.as_of or now
    out = [("Figures", ", ".join(s.name for s in series)), ("Range", f"{first.start} to {first.end} by {first.grain}"),
           ("Split by", by_name(first.by) or "nothing"), ("Filters", "; ".join(filters) or "none"),
           *((("Segments", said),) if (said := ranking(first)) else ()),
           ("Compared with", against(compared) if compared else "nothing"),
           ("As known at", f"{as_of.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
           ("Data through", "; ".join(sorted({f"{s.data_through}" for s in series if s.data_through})) or "unknown"),
           ("Data versions (uploads)", ", ".join(dict.fromkeys(v for s in series for v in s.vintages)) or "none")]
    out += [(f"Definition of {name}", formula) for name, formula in definitions]
    out += [("Warning", w) for w in dict.fromkeys(w for s in series for w in s.warnings)]
    return (*out, ("Exported", f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC by {asked_by}"))


def _by_split(series: Series, currency: str, title: str) -> Table:
    shown = (*series.sums, *series.points)
    names = {p.segment: segment_name(p, series.by) or series.name for p in shown}
    splits = [s for t in series.totals if series.by and (s := t.segment) in names] or list(names)
    unit = _unit(series.unit, currency)
    columns = (
        Column("Period"), Column("Start", "date"), Column("End", "date"),
        *(Column(names[s] if series.by else series.name, type_of(series.unit), series.decimals, unit) for s in splits),
        Column("Complete", "flag"),
    )
    found: dict[Any, dict[Segment, Point]] = {}
    for point in shown:
        found.setdefault(point.period, {})[point.segment] = point
    rows = tuple(
        (period.label, period.start, period.end, *(points[s].value if s in points else None for s in splits),
         all(p.complete for p in points.values()))
        for period, points in sorted(found.items(), key=lambda item: item[0].start)
    )
    return Table(title, columns, rows)


def _side_by_side(point: Point | None) -> tuple[Cell, Cell]:
    return (point.value, point.complete) if point else (None, None)


def _long_row(series: Series, point: Point, every: Sequence[Series], compares: bool, currency: str
              ) -> tuple[Cell, ...]:
    return (
        series.kpi, series.name, _unit_name(series.unit, currency), point.period.label, point.period.start,
        point.period.end, *_members(point, every), *_level(series, point, every), _cell(point.value, series, every),
        point.complete,
        *(_compare_cells(point.compare, series, every) if compares else ()),
        _reason(point),
    )


def _reason(figure: Point | Total) -> str | None:
    """Why there is no value; of a value, why it is not compared."""
    if figure.value is None:
        return figure.reason
    other = figure.compare
    if other is None or not other.reason:
        return None
    return f"{'Not compared' if other.change is None else 'No relative change'}: {other.reason}"


def _kpi_columns() -> tuple[Column, ...]:
    return Column("KPI"), Column("Name"), Column("Unit")


def _dimensions(series: Sequence[Series]) -> tuple[Column, ...]:
    return tuple(Column(d) for d in dict.fromkeys(d for s in series for d in s.by))


def _members(figure: Point | Total, series: Sequence[Series]) -> tuple[str | None, ...]:
    return members(figure, [c.title for c in _dimensions(series)])


def _level_column(series: Sequence[Series]) -> tuple[Column, ...]:
    """Where rows contain other rows, or are the rest of them."""
    return (Column("Level"),) if any(s.sums or s.ranking or s.subtotals for s in series) else ()


def _level(series: Series, figure: Point | Total, every: Sequence[Series]) -> tuple[str, ...]:
    return (LEVELS[series.level(figure)],) if _level_column(every) else ()


def _value_column(title: str, series: Sequence[Series], currency: str) -> Column:
    """One typed column where all series share unit and decimals, else a column of figures."""
    units = {(s.unit, s.decimals) for s in series}
    if len(units) != 1:
        return Column(title, "figure")
    unit, decimals = units.pop()
    return Column(title, type_of(unit), decimals, _unit(unit, currency))


def _cell(value: Any, series: Series, every: Sequence[Series]) -> Cell:
    mixed = len({(s.unit, s.decimals) for s in every}) != 1
    return Figure(value, series.unit, series.decimals) if mixed and value is not None else value


def _compare_columns(series: Sequence[Series], currency: str) -> tuple[Column, ...]:
    return (Column("Compared with"), _value_column("Compared value", series, currency),
            _value_column("Change", series, currency), Column("Relative change", "percent", 1))


def _compare_cells(compared: Compared | None, series: Series, every: Sequence[Series]) -> tuple[Cell, ...]:
    if compared is None:
        return (None,) * 4
    label = f"{compared.label} (until {compared.part_until})" if compared.part_until else compared.label
    return (label, _cell(compared.value, series, every), _cell(compared.change, series, every), compared.change_ratio)


def _unit_name(unit: Unit, currency: str) -> str:
    """The unit as a reader knows it: money by the code of its currency."""
    return currency if unit == "currency" else unit


def _unit(unit: Unit, currency: str) -> str | None:
    return {"currency": currency, "days": "days"}.get(unit)
