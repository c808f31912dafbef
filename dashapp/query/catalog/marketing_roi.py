"""Marketing ROI."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="marketing_roi", label="Marketing ROI", order=240,
    formulas=("(gross_profit - marketing_spend) / marketing_spend",),
    unit="percent", direction="up", decimals=1, category="market", weight=0.03,
    across=True,
    description="Gross profit beyond the marketing spend, as a share of that spend.",
)
