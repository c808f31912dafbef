"""Units sold: pieces sold."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="units", name="Units sold", order=300,
    formulas=("sum(units)", "sum(qty)", "sum(quantity)"),
    unit="number", direction="up", decimals=0, category="operational", weight=0,
    description="Pieces sold.",
)
