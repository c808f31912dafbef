"""The same questions on DuckDB and on Apache Spark: equal answers; and Spark's way of being slow, wrong and absent."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.place import RemoteColumn
from dashapp.core.question import Question
from dashapp.facts.engines import Refused, Unreachable
from dashapp.facts.engines.spark import Spark
from dashapp.query.compile import plan
from tests.conformance import spark_store
from tests.conformance.comparing import differences
from tests.conformance.postgres_store import run
from tests.query.shop import CATALOGUE_ROWS, TODAY, ask, connect, states
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
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(question=questions(), orders=st.lists(order, max_size=40), finance=st.lists(sheet, max_size=12),
       calendar=calendars)
def test_every_figure_is_the_same_on_spark(store: Any, warehouse: Spark, question: Question, orders: Any, finance: Any,
                                           calendar: Calendar) -> None:
    tables = {"orders": orders, "catalogue": CATALOGUE_ROWS, "finance": finance}
    store.fill(tables)
    state = states(tables, calendar=calendar)
    got = run(plan(question, KPIS, store.datasets, calendar, state, {}, TODAY), warehouse)
    want = ask(question, KPIS, tables, calendar=calendar, state=state, connection=connect(tables))
    assert differences(got, want) == []


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


def test_a_slow_statement_is_interrupted_and_the_next_one_answers(warehouse: Spark) -> None:
    with pytest.raises(Unreachable, match="did not answer within 1 s"):
        warehouse.fetch("SELECT count(*) AS n FROM range(1000000000000) WHERE sqrt(id) * sin(id) > 2", timeout=1)
    assert warehouse.fetch("SELECT 1 AS a", timeout=60) == {"a": [1]}


def test_a_server_that_is_not_there_is_told_in_time(store: Any) -> None:
    with pytest.raises(Unreachable):
        Spark("sc://127.0.0.1:9").fetch("SELECT 1", timeout=2)
