"""Questions whose statements are kept, one file per engine and question."""
from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.where import parse_wheres
from dashapp.query.compile import plan
from tests.conformance.stores import placed
from tests.query.shop import CATALOGUE_ROWS, DATASETS, TODAY, Calendar, kpis, states

FOLDER = Path(__file__).parent
ENGINES = ("duckdb", "postgres", "spark")
KPIS = kpis(
    revenue="sum(orders.revenue)",
    tea='sum(orders.revenue, orders.catalogue.category == "Tea")',
    weight="avg(orders.qty)",
    gone="lost(orders.customer_id)",
    people="distinct(orders.customer_id)",
    back='returning(orders.customer_id, orders.channel == "web")',
    fresh="new(orders.customer_id)",
    middle="median(orders.qty * orders.price)",
    closing="last(orders.price)",
    dear='count(orders, orders.price > 0.125 and contains(orders.channel, "o\'b"))',
)
# name -> KPIs, split, filters, scope
CASES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "fused": (("revenue", "tea", "closing"), ("region",), (), ()),
    "customers": (("people", "gone"), (), (), ()),
    "median": (("middle",), (), (), ()),
    "numbers": (("weight", "dear"), (), ("region!=EMEA|", "channel~=o'b\\w%"), ("region=EMEA|APAC",)),
    "returning": (("back",), ("region",), ("channel=web",), ("region=EMEA|APAC",)),
    "new": (("fresh",), ("region", "catalogue.category"), (), ()),
    "medians": (("middle",), ("region",), (), ("region=EMEA",)),
}
ROWS = [{"date": date(y, m, d), "revenue": Decimal(d)} for y, m in ((2024, 12), (2025, 1), (2025, 2), (2025, 3))
        for d in (3, 4, 5)]


def text(engine: str, name: str) -> str:
    """The statements of one question for one engine."""
    keys, by, where, scope = CASES[name]
    tables = {"orders": ROWS, "catalogue": CATALOGUE_ROWS}
    question = Question(keys, Grain.MONTH, DateRange(date(2025, 2, 1), date(2025, 3, 31)), by, parse_wheres(where),
                        scope=parse_wheres(scope))
    datasets = DATASETS if engine == "duckdb" else placed(engine)
    compiled = plan(question, KPIS, datasets, Calendar(), states(tables), {}, TODAY)
    return ";\n\n".join(s.sql for s in compiled.scans) + "\n"
