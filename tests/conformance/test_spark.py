"""The same questions on DuckDB and on Apache Spark: equal answers; and Spark's way of being slow, wrong and absent."""
from __future__ import annotations

from collections.abc import Iterator
from multiprocessing.pool import ThreadPool
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.place import RemoteColumn
from dashapp.core.question import Question
from dashapp.facts.engines import Refused, Unreachable
from dashapp.facts.engines.spark import Spark
from tests.conformance import grouped, matrix, spark_store
from tests.conformance.asking import Shelves, ask_matrix, ask_there
from tests.conformance.comparing import differences
from tests.query.shop import CATALOGUE_ROWS, ask, connect, states
from tests.query.test_against_plain_python import KPIS, calendars, order, questions, sheet

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore")]  # what Spark's client warns of is not ours


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A Spark of its own, which ends with the session that the warehouse closes."""
    reason = spark_store.why_missing()
    if reason:
        pytest.skip(reason)
    return spark_store.SparkStore(str(tmp_path_factory.mktemp("spark")))


@pytest.fixture(scope="module")
def warehouse(store: Any) -> Iterator[Spark]:
    opened = Spark(store.url)
    yield opened
    opened.close()


@pytest.mark.timeout(3600)
def test_every_grain_split_filter_comparison_scope_and_calendar_is_the_same_on_spark(
        store: Any, warehouse: Spark, shelves: Shelves) -> None:
    """Each with each, with the largest segments and subtotals, and with every aggregate and time function."""
    store.fill(shelves[0])
    assert ask_matrix(matrix.cases(), shelves, warehouse, store.datasets) > 1_000


@pytest.mark.timeout(3600)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(question=questions(), orders=st.lists(order, max_size=40), finance=st.lists(sheet, max_size=12),
       calendar=calendars)
def test_every_figure_is_the_same_on_spark(store: Any, warehouse: Spark, question: Question, orders: Any, finance: Any,
                                           calendar: Calendar) -> None:
    tables = {"orders": matrix.once_a_day(orders), "catalogue": CATALOGUE_ROWS, "finance": finance}
    store.fill(tables)
    state = states(tables, calendar=calendar)
    got = ask_there(question, warehouse, store.datasets, calendar, state, KPIS)
    want = ask(question, KPIS, tables, calendar=calendar, state=state, connection=connect(tables))
    assert differences(got, want) == []


def test_what_comes_back_are_groups_of_a_plan_that_aggregates_at_its_top(store: Any, warehouse: Spark) -> None:
    store.fill(grouped.TABLES)
    for scan in grouped.plan(store.datasets).scans:
        columns = warehouse.fetch(scan.sql, timeout=60)
        assert 0 < len(next(iter(columns.values()))) <= grouped.MOST, scan.name
        nodes = store.plan(scan.sql)
        assert "Relation" in [what for _, what in nodes], "a plan that reads nothing shows nothing"
        assert _bare(nodes) == [], scan.name


def test_a_plan_that_hands_on_rows_would_be_found_out(store: Any) -> None:
    store.fill(grouped.TABLES)
    table = ".".join(store.datasets["orders"].place.table)
    assert _bare(store.plan(f"SELECT SKU FROM {table} WHERE qty > 0")) == ["Relation"]
    assert _bare(store.plan(f"SELECT SKU AS a FROM {table} UNION ALL SELECT max(SKU) FROM {table}")) == ["Relation"]
    assert _bare(store.plan(f"SELECT SKU, count(*) FROM {table} GROUP BY 1")) == []


def _bare(nodes: list[tuple[int, str]]) -> list[str]:
    """What stands in a plan without an aggregate above it and reads a table."""
    found, above = [], [False]
    for depth, what in nodes:
        above[depth + 1:] = [above[depth] or what == "Aggregate"]
        if "Relation" in what and what != "OneRowRelation" and not above[depth]:
            found.append(what)
    return found


def test_tables_and_their_columns_are_found(store: Any, warehouse: Spark) -> None:
    store.fill({})
    orders, finance = (store.datasets[k].place.table for k in ("orders", "finance"))
    assert orders in warehouse.tables(timeout=60)
    assert warehouse.schema(finance, timeout=60)[:2] == [
        RemoteColumn("month", "date"), RemoteColumn("region", "string")]


def test_the_profile_counts_rows_and_weekdays(store: Any, warehouse: Spark) -> None:
    from datetime import date

    days = [date(2025, 3, 3), date(2025, 3, 3), date(2025, 3, 9), None]  # a Monday twice, a Sunday
    store.fill({"finance": [{"date": d} for d in days]})
    place = store.datasets["finance"].place
    found = warehouse.profile(place, "date", timeout=60)
    assert (found.rows, found.first, found.last, dict(found.weekdays)) == (4, days[0], days[2], {0: 1, 6: 1})


def test_what_spark_refuses_is_told_in_a_sentence(warehouse: Spark) -> None:
    for sql in ("SELECT * FROM nowhere", "SELECT 1 / 0 AS x"):
        with pytest.raises(Refused, match="Spark refuses"):
            warehouse.fetch(sql, timeout=60)
    with pytest.raises(Refused, match="more than 5 groups"):
        warehouse.fetch("SELECT id FROM range(9)", timeout=60, most=5)


def test_a_slow_statement_is_interrupted_over_there_and_the_next_one_answers(store: Any, warehouse: Spark) -> None:
    slow = "SELECT count(*) AS n FROM range(1000000000000) WHERE sqrt(id) * sin(id) > 2"
    with ThreadPool(1) as pool:
        call = pool.apply_async(lambda: warehouse.fetch(slow, timeout=5))
        assert _becomes(store, at_work=True), "it is under way"
        with pytest.raises(Unreachable, match="did not answer within 5 s"):
            call.get()
    assert _becomes(store, at_work=False), "nobody waits for it any more, so nothing works on it"
    assert warehouse.fetch("SELECT 1 AS a", timeout=60) == {"a": [1]}


def _becomes(store: Any, *, at_work: bool) -> bool:
    """Is the server at work, or no more, within some seconds? Asked about a hundred times at most."""
    return any((store.at_work() > 0) is at_work or Event().wait(0.1) for _ in range(100))


def test_a_server_that_is_not_there_is_told_in_time(store: Any) -> None:
    with pytest.raises(Unreachable):
        Spark("sc://127.0.0.1:9").fetch("SELECT 1", timeout=2)
