"""Customer acquisition cost."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="cac", label="Customer acquisition cost", order=160,
    formulas=("marketing_spend / new_customers",),
    unit="currency", direction="down", decimals=2, category="customer", weight=0.03,
    across=True,
    description="Marketing spend per new customer of the period.",
)
