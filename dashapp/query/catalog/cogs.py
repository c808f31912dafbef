"""Cost of goods sold."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="cogs", label="Cost of goods sold", order=50,
    formulas=("sum(cogs)",),
    unit="currency", direction="down", decimals=2, category="financial", weight=0.02,
    description="Direct cost of the goods sold in the period.",
)
