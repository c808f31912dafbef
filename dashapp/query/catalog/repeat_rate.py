"""Repeat rate: share of the period's customers who had bought before."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="repeat_rate", name="Repeat rate", order=150,
    formulas=("returning_customers / (new_customers + returning_customers)",),
    unit="percent", direction="up", decimals=1, category="customer", weight=0,
    min_value=0, max_value=1,
    description="Share of the period's customers who had bought before.",
)
