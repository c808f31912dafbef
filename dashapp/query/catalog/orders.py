"""Orders: number of orders."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="orders", name="Orders", order=290,
    formulas=("sum(orders)", "distinct(order_id)", "distinct(invoice_no)", "distinct(order_no)"),
    unit="number", direction="up", decimals=0, category="operational", weight=0.05,
    min_value=0,
    description="Number of orders.",
)
