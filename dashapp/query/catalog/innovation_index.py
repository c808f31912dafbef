"""Innovation index: average of the uploaded readings; nothing is invented."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="innovation_index", name="Innovation index", order=280,
    formulas=('avg(value, kpi in ["Innovation Index", "innovation_index", "Innovation"])',),
    unit="number", direction="up", decimals=1, category="market", weight=0,
    description="Average of the uploaded readings; nothing is invented.",
)
