"""Customer lifetime value: what a customer brings until they leave: margin for each customer over churn."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="clv", name="Customer lifetime value", order=170,
    formulas=(
        "average_order_value * orders / distinct(customer_id) * profit_margin / churn",
        "average_order_value * orders / distinct(customer) * profit_margin / churn",
    ),
    unit="currency", direction="up", decimals=2, category="customer", weight=0.05,
    description="What a customer brings until they leave: margin for each customer over churn.",
)
