"""Conversion rate."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="conversion_rate", label="Conversion rate", order=250,
    formulas=("sum(conversions) / sum(visits)",),
    unit="percent", direction="up", decimals=2, category="market", weight=0.03,
    description="Share of visits that ended in a purchase or another goal.",
)
