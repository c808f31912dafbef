"""Average order value."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="average_order_value", label="Average order value", order=100,
    formulas=("revenue / orders",),
    unit="currency", direction="up", decimals=2, category="financial", weight=0.05,
    description="Revenue per order: revenue of the period divided by its number of orders.",
)
