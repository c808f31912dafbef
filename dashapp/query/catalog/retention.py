"""Customer retention."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="retention", label="Customer retention", order=130,
    formulas=("1 - lost(customer_id) / previous(distinct(customer_id))",
              "sum(returning_customers) / previous(sum(new_customers) + sum(returning_customers))"),
    unit="percent", direction="up", decimals=1, category="customer", weight=0.06,
    description="Share of the previous period's customers who are active again in this one. "
                "Known when the period is complete.",
)
