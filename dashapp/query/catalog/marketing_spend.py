"""Marketing spend."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="marketing_spend", label="Marketing spend", order=230,
    formulas=("sum(marketing_spend)",
              "sum(marketing.spend)"),
    unit="currency", direction="down", decimals=2, category="market", weight=0.02,
    description="Money spent on marketing in the period.",
)
