"""Units sold."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="units", label="Units sold", order=300,
    formulas=("sum(units)",
              "sum(qty)",
              "sum(quantity)"),
    unit="number", direction="up", decimals=0, category="operational", weight=0.02,
    description="Pieces sold in the period.",
)
