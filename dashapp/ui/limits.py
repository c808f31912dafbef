"""The grid of plain limits: one row per KPI and grain, edited in place by those who may."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

# Its script (358 kB compressed) comes with every page, once and then from the browser's cache: Dash writes the scripts
# of all libraries into the first page, and fetches one later only under a private flag meant for development.
import dash_ag_grid as dag
from dash import dcc, html

from dashapp.core.kpi import Kpi
from dashapp.core.rule import SIDE_NAMES, Limits, Status
from dashapp.core.series import Point
from dashapp.core.typed import read_number, written
from dashapp.core.words import NO_VALUE, Words
from dashapp.figures.grid import Grid
from dashapp.ui.badge import status_badge
from dashapp.ui.table import boxed, table

SIDES = SIDE_NAMES
UNITS = {"percent": "%", "number": "number", "ratio": "ratio", "days": "days"}


class TargetLike(Protocol):
    """What a target tells; services have the whole of it."""

    @property
    def period(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def saved_by(self) -> str: ...
    @property
    def saved_at(self) -> datetime: ...


def limits_grid(rows: Sequence[dict[str, Any]], editable: bool) -> dag.AgGrid:
    """Id `limits-grid`, or `limits-list` where nothing can be edited, so that no edit is ever asked for.

    Percent KPIs show and take percent; the rest their own unit.
    """
    # Text: the grid's own numbers know one decimal mark, and turn what they cannot read into nothing.
    number = {"type": "numericColumn", "editable": editable, "cellDataType": "text", "sortable": False,
              **_width(130)}
    columns = [
        {"field": "name", "headerName": "KPI", "pinned": "left", **_width(205), "filter": True, "tooltipField": "name"},
        {"field": "grain", "headerName": "By", **_width(100)},
        {"field": "side", "headerName": "Bad are", "editable": editable, **_width(140),
         "cellEditor": "agSelectCellEditor", "cellEditorParams": {"values": list(SIDES.values())}},
        {"field": "warning", "headerName": "Warning", **number},
        {"field": "critical", "headerName": "Critical", **number},
        {"field": "unit", "headerName": "Unit", **_width(110)},
    ]
    return dag.AgGrid(
        id="limits-grid" if editable else "limits-list", rowData=list(rows), columnDefs=columns,
        getRowId="params.data.id", columnSize="responsiveSizeToFit",
        defaultColDef={"sortable": True, "resizable": True},
        dashGridOptions={"theme": "themeQuartz", "domLayout": "autoHeight", "stopEditingWhenCellsLoseFocus": True,
                         "rowSelection": {"mode": "singleRow", "checkboxes": editable, "enableClickSelection": True}},
        style={"height": None}, className="ll-grid",
    )


def _width(least: int) -> dict[str, int]:
    """A column that grows with the page and scrolls where the page is narrower than all of them."""
    return {"width": least, "minWidth": least}


def limits_table(judged: Sequence[tuple[Limits, Point | None, Status]], kpi: Kpi, words: Words) -> html.Div:
    """The limits of one KPI beside the last complete period they were held against."""
    where = dcc.Link("Thresholds", href="/thresholds")
    if not judged:
        return html.Div(html.P(["No limits are set. They are kept under ", where, "."], className="ll-quiet"))

    def cells(limits: Limits, point: Point | None, status: Status) -> list[Any]:
        value = words.full(point.value, kpi.unit, kpi.decimals) if point else NO_VALUE
        when = words.period(point.period) if point else "no complete period yet"
        sizes = [words.full(x, kpi.unit, kpi.decimals) for x in (limits.warning, limits.critical)]
        return [limits.grain.capitalize(), SIDES[limits.side], *sizes, value, when, status_badge(status)]

    heads = ("By", "Bad are", "Warning at", "Critical at", "Value", "Last complete period", "Status")
    rows = [html.Tr([html.Td(c, className="ll-number" if i in (2, 3, 4) else "") for i, c in enumerate(cells(*j))])
            for j in judged]
    head = html.Tr([html.Th(h, scope="col", className="ll-number" if i in (2, 3, 4) else "")
                    for i, h in enumerate(heads)])
    said = html.Caption(f"Limits of {kpi.name}", className="visually-hidden")
    inner = html.Table([said, html.Thead(head), html.Tbody(rows)], className="ll-table")
    note = html.P(["Changed under ", where, "."], className="ll-quiet")
    return html.Div([boxed(inner, f"Limits of {kpi.name}"), note])


def target_list(targets: Sequence[TargetLike], kpi: Kpi, words: Words, shown: int = 12) -> html.Div:
    """The latest targets of one KPI, oldest first, with who set them."""
    if not targets:
        return html.Div(html.P("No target is set.", className="ll-quiet"))
    rows = tuple((t.period, words.full(t.value, kpi.unit, kpi.decimals), t.saved_by, words.moment(t.saved_at))
                 for t in targets[-shown:])
    return table(Grid(("Period", "Target", "Set by", "When"), rows, frozenset({1})), f"Targets of {kpi.name}")


def unit_help(kpi: Kpi, currency: str) -> str:
    """What to type for a figure of this KPI."""
    said = {"percent": "In percent: 12.5 means 12.5 %.", "currency": f"In {currency}.", "days": "In days."}
    return f"{said.get(kpi.unit, 'A number.')} Leave it empty to remove the target of that period."


def limits_row(limits: Limits, kpi: Kpi, locale: str, currency: str) -> dict[str, Any]:
    """The row of the grid: limits as the locale writes them, percentages in percent; `kept` holds them exactly.

    currency: the organisation's code, the unit of money.
    """
    return {"id": f"{limits.kpi}|{limits.grain}", "kpi": limits.kpi, "name": kpi.name, "grain": limits.grain,
            "side": SIDES[limits.side], "warning": written(limits.warning, kpi.unit, locale),
            "critical": written(limits.critical, kpi.unit, locale), "unit": UNITS.get(kpi.unit, currency),
            "kept": {"warning": limits.warning, "critical": limits.critical}, "version": limits.version}


def limits_of(row: dict[str, Any], kpi: Kpi, locale: str) -> Limits:
    """The limits a row of the grid says; a cell that was not typed in keeps its exact value.

    Raises Invalid naming the cell that is no number, KeyError or ValueError for what is no such row.
    """
    side = {v: k for k, v in SIDES.items()}[row["side"]]
    return Limits(kpi.key, str(row["grain"]), side, _typed(row, "warning", kpi, locale),  # type: ignore[arg-type]
                  _typed(row, "critical", kpi, locale), int(row["version"]))


def limits_in_words(limits: Limits, kpi: Kpi, words: Words) -> str:
    """`Revenue by month: warning €900,000.00, critical none`: what was understood, so that nothing is silent."""
    sizes = [words.full(x, kpi.unit, kpi.decimals) if x is not None else "none"
             for x in (limits.warning, limits.critical)]
    return f"{kpi.name} by {limits.grain}: warning {sizes[0]}, critical {sizes[1]}"


def _typed(row: dict[str, Any], column: str, kpi: Kpi, locale: str) -> float | None:
    kept, text = (row.get("kept") or {}).get(column), row.get(column)
    if kept is not None and text == written(float(kept), kpi.unit, locale):
        return float(kept)
    return read_number(text, kpi.unit, locale, f"{kpi.name} by {row['grain']}, {column}")
