"""Returning customers: customers of the period who had bought before it."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="returning_customers", name="Returning customers", order=120,
    formulas=("sum(returning_customers)", "returning(customer_id)", "returning(customer)"),
    unit="number", direction="up", decimals=0, category="customer", weight=0,
    min_value=0,
    description="Customers of the period who had bought before it.",
)
