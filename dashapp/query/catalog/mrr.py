"""Monthly recurring revenue."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="mrr", label="Monthly recurring revenue", order=90,
    formulas=("last(mrr)",),
    unit="currency", direction="up", decimals=2, category="financial", weight=0.03,
    description="Recurring revenue per month as it stood at the end of the period.",
)
