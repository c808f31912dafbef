"""Profit margin."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="profit_margin", label="Profit margin", order=40,
    formulas=("gross_profit / revenue",),
    unit="percent", direction="up", decimals=1, category="financial", weight=0.08,
    across=True,
    description="Share of revenue that is left after the cost of goods sold.",
)
