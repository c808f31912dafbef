"""Revenue."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="revenue", label="Revenue", order=10,
    formulas=("sum(revenue)",
              "sum(qty * price)",
              "sum(quantity * unit_price)",
              "sum(quantity * price)"),
    unit="currency", direction="up", decimals=2, category="financial", weight=0.15,
    description="Money earned from sales in the period, before any costs.",
)
