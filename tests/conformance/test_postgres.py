"""The same questions on DuckDB and on PostgreSQL: equal answers, whatever is in the rows and whatever is asked."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from dashapp.query.compile import plan
from tests.conformance import matrix
from tests.conformance.comparing import differences
from tests.conformance.postgres_store import PostgresStore, run
from tests.conformance.stores import placed
from tests.query.shop import CATALOGUE_ROWS, DATASETS, TODAY, ask, connect, kpis, states
from tests.query.test_against_plain_python import KPIS, calendars, order, questions, sheet

pytestmark = pytest.mark.postgres
PLACED = placed("postgres")
NASTY = ("", "O'Brien", "back\\slash", "50%", "under_score", "Ünïcödé", "ünïcödé", "emea", "EMEA", "a\nb", "a:b,c",
         '"q"', "x' OR 'a'='a", "$$", "日本", " EMEA ", "NULL")


def check(question: Question, tables: dict[str, Any], calendar: Calendar, store: PostgresStore,
          warehouse: Postgres, definitions: Any = KPIS) -> None:
    store.fill(tables)
    state = states(tables, calendar=calendar)
    compiled = plan(question, definitions, PLACED, calendar, state, {}, TODAY)
    got = run(compiled, warehouse)
    want = ask(question, definitions, tables, calendar=calendar, state=state, connection=connect(tables))
    assert differences(got, want) == []


@pytest.fixture(scope="module")
def shelves() -> Iterator[tuple[dict[str, Any], Any]]:
    """The rows of the matrix, and DuckDB with them."""
    tables = matrix.rows()
    connection = connect(tables)
    yield tables, connection
    connection.close()


def _matrix(cases: Iterable[matrix.Case], shelves: tuple[dict[str, Any], Any], store: PostgresStore,
            warehouse: Postgres) -> int:
    """Ask every case of both engines; how many figures were the same and had a value."""
    tables, connection = shelves
    store.fill(tables)
    valued = 0
    for seed, case in enumerate(cases):
        question, calendar = matrix.question(case, seed)
        state = states(tables, calendar=calendar)
        got = run(plan(question, KPIS, PLACED, calendar, state, {}, TODAY), warehouse)
        want = ask(question, KPIS, tables, calendar=calendar, state=state, connection=connection)
        assert differences(got, want) == [], question
        valued += sum(p.value is not None for s in got for p in (*s.points, *s.totals))
    return valued


def test_every_grain_split_filter_comparison_scope_and_calendar_is_the_same_on_postgresql(
        store: PostgresStore, warehouse: Postgres, shelves: tuple[dict[str, Any], Any]) -> None:
    """Each with each, and each with every aggregate and time function of the language."""
    assert _matrix(matrix.cases(), shelves, store, warehouse) > 1_000


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_more_questions_of_the_matrix_are_the_same_on_postgresql(
        store: PostgresStore, warehouse: Postgres, shelves: tuple[dict[str, Any], Any]) -> None:
    cases = [case for seed in range(20) for case in matrix.cases(seed=100 + seed, tried=5)]
    assert _matrix(cases, shelves, store, warehouse) > 20_000


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(question=questions(), orders=st.lists(order, max_size=40), finance=st.lists(sheet, max_size=12),
       calendar=calendars)
def test_every_figure_is_the_same_on_postgresql(store: PostgresStore, warehouse: Postgres, question: Question,
                                                orders: Any, finance: Any, calendar: Calendar) -> None:
    check(question, {"orders": orders, "catalogue": CATALOGUE_ROWS, "finance": finance}, calendar, store, warehouse)


@pytest.mark.long
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(question=questions(), orders=st.lists(order, max_size=120), finance=st.lists(sheet, max_size=24),
       calendar=calendars)
def test_every_figure_is_the_same_on_postgresql_at_length(
        store: PostgresStore, warehouse: Postgres, question: Question, orders: Any, finance: Any,
        calendar: Calendar) -> None:
    check(question, {"orders": orders, "catalogue": CATALOGUE_ROWS, "finance": finance}, calendar, store, warehouse)


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
    got = run(plan(question, definitions, PLACED, Calendar(), state, {}, TODAY), warehouse)
    assert [s.total.value for s in got if s.total] == [2.5, 3, 4]


def test_what_comes_back_are_groups_of_a_plan_that_aggregates_at_its_top(store: PostgresStore,
                                                                         warehouse: Postgres) -> None:
    rows = [{"date": date(2025, 1, 1) + timedelta(n % 90), "sku": "s1", "region": f"r{n % 4}", "channel": "web",
             "customer_id": f"c{n % 700}", "qty": 1.0, "price": Decimal(1), "revenue": Decimal(n)} for n in range(9000)]
    store.fill({"orders": rows, "catalogue": CATALOGUE_ROWS})
    keys = ("revenue", "expression", "tea", "people", "fresh", "back", "gone", "middle", "closing")
    question = Question(keys, Grain.MONTH, DateRange(date(2025, 1, 1), date(2025, 3, 31)), ("region",))
    compiled = plan(question, KPIS, PLACED, Calendar(), states({"orders": rows}), {}, TODAY)
    for scan in compiled.scans:
        columns = warehouse.fetch(scan.sql, timeout=60)
        assert len(next(iter(columns.values()))) <= 2 * 5 * (4 + 1), scan.name  # kinds x windows x (splits and whole)
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
