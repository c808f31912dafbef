"""Orders."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="orders", label="Orders", order=290,
    formulas=("sum(orders)",
              "distinct(order_id)",
              "distinct(invoice_no)",
              "distinct(invoice)"),
    unit="number", direction="up", decimals=0, category="operational", weight=0.05, min_value=0.0,
    description="Number of orders placed in the period; each order counts once however many lines it has.",
)
