"""Profit margin: gross profit as a share of revenue."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="profit_margin", name="Profit margin", order=50,
    formulas=("gross_profit / revenue",),
    unit="percent", direction="up", decimals=1, category="financial", weight=0.1,
    min_value=-1, max_value=1,
    description="Gross profit as a share of revenue.",
)
