"""Number formats by column type and decimals."""
from __future__ import annotations

from dashapp.core.kpi import Unit
from dashapp.reports.table import CellType, Column

DEFAULT_DECIMALS: dict[CellType, int] = {"money": 2, "percent": 1, "integer": 0}
_BY_UNIT: dict[Unit, CellType] = {"currency": "money", "percent": "percent", "number": "number", "ratio": "number",
                                  "days": "number"}


def type_of(unit: Unit) -> CellType:
    """The column type that shows a KPI's unit."""
    return _BY_UNIT[unit]


def places(column: Column) -> int:
    """Decimals that matter in this column."""
    return column.decimals if column.decimals is not None else DEFAULT_DECIMALS.get(column.type, 0)


def number_format(kind: CellType, decimals: int | None) -> str:
    """Excel's format text: `#,##0.00`, `0.0%`, `yyyy-mm-dd`. Numbers of unknown precision are shown as they are."""
    if kind == "date":
        return "yyyy-mm-dd"
    if kind == "datetime":
        return "yyyy-mm-dd hh:mm:ss"
    if kind in ("text", "flag", "figure") or (kind == "number" and decimals is None):
        return "General"
    digits = DEFAULT_DECIMALS.get(kind, 0) if decimals is None else decimals
    fraction = "." + "0" * digits if digits else ""
    return f"0{fraction}%" if kind == "percent" else f"#,##0{fraction}"


def column_format(column: Column) -> str:
    return number_format(column.type, column.decimals)
