"""A question that reads thousands of rows and gives a handful of groups, with its plan on any engine."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.query.compile import plan as compile_plan
from dashapp.query.planned import Plan
from tests.conformance.asking import Datasets
from tests.query.shop import CATALOGUE_ROWS, TODAY, states
from tests.query.test_against_plain_python import KPIS

MOST = 2 * 5 * (4 + 1)  # kinds x windows x (splits and whole)
ASKED = ("revenue", "expression", "tea", "people", "fresh", "back", "gone", "middle", "closing")
ORDERS = [{"date": date(2025, 1, 1) + timedelta(n % 90), "sku": "s1", "region": f"r{n % 4}", "channel": "web",
           "customer_id": f"c{n % 700}", "qty": 1.0, "price": Decimal(1), "revenue": Decimal(n)} for n in range(9000)]
TABLES: dict[str, Any] = {"orders": ORDERS, "catalogue": CATALOGUE_ROWS}


def plan(datasets: Datasets) -> Plan:
    """The question's scans, each with the statement that the datasets' engine is given."""
    question = Question(ASKED, Grain.MONTH, DateRange(date(2025, 1, 1), date(2025, 3, 31)), ("region",))
    return compile_plan(question, KPIS, datasets, Calendar(), states(TABLES), {}, TODAY)
