"""Brand recognition index."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="brand_recognition_index", label="Brand recognition index", order=260,
    formulas=("avg(brand_recognition_index)",),
    unit="number", direction="up", decimals=1, category="other", weight=0.01,
    description="Average of the uploaded readings of the brand recognition index; it is never estimated.",
)
