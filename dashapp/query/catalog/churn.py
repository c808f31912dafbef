"""Customer churn."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="churn", label="Customer churn", order=140,
    formulas=("1 - retention",),
    unit="percent", direction="down", decimals=1, category="customer", weight=0.05,
    description="Share of the previous period's customers who are not active in this one: 1 minus retention.",
)
