"""Market share."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="market_share", label="Market share", order=210,
    formulas=("revenue / sum(market_size)",),
    unit="percent", direction="up", decimals=2, category="market", weight=0.03,
    across=True,
    description="Own revenue as a share of the whole market's.",
)
