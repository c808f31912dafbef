"""Marketing ROI: gross profit after marketing spend as a share of that spend."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="marketing_roi", name="Marketing ROI", order=220,
    formulas=("(gross_profit - marketing_spend) / marketing_spend",),
    unit="percent", direction="up", decimals=1, category="market", weight=0,
    description="Gross profit after marketing spend as a share of that spend.",
)
