"""Retention: share of the previous period's customers who bought again in this one."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="retention", name="Retention", order=130,
    formulas=(
        "sum(returning_customers) / previous(sum(new_customers) + sum(returning_customers))",
        "(previous(distinct(customer_id)) - lost(customer_id)) / previous(distinct(customer_id))",
        "(previous(distinct(customer)) - lost(customer)) / previous(distinct(customer))",
    ),
    unit="percent", direction="up", decimals=1, category="customer", weight=0.1,
    min_value=0, max_value=1,
    description="Share of the previous period's customers who bought again in this one.",
)
