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
from dashapp.core.words import NO_VALUE, Words
from dashapp.figures.grid import Grid
from dashapp.ui.badge import status_badge
from dashapp.ui.table import boxed, table

SIDES = SIDE_NAMES
UNITS = {"currency": "money", "percent": "%", "number": "number", "ratio": "ratio", "days": "days"}


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
    number = {"type": "numericColumn", "editable": editable, "cellDataType": "number", "width": 130}
    columns = [
        {"field": "name", "headerName": "KPI", "pinned": "left", "width": 185, "filter": True},
        {"field": "grain", "headerName": "By", "width": 100},
        {"field": "side", "headerName": "Bad are", "editable": editable, "width": 140,
         "cellEditor": "agSelectCellEditor", "cellEditorParams": {"values": list(SIDES.values())}},
        {"field": "warning", "headerName": "Warning", **number},
        {"field": "critical", "headerName": "Critical", **number},
        {"field": "unit", "headerName": "Unit", "width": 110},
    ]
    return dag.AgGrid(
        id="limits-grid" if editable else "limits-list", rowData=list(rows), columnDefs=columns,
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "resizable": True},
        dashGridOptions={"theme": "themeQuartz", "domLayout": "autoHeight", "stopEditingWhenCellsLoseFocus": True,
                         "rowSelection": {"mode": "singleRow", "checkboxes": editable, "enableClickSelection": True}},
        style={"height": None}, className="ll-grid",
    )


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


def limits_row(limits: Limits, kpi: Kpi) -> dict[str, Any]:
    """The row of the grid; fractions become percent."""
    scale = 100 if kpi.unit == "percent" else 1
    return {"id": f"{limits.kpi}|{limits.grain}", "kpi": limits.kpi, "name": kpi.name, "grain": limits.grain,
            "side": SIDES[limits.side], "warning": _times(limits.warning, scale),
            "critical": _times(limits.critical, scale), "unit": UNITS[kpi.unit],
            "version": limits.version}


def limits_of(row: dict[str, Any], kpi: Kpi) -> Limits:
    """The limits a row of the grid says. Raises KeyError or ValueError for what is no such row."""
    scale = 100 if kpi.unit == "percent" else 1
    side = {v: k for k, v in SIDES.items()}[row["side"]]
    return Limits(kpi.key, str(row["grain"]), side, _over(row.get("warning"), scale),  # type: ignore[arg-type]
                  _over(row.get("critical"), scale), int(row["version"]))


def _times(value: float | None, scale: int) -> float | None:
    return None if value is None else round(value * scale, 10)


def _over(value: Any, scale: int) -> float | None:
    return None if value in (None, "") else float(value) / scale
