"""Net promoter score: promoters less detractors as a share of all answers."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="nps", name="Net promoter score", order=200,
    formulas=("(sum(promoters) - sum(detractors)) / sum(responses)",),
    unit="percent", direction="up", decimals=0, category="customer", weight=0.05,
    min_value=-1, max_value=1,
    description="Promoters less detractors as a share of all answers.",
)
