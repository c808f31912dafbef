"""Innovation index."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="innovation_index", label="Innovation index", order=280,
    formulas=("avg(innovation_index)",),
    unit="number", direction="up", decimals=1, category="other", weight=0.01,
    description="Average of the uploaded readings of the innovation index; it is never estimated.",
)
