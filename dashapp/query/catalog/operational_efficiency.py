"""Operational efficiency."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="operational_efficiency", label="Operational efficiency", order=320,
    formulas=("sum(output) / sum(input)",),
    unit="ratio", direction="up", decimals=2, category="operational", weight=0.02,
    description="Output per unit of input over the period.",
)
