"""Brand recognition index: average of the uploaded readings; nothing is invented."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="brand_recognition_index", name="Brand recognition index", order=260,
    formulas=('avg(value, kpi in ["Brand Recognition Index", "brand_recognition_index", "Brand recognition"])',),
    unit="number", direction="up", decimals=1, category="market", weight=0,
    description="Average of the uploaded readings; nothing is invented.",
)
