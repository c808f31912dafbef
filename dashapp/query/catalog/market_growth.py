"""Market growth: the whole market against the period before."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="market_growth", name="Market growth", order=250,
    formulas=("growth(sum(market_size))",),
    unit="percent", direction="up", decimals=1, category="market", weight=0,
    description="The whole market against the period before.",
)
