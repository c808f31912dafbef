"""Monthly recurring revenue: recurring revenue a month, as it stood at the end of the period."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="mrr", name="Monthly recurring revenue", order=90,
    formulas=("last(mrr)",),
    unit="currency", direction="up", decimals=2, category="financial", weight=0.05,
    min_value=0,
    description="Recurring revenue a month, as it stood at the end of the period.",
)
