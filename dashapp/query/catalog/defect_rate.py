"""Defect rate: share of the produced units that were defective."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="defect_rate", name="Defect rate", order=330,
    formulas=("sum(defects) / sum(units_produced)",),
    unit="percent", direction="down", decimals=2, category="operational", weight=0.05,
    min_value=0, max_value=1,
    description="Share of the produced units that were defective.",
)
