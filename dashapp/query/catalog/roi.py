"""Return on investment: profit after operating expenses as a share of those expenses."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="roi", name="Return on investment", order=80,
    formulas=("(gross_profit - sum(operating_expenses)) / sum(operating_expenses)",),
    unit="percent", direction="up", decimals=1, category="financial", weight=0.05,
    description="Profit after operating expenses as a share of those expenses.",
)
