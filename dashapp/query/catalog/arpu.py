"""Revenue per customer."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="arpu", label="Revenue per customer", order=180,
    formulas=("revenue / distinct(customer_id)",
              "revenue / (new_customers + returning_customers)"),
    unit="currency", direction="up", decimals=2, category="customer", weight=0.03,
    description="Revenue of the period divided by its active customers (ARPU).",
)
