"""Competitive index: average of the uploaded readings; nothing is invented."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="competitive_index", name="Competitive index", order=270,
    formulas=('avg(value, kpi in ["Competitive Index", "competitive_index", "Competitiveness"])',),
    unit="number", direction="up", decimals=1, category="market", weight=0,
    description="Average of the uploaded readings; nothing is invented.",
)
