"""Revenue per customer: revenue for each customer who bought in the period."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="arpu", name="Revenue per customer", order=180,
    formulas=("revenue / distinct(customer_id)", "revenue / distinct(customer)"),
    unit="currency", direction="up", decimals=2, category="customer", weight=0,
    min_value=0,
    description="Revenue for each customer who bought in the period.",
)
