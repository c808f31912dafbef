"""Revenue growth."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="revenue_growth", label="Revenue growth", order=20,
    formulas=("growth(revenue)",),
    unit="percent", direction="up", decimals=1, category="financial", weight=0.08,
    description="Change of revenue against the period before, as a share of that period's revenue.",
)
