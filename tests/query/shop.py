"""A small shop for the query tests: datasets, KPIs, and DuckDB tables made of plain rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.datastate import DataState, state_of
from dashapp.core.kpi import Kpi
from dashapp.core.period import Grain
from dashapp.core.question import Question
from dashapp.core.rollup import RollupSpec
from dashapp.core.series import Series
from dashapp.query.answer import answer
from dashapp.query.compile import plan
from dashapp.query.planned import Kept, Plan
from dashapp.query.ranking import largest, ranked

ARROW = {"date": pa.date32(), "money": pa.decimal128(18, 4), "number": pa.float64(), "text": pa.string()}
TODAY = date(2026, 3, 31)


def columns(**types: str) -> tuple[Column, ...]:
    """Columns written as key="role type"."""
    return tuple(Column(k, k.title(), RoleOf(t.split()[0]), t.split()[1]) for k, t in types.items())  # type: ignore[arg-type]


ORDERS = Dataset(
    "orders",
    "Orders",
    joins=(("sku", "catalogue.sku_id"),),
    columns=columns(
        date="date date",
        sku="dimension text",
        region="dimension text",
        channel="dimension text",
        customer_id="entity text",
        qty="measure number",
        price="measure money",
        revenue="measure money",
    ),
)
CATALOGUE = Dataset(
    "catalogue",
    "Catalogue",
    kind="reference",
    key_columns=("sku_id",),
    columns=columns(sku_id="id text", category="dimension text", cost="measure money"),
)
FINANCE = Dataset(
    "finance",
    "Finance",
    grain=Grain.MONTH,
    columns=columns(date="date date", region="dimension text", cogs="measure money", cash="measure money"),
)
DATASETS = {d.key: d for d in (ORDERS, CATALOGUE, FINANCE)}
SKUS = {"s1": ("Tea", "1.25"), "s2": ("Cake", "2.5"), "s3": ("Tea", "0.1")}
CATALOGUE_ROWS = [{"sku_id": k, "category": c, "cost": Decimal(p)} for k, (c, p) in SKUS.items()]


def kpis(**formulas: str) -> dict[str, Kpi]:
    return {k: Kpi(k, k, f) for k, f in formulas.items()}


def connect(tables: Mapping[str, list[dict[str, Any]]], datasets: Mapping[str, Dataset] = DATASETS) -> Any:
    """An in-memory DuckDB with one table per dataset, lineage columns included."""
    connection = duckdb.connect()
    for key, dataset in datasets.items():
        rows = tables.get(key, [])
        data = {c.key: pa.array([_stored(r.get(c.key), c.type) for r in rows], ARROW[c.type]) for c in dataset.columns}
        data |= {
            "_vintage": pa.array(["v1"] * len(rows), pa.string()),
            "_sheet": pa.array(["Sheet1"] * len(rows), pa.string()),
            "_row": pa.array(list(range(2, len(rows) + 2)), pa.int32()),
        }
        arrow = pa.table(data)
        connection.register("incoming", arrow)
        connection.execute(f'CREATE TABLE "{key}" AS SELECT * FROM incoming')
        connection.unregister("incoming")
    return connection


def _stored(value: Any, kind: str) -> Any:
    return value if value is None or kind != "money" else Decimal(value).quantize(Decimal("0.0001"))


def states(
    tables: Mapping[str, list[dict[str, Any]]],
    datasets: Mapping[str, Dataset] = DATASETS,
    calendar: Calendar | None = None,
    today: date = TODAY,
) -> dict[str, DataState]:
    """What the facts room would say of these rows."""
    out = {}
    for key, dataset in datasets.items():
        days = {r["date"] for r in tables.get(key, []) if "date" in r}
        weekdays = {w: sum(d.weekday() == w for d in days) for w in range(7)}
        out[key] = state_of(
            dataset, min(days, default=None), max(days, default=None), weekdays, None, calendar or Calendar(), today
        )
    return out


def run(plan: Plan, connection: Any) -> tuple[Series, ...]:
    """Execute every scan of a plan and answer it."""
    return answer(plan, results(plan, connection))


def results(plan: Plan, connection: Any) -> dict[str, Any]:
    return {s.name: connection.cursor().sql(s.sql).to_arrow_table() for s in plan.scans}


def answered(
    question: Question, compiled: Callable[..., Plan], fetched: Callable[[Plan], dict[str, Any]]
) -> tuple[Series, ...]:
    """A question in one step, or two where it wants the largest segments: compiled and fetched as asked."""
    kept = None
    for key in question.kpis if question.top and question.by else ():
        first = compiled(ranked(question, key), None, only_ranked=True)
        assert question.top is not None
        kept = largest(first, fetched(first), question.top)
        if kept.segments:
            break
    found = compiled(question, kept, only_ranked=False)
    return answer(found, fetched(found))


def ask(
    question: Question,
    definitions: Mapping[str, Kpi],
    tables: Mapping[str, list[dict[str, Any]]],
    *,
    datasets: Mapping[str, Dataset] = DATASETS,
    calendar: Calendar | None = None,
    today: date = TODAY,
    state: Mapping[str, DataState] | None = None,
    rollups: Mapping[str, RollupSpec] | None = None,
    connection: Any = None,
) -> tuple[Series, ...]:
    """The whole way from a question to its series, over plain rows."""
    calendar = calendar or Calendar()
    state = state or states(tables, datasets, calendar, today)
    connection = connection or connect(tables, datasets)

    def compiled(asked: Question, kept: Kept | None, *, only_ranked: bool) -> Plan:
        return plan(asked, definitions, datasets, calendar, state, rollups or {}, today, kept, only_ranked=only_ranked)

    return answered(question, compiled, lambda plan: results(plan, connection))


def days(start: date, n: int) -> Iterable[date]:
    return (start + timedelta(i) for i in range(n))
