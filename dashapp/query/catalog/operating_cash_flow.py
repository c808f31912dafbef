"""Operating cash flow."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="operating_cash_flow", label="Operating cash flow", order=70,
    formulas=("sum(cash_flow)",
              "sum(operating_cash_flow)"),
    unit="currency", direction="up", decimals=2, category="financial", weight=0.05,
    description="Cash that the business itself brought in or used up in the period.",
)
