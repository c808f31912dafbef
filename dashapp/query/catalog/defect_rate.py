"""Defect rate."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="defect_rate", label="Defect rate", order=330,
    formulas=("sum(defects) / sum(units_produced)",),
    unit="percent", direction="down", decimals=2, category="operational", weight=0.02,
    description="Share of the units produced that were defective.",
)
