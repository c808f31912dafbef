"""Cost of goods sold: what the sold goods cost."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="cogs", name="Cost of goods sold", order=30,
    formulas=("sum(cogs)", "sum(cost_of_goods_sold)", "sum(qty * unit_cost)", "sum(quantity * unit_cost)"),
    unit="currency", direction="down", decimals=2, category="financial", weight=0,
    description="What the sold goods cost.",
)
