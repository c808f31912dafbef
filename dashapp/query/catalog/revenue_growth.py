"""Revenue growth: revenue against the period before, as a share of the period before."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="revenue_growth", name="Revenue growth", order=20,
    formulas=("growth(revenue)",),
    unit="percent", direction="up", decimals=1, category="financial", weight=0.05,
    description="Revenue against the period before, as a share of the period before.",
)
