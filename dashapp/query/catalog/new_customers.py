"""New customers: customers who bought for the first time ever."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="new_customers", name="New customers", order=110,
    formulas=("sum(new_customers)", "new(customer_id)", "new(customer)"),
    unit="number", direction="up", decimals=0, category="customer", weight=0.05,
    min_value=0,
    description="Customers who bought for the first time ever.",
)
