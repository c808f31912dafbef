"""Repeat rate."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="repeat_rate", label="Repeat rate", order=150,
    formulas=("returning_customers / (new_customers + returning_customers)",),
    unit="percent", direction="up", decimals=1, category="customer", weight=0.02,
    description="Share of the period's customers who had been customers before.",
)
