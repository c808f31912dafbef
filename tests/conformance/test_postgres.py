"""The same questions on DuckDB and on PostgreSQL: equal answers, whatever is in the rows and whatever is asked."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.where import Where
from dashapp.facts.engines.postgres import Postgres
from tests.conformance import grouped, matrix
from tests.conformance.asking import Shelves, ask_matrix, ask_there
from tests.conformance.comparing import differences
from tests.conformance.postgres_store import PostgresStore
from tests.conformance.stores import placed
from tests.query.shop import CATALOGUE_ROWS, DATASETS, ask, connect, kpis, states
from tests.query.test_against_plain_python import KPIS, calendars, order, questions, sheet

pytestmark = pytest.mark.postgres
PLACED = placed("postgres")
NASTY = ("", "O'Brien", "back\\slash", "50%", "under_score", "Ünïcödé", "ünïcödé", "emea", "EMEA", "a\nb", "a:b,c",
         '"q"', "x' OR 'a'='a", "$$", "日本", " EMEA ", "NULL")


def check(question: Question, tables: dict[str, Any], calendar: Calendar, store: PostgresStore,
          warehouse: Postgres, definitions: Any = KPIS) -> None:
    store.fill(tables)
    state = states(tables, calendar=calendar)
    got = ask_there(question, warehouse, PLACED, calendar, state, definitions)
    want = ask(question, definitions, tables, calendar=calendar, state=state, connection=connect(tables))
    assert differences(got, want) == []


def test_every_grain_split_filter_comparison_scope_and_calendar_is_the_same_on_postgresql(
        store: PostgresStore, warehouse: Postgres, shelves: Shelves) -> None:
    """Each with each, with the largest segments and subtotals, and with every aggregate and time function."""
    store.fill(shelves[0])
    assert ask_matrix(matrix.cases(), shelves, warehouse, PLACED) > 1_000


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_more_questions_of_the_matrix_are_the_same_on_postgresql(
        store: PostgresStore, warehouse: Postgres, shelves: Shelves) -> None:
    store.fill(shelves[0])
    cases = [case for seed in range(20) for case in matrix.cases(seed=100 + seed, tried=5)]
    assert ask_matrix(cases, shelves, warehouse, PLACED) > 20_000


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(question=questions(), orders=st.lists(order, max_size=40), finance=st.lists(sheet, max_size=12),
       calendar=calendars)
def test_every_figure_is_the_same_on_postgresql(store: PostgresStore, warehouse: Postgres, question: Question,
                                                orders: Any, finance: Any, calendar: Calendar) -> None:
    tables = {"orders": matrix.once_a_day(orders), "catalogue": CATALOGUE_ROWS, "finance": finance}
    check(question, tables, calendar, store, warehouse)


@pytest.mark.long
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(question=questions(), orders=st.lists(order, max_size=120), finance=st.lists(sheet, max_size=24),
       calendar=calendars)
def test_every_figure_is_the_same_on_postgresql_at_length(
        store: PostgresStore, warehouse: Postgres, question: Question, orders: Any, finance: Any,
        calendar: Calendar) -> None:
    tables = {"orders": matrix.once_a_day(orders), "catalogue": CATALOGUE_ROWS, "finance": finance}
    check(question, tables, calendar, store, warehouse)


def _rows() -> list[dict[str, Any]]:
    return [{"date": date(2025, 3, 1) + timedelta(n), "sku": "s1", "region": text or None, "channel": text or None,
             "customer_id": f"c{n % 5}", "qty": n / 8, "price": Decimal(n) / 7, "revenue": Decimal(n)}
            for n, text in enumerate(NASTY * 2)]


@pytest.mark.parametrize("op", ["=", "!=", "~="])
@pytest.mark.parametrize("text", NASTY, ids=repr)
def test_texts_mean_themselves_in_filters_scopes_and_splits(store: PostgresStore, warehouse: Postgres, op: Any,
                                                            text: str) -> None:
    if op == "~=" and not text:
        pytest.skip("everything contains the empty text")
    where = (Where("region", op, (text,)),)
    for filters, scope in ((where, ()), ((), where)):
        question = Question(("revenue", "people", "fresh", "middle"), Grain.MONTH,
                            DateRange(date(2025, 3, 1), date(2025, 5, 1)), ("region",), filters, scope=scope)
        check(question, {"orders": _rows(), "catalogue": CATALOGUE_ROWS}, Calendar(), store, warehouse)


def test_numbers_in_conditions_keep_their_decimals(store: PostgresStore, warehouse: Postgres) -> None:
    definitions = kpis(a="count(orders, orders.revenue > 0.0004)", b="count(orders, orders.revenue == 0.0005)",
                       c="count(orders, orders.revenue in [0.0005, 99999999999.9999])",
                       d="count(orders, orders.revenue >= 0.00049999999999)")
    rows = [{"date": date(2025, 3, 1), "revenue": Decimal(text)} for text in ("0.0004", "0.0005", "0.001",
                                                                              "99999999999.9999")]
    span = DateRange(date(2025, 3, 1), date(2025, 3, 31))
    tables = {"orders": rows, "catalogue": CATALOGUE_ROWS}
    question = Question(tuple(definitions), Grain.MONTH, span)
    assert [s.total.value for s in ask(question, definitions, tables) if s.total] == [3, 1, 2, 3]
    check(question, tables, Calendar(), store, warehouse, definitions)


def test_what_is_no_number_over_there_is_missing_here(store: PostgresStore, warehouse: Postgres) -> None:
    store.fill({"orders": [{"date": date(2025, 3, 1), "qty": float(q), "price": Decimal(p), "revenue": Decimal(1)}
                           for q, p in (("nan", "NaN"), ("inf", "1"), ("2.5", "2"), ("-inf", "4"))]})
    definitions = kpis(units="sum(orders.qty)", priced="count(orders.price)", high="max(orders.price)")
    state = states({"orders": [{"date": date(2025, 3, 1)}]})
    question = Question(tuple(definitions), Grain.MONTH, DateRange(date(2025, 3, 1), date(2025, 3, 31)))
    got = ask_there(question, warehouse, PLACED, Calendar(), state, definitions)
    assert [s.total.value for s in got if s.total] == [2.5, 3, 4]


def test_what_comes_back_are_groups_of_a_plan_that_aggregates_at_its_top(store: PostgresStore,
                                                                         warehouse: Postgres) -> None:
    store.fill(grouped.TABLES)
    for scan in grouped.plan(PLACED).scans:
        columns = warehouse.fetch(scan.sql, timeout=60)
        assert len(next(iter(columns.values()))) <= grouped.MOST, scan.name
        top = store.connection.execute(f"EXPLAIN (FORMAT JSON) {scan.sql}".encode()).fetchone()
        assert top is not None
        assert _aggregates(top[0][0]["Plan"]), scan.name


def _aggregates(node: dict[str, Any]) -> bool:
    """Does every way from the top of the plan meet an aggregate before it meets a table?"""
    if node["Node Type"] in ("Aggregate", "Group"):
        return True
    children = [c for c in node.get("Plans", ()) if c.get("Parent Relationship") not in ("InitPlan", "SubPlan")]
    return bool(children) and all(map(_aggregates, children))


def test_datasets_are_the_same_but_for_their_place() -> None:
    assert {k: (d.columns, d.joins, d.grain) for k, d in PLACED.items()} == {
        k: (d.columns, d.joins, d.grain) for k, d in DATASETS.items()}
