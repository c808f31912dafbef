"""The grid of plain limits: one row per KPI and grain, edited in place by those who may."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag

from dashapp.core.kpi import Kpi
from dashapp.core.rule import Limits

SIDES = {"below": "low values", "above": "high values"}


def limits_grid(rows: Sequence[dict[str, Any]], editable: bool) -> dag.AgGrid:
    """Id `limits-grid`. Percent KPIs show and take percent; the rest their own unit."""
    number = {"type": "numericColumn", "editable": editable, "cellDataType": "number", "width": 130}
    columns = [
        {"field": "name", "headerName": "KPI", "pinned": "left", "width": 220, "filter": True},
        {"field": "grain", "headerName": "By", "width": 100},
        {"field": "side", "headerName": "Bad are", "editable": editable, "width": 140,
         "cellEditor": "agSelectCellEditor", "cellEditorParams": {"values": list(SIDES.values())}},
        {"field": "warning", "headerName": "Warning", **number},
        {"field": "critical", "headerName": "Critical", **number},
        {"field": "unit", "headerName": "Unit", "width": 110},
    ]
    return dag.AgGrid(
        id="limits-grid", rowData=list(rows), columnDefs=columns, getRowId="params.data.id",
        defaultColDef={"sortable": True, "resizable": True},
        dashGridOptions={"theme": "themeQuartz", "domLayout": "autoHeight", "stopEditingWhenCellsLoseFocus": True,
                         "rowSelection": {"mode": "singleRow", "checkboxes": editable, "enableClickSelection": True}},
        style={"height": None}, className="ll-grid",
    )


def limits_row(limits: Limits, kpi: Kpi) -> dict[str, Any]:
    """The row of the grid; fractions become percent."""
    scale = 100 if kpi.unit == "percent" else 1
    return {"id": f"{limits.kpi}|{limits.grain}", "kpi": limits.kpi, "name": kpi.name, "grain": limits.grain,
            "side": SIDES[limits.side], "warning": _times(limits.warning, scale),
            "critical": _times(limits.critical, scale), "unit": "%" if kpi.unit == "percent" else kpi.unit,
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
