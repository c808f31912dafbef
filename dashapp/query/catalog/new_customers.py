"""New customers."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="new_customers", label="New customers", order=110,
    formulas=("sum(new_customers)",
              "new(customer_id)"),
    unit="number", direction="up", decimals=0, category="customer", weight=0.05, min_value=0.0,
    description="Customers whose first activity ever lies in the period.",
)
