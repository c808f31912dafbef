"""Employee productivity."""
from __future__ import annotations

from dashapp.query.catalog._starter import Starter

ENTRY = Starter(
    key="employee_productivity", label="Employee productivity", order=310,
    formulas=("revenue / last(headcount)",),
    unit="currency", direction="up", decimals=2, category="operational", weight=0.02,
    across=True,
    description="Revenue per employee, by the headcount at the end of the period.",
)
