"""Gross profit: revenue less the cost of goods sold."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="gross_profit", name="Gross profit", order=40,
    formulas=("revenue - cogs",),
    unit="currency", direction="up", decimals=2, category="financial", weight=0.1,
    description="Revenue less the cost of goods sold.",
)
