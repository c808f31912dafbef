"""Return on investment."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="roi", label="Return on investment", order=60,
    formulas=("(gross_profit - sum(operating_expenses)) / sum(operating_expenses)",),
    unit="percent", direction="up", decimals=1, category="financial", weight=0.04,
    across=True,
    description="What the operating expenses returned: gross profit beyond them, as a share of them.",
)
