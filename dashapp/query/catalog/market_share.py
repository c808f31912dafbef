"""Market share: revenue as a share of the whole market."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="market_share", name="Market share", order=240,
    formulas=("revenue / sum(market_size)",),
    unit="percent", direction="up", decimals=2, category="market", weight=0.05,
    min_value=0, max_value=1,
    description="Revenue as a share of the whole market.",
)
