"""Current ratio."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="current_ratio", label="Current ratio", order=80,
    formulas=("last(current_assets) / last(current_liabilities)",),
    unit="ratio", direction="up", decimals=2, category="financial", weight=0.03,
    description="Liquidity: current assets divided by current liabilities, both at the end of the period.",
)
