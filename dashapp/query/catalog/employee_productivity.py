"""Employee productivity: revenue for each employee at the end of the period."""
from __future__ import annotations

from dashapp.query.starter import Starter

ENTRY = Starter(
    key="employee_productivity", name="Employee productivity", order=310,
    formulas=("revenue / last(headcount)",),
    unit="currency", direction="up", decimals=2, category="operational", weight=0,
    description="Revenue for each employee at the end of the period.",
)
