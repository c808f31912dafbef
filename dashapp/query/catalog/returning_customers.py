"""Returning customers."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="returning_customers", label="Returning customers", order=120,
    formulas=("sum(returning_customers)",
              "returning(customer_id)"),
    unit="number", direction="up", decimals=0, category="customer", weight=0.04, min_value=0.0,
    description="Customers active in the period who had been active before it.",
)
