"""Churn: share of the previous period's customers who did not buy again in this one."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="churn", name="Churn", order=140,
    formulas=("1 - retention",),
    unit="percent", direction="down", decimals=1, category="customer", weight=0.1,
    min_value=0, max_value=1,
    description="Share of the previous period's customers who did not buy again in this one.",
)
