"""Satisfaction: average of the answers to the satisfaction survey."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="satisfaction", name="Satisfaction", order=190,
    formulas=("avg(satisfaction)",),
    unit="number", direction="up", decimals=2, category="customer", weight=0.05,
    min_value=0,
    description="Average of the answers to the satisfaction survey.",
)
