"""The monthly finance sheet, in whole cents, agreeing to the cent with the order lines and the marketing sheet.

    Booked Revenue      = sum of the order lines' revenue of the month
    Refunds             = returned share of that revenue, by order date
    COGS                = (qty - returned) x unit cost of the catalogue
    Operating Expenses  = Payroll + Fulfilment + Rent and IT + Marketing Spend + Refunds
    Cash Flow           = (Booked Revenue - COGS - Operating Expenses) after tax, less growth of working capital
"""
from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain, Period
from dashapp.demo.spec import Spec
from dashapp.demo.tally import Tally

REVENUE_PER_HEAD = 36_000_000  # cents a year
MONTHLY_PAY = 505_000  # cents a head, with social charges
STANDING_ORDERS = 0.17
TAX, PAID_OUT = 0.26, 0.85
EXPENSES = ("payroll", "fulfilment", "rent_and_it", "marketing_spend", "refunds")


def closed_months(spec: Spec) -> list[Period]:
    """The whole months of the history that are over on its last day: a sheet exists for these only."""
    months = Calendar().periods(DateRange(spec.start, spec.end), Grain.MONTH)
    return [m for m in months if m.start >= spec.start and m.end <= spec.end]


def finance(spec: Spec, tally: Tally, marketing: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per closed month, dated its last day; money in cents."""
    spent: dict[str, int] = {}
    for row in marketing:
        spent[f"{row['date']:%Y-%m}"] = spent.get(f"{row['date']:%Y-%m}", 0) + row["spend"]
    draw, rows, before = spec.draw("finance"), [], None
    cash = 0
    for month in closed_months(spec):
        row = _results(spec, tally, month, spent[month.label], draw)
        held = _held(row)
        if before is None:
            before, cash = held, round(row["booked_revenue"] * 0.8)
        profit = row["booked_revenue"] - row["cogs"] - row["operating_expenses"]
        growth = held["assets"] - held["owed"] - before["assets"] + before["owed"]
        row["cash_flow"] = profit - max(0, round(profit * TAX)) - growth
        cash += row["cash_flow"] - max(0, round(row["cash_flow"] * PAID_OUT))
        row["current_assets"] = max(0, cash) + held["assets"]
        row["current_liabilities"] = held["owed"] + max(0, -cash)
        rows.append(row)
        before = held
    return rows


def _results(spec: Spec, tally: Tally, month: Period, marketing: int, draw: np.random.Generator) -> dict[str, Any]:
    days = slice(spec.index(month.start), spec.index(month.end) + 1)
    revenue, refunds, cost = (int(grid[days].sum()) for grid in (tally.revenue, tally.refunds, tally.cost))
    heads = headcount(spec, tally, month.end)
    row: dict[str, Any] = {
        "date": month.end, "booked_revenue": revenue, "cogs": cost, "refunds": refunds, "headcount": heads,
        "payroll": round(heads * MONTHLY_PAY * (1.5 if month.start.month == 11 else 1.0)),
        "fulfilment": round(tally.usual_revenue[days].sum() * 0.047 * draw.lognormal(0, 0.03)),
        "rent_and_it": round(heads * 48_000 * draw.lognormal(0, 0.01)), "marketing_spend": marketing,
        "mrr": round(_yearly(spec, tally, month.end) / 12 * STANDING_ORDERS * draw.lognormal(0, 0.006)),
    }
    row["operating_expenses"] = sum(row[name] for name in EXPENSES)
    return row


def headcount(spec: Spec, tally: Tally, day: date) -> int:
    """People employed at the end of `day`: they follow the yearly revenue without incidents, never under five."""
    return max(5, round(_yearly(spec, tally, day) / REVENUE_PER_HEAD))


def _yearly(spec: Spec, tally: Tally, day: date) -> float:
    """Cents: revenue without incidents of the year to `day`, scaled up where the history is shorter, and grown."""
    first = max(spec.start, day - timedelta(364))
    days = slice(spec.index(first), spec.index(day) + 1)
    return float(tally.usual_revenue[days].sum()) * 365 / (spec.index(day) + 1 - spec.index(first))


def _held(row: dict[str, Any]) -> dict[str, int]:
    """Receivables and stock against payables at the month's end, cents."""
    return {"assets": round(row["booked_revenue"] * 1.15) + round(row["cogs"] * 1.9),
            "owed": round(row["cogs"] * 2.15) + round(row["payroll"] * 0.5)}
