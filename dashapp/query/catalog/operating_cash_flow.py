"""Operating cash flow: cash that the business itself brought in."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="operating_cash_flow", name="Operating cash flow", order=60,
    formulas=("sum(cash_flow)", "sum(operating_cash_flow)"),
    unit="currency", direction="up", decimals=2, category="financial", weight=0.05,
    description="Cash that the business itself brought in.",
)
