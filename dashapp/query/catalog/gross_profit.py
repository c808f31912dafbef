"""Gross profit."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="gross_profit", label="Gross profit", order=30,
    formulas=("revenue - cogs",),
    unit="currency", direction="up", decimals=2, category="financial", weight=0.06,
    across=True,
    description="Revenue minus the cost of goods sold.",
)
