"""Net promoter score."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="nps", label="Net promoter score", order=200,
    formulas=("(sum(promoters) - sum(detractors)) / sum(responses)",),
    unit="percent", direction="up", decimals=1, category="customer", weight=0.03,
    description="Promoters minus detractors, as a share of all answers.",
)
