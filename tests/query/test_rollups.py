"""Rollups change nothing but the time a question takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.rollup import RollupSpec, rollup_of
from dashapp.query.compile import plan
from dashapp.query.measures import measures
from tests.query.shop import CATALOGUE_ROWS, DATASETS, ORDERS, TODAY, Calendar, ask, connect, run, states
from tests.query.test_against_plain_python import KPIS, order, questions, same

DAY = rollup_of(ORDERS, measures(KPIS.values(), DATASETS)["orders"]).with_dimensions(("region", "channel"))
SPEC = replace(DAY, bitmap=DAY.dimensions)
PART = 2  # customers; so few that several parts are put together


def build(connection: Any, spec: RollupSpec = SPEC) -> None:
    """The rollup tables by plain SQL, as `core.rollup` describes them."""
    parts = [
        "count(*) AS _rows",
        *(
            f'sum({m.sql}) AS "{m.sum}", count({m.sql}) AS "{m.count}", min({m.sql}) AS "{m.min}", '
            f'max({m.sql}) AS "{m.max}"'
            for m in spec.measures
        ),
    ]
    keys = ", ".join(f'"{k}"' for k in (spec.date, *spec.dimensions))
    connection.execute(f"CREATE TABLE orders__day AS SELECT {keys}, {', '.join(parts)} FROM orders GROUP BY {keys}")
    connection.execute(
        "CREATE TABLE orders__month AS SELECT date_trunc('month', date)::DATE AS _month, customer_id, "
        "min(date) AS _first, max(date) AS _last, count(*) AS _rows FROM orders GROUP BY 1, 2"
    )
    if spec.bitmap:
        connection.execute(f"CREATE TABLE orders__bitmap AS {' UNION ALL '.join(_sets(spec.bitmap))}")


def _sets(dimensions: tuple[str, ...]) -> Iterator[str]:
    """The bitmap table for each subset of the dimensions, one customer after the other set in bits."""
    who = "(SELECT customer_id AS who, dense_rank() OVER (ORDER BY customer_id) - 1 AS n FROM orders)"
    for by in range(2 ** len(dimensions)):
        shown = ", ".join(name if by & 2**i else f"NULL::VARCHAR AS {name}" for i, name in enumerate(dimensions))
        bits = f"bit_or(set_bit(repeat('0', {PART})::BIT, (n % {PART})::INT, 1))"
        yield (
            f"SELECT {by} AS _by, date_trunc('month', date)::DATE AS _month, {shown}, (n // {PART})::INT AS _part, "
            f"count(DISTINCT who) AS _heads, {bits} AS _bits FROM orders JOIN {who} ON who = customer_id GROUP BY ALL"
        )


@settings(max_examples=14, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(questions(), st.lists(order, max_size=40))
def test_the_same_figures_come_from_rollups_and_from_rows(question: Question, orders: Any) -> None:
    tables = {"orders": orders, "catalogue": CATALOGUE_ROWS}
    connection, state = connect(tables), states(tables)
    build(connection)
    want = ask(question, KPIS, tables, state=state, connection=connection)
    got = ask(question, KPIS, tables, state=state, connection=connection, rollups={"orders": SPEC})
    for left, right in zip(got, want, strict=True):
        assert [(p.period, p.split, p.complete, p.reason) for p in left.points] == [
            (p.period, p.split, p.complete, p.reason) for p in right.points
        ]
        for a, b in zip((*left.points, *left.totals), (*right.points, *right.totals), strict=True):
            assert same(a.value, b.value), (left.kpi, a, b)
            assert same(a.compare and a.compare.value, b.compare and b.compare.value), (left.kpi, a, b)


def test_what_the_day_rollup_covers_is_read_from_it() -> None:
    question = Question(
        ("revenue", "expression", "web", "rows", "closing", "high"),
        Grain.MONTH,
        DateRange(date(2025, 1, 1), date(2025, 6, 30)),
        ("region",),
    )
    compiled = plan(
        question, KPIS, DATASETS, Calendar(), states({"orders": [{"date": date(2025, 6, 1)}]}), {"orders": SPEC}, TODAY
    )
    assert [(s.name, s.tables) for s in compiled.scans] == [
        ("orders:day", ("orders__day",)),
        ("orders:rows", ("orders",)),
    ]
    assert {a.func for a in compiled.scans[1].aggs} == {"max"}, "a condition on a number needs the rows"


def test_whole_months_of_customers_are_read_from_the_month_rollup() -> None:
    question = Question(
        ("people", "back", "gone", "fresh"), Grain.MONTH, DateRange(date(2025, 1, 1), date(2025, 6, 30))
    )
    state = states({"orders": [{"date": date(2025, 7, 1)}]})
    compiled = plan(question, KPIS, DATASETS, Calendar(), state, {"orders": SPEC}, TODAY)
    tables = {s.name: s.tables for s in compiled.scans}
    assert tables.pop("orders:day") == ("orders__day",)
    assert tables == {"orders:customer_id:bitmap": ("orders__bitmap",), "orders:customer_id:new": ("orders__month",)}
    older = plan(question, KPIS, DATASETS, Calendar(), state, {"orders": DAY}, TODAY)
    assert {t for s in older.scans for t in s.tables} == {"orders__day", "orders__month"}, "a file without bitmaps"
    assert run(compiled, _built([]))[0].points[0].value is None


def _built(orders: list[dict[str, Any]]) -> Any:
    connection = connect({"orders": orders})
    build(connection)
    return connection
