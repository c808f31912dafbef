"""Customer lifetime value."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="clv", label="Customer lifetime value", order=170,
    formulas=("average_order_value * orders / distinct(customer_id) * profit_margin / churn",),
    unit="currency", direction="up", decimals=2, category="customer", weight=0.03,
    across=True,
    description="Expected gross profit from a customer: revenue per customer times margin, divided by churn.",
)
