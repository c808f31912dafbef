"""Customer acquisition cost: marketing spend for each new customer."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="cac", name="Customer acquisition cost", order=160,
    formulas=("marketing_spend / new_customers",),
    unit="currency", direction="down", decimals=2, category="customer", weight=0.05,
    min_value=0,
    description="Marketing spend for each new customer.",
)
