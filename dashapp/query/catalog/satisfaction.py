"""Customer satisfaction."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="satisfaction", label="Customer satisfaction", order=190,
    formulas=("avg(satisfaction)",),
    unit="number", direction="up", decimals=2, category="customer", weight=0.03,
    description="Average satisfaction score over all answers of the period.",
)
