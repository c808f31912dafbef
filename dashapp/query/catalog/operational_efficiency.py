"""Operational efficiency: output for each unit of input."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="operational_efficiency", name="Operational efficiency", order=320,
    formulas=("sum(output) / sum(input)",),
    unit="percent", direction="up", decimals=1, category="operational", weight=0.05,
    min_value=0,
    description="Output for each unit of input.",
)
