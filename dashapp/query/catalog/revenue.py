"""Revenue: what was sold in the period, in the reporting currency."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="revenue", name="Revenue", order=10,
    formulas=(
        "sum(revenue)",
        "sum(net_revenue)",
        "sum(quantity * unit_price)",
        "sum(qty * price)",
        "sum(quantity * price)",
        "sum(qty * unit_price)",
        "sum(sales)",
        "sum(booked_revenue)",
    ),
    unit="currency", direction="up", decimals=2, category="financial", weight=0.2,
    description="What was sold in the period, in the reporting currency.",
)
