"""Average order value: revenue for each order."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="average_order_value", name="Average order value", order=100,
    formulas=("revenue / orders",),
    unit="currency", direction="up", decimals=2, category="customer", weight=0.05,
    min_value=0,
    description="Revenue for each order.",
)
