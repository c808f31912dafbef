"""Market growth."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="market_growth", label="Market growth", order=220,
    formulas=("growth(sum(market_size))",),
    unit="percent", direction="up", decimals=1, category="market", weight=0.01,
    description="Change of the market's size against the period before.",
)
