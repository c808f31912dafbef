"""Conversion rate: share of visits that led to a purchase."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="conversion_rate", name="Conversion rate", order=230,
    formulas=("sum(conversions) / sum(visits)",),
    unit="percent", direction="up", decimals=2, category="market", weight=0.05,
    min_value=0, max_value=1,
    description="Share of visits that led to a purchase.",
)
