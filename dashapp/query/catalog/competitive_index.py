"""Competitive index."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="competitive_index", label="Competitive index", order=270,
    formulas=("avg(competitive_index)",),
    unit="number", direction="up", decimals=1, category="other", weight=0.01,
    description="Average of the uploaded readings of the competitive index; it is never estimated.",
)
