"""Marketing spend: what was spent on marketing."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="marketing_spend", name="Marketing spend", order=210,
    formulas=("sum(marketing_spend)", "sum(spend)"),
    unit="currency", direction="band", decimals=2, category="market", weight=0,
    min_value=0,
    description="What was spent on marketing.",
)
