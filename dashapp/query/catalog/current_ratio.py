"""Current ratio: liquidity: current assets for each unit of current liabilities, at the end of the period."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="current_ratio", name="Current ratio", order=70,
    formulas=("last(current_assets) / last(current_liabilities)",),
    unit="ratio", direction="up", decimals=2, category="financial", weight=0.05,
    min_value=0,
    description="Liquidity: current assets for each unit of current liabilities, at the end of the period.",
)
