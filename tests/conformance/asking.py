"""The shop's questions asked of a warehouse, whatever its engine, and held against what DuckDB says."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashapp.core.dataset import Dataset
from dashapp.core.question import Question
from dashapp.facts.engines import Warehouse
from dashapp.query.compile import plan as compile_plan
from dashapp.query.planned import Plan
from dashapp.query.shaped import shaped
from tests.conformance import matrix
from tests.conformance.comparing import differences
from tests.query.shop import TODAY, answered, ask, states
from tests.query.test_against_plain_python import KPIS

PATIENCE = 60  # seconds per statement
Datasets = Mapping[str, Dataset]
Shelves = tuple[dict[str, Any], Any]  # the rows of the matrix by dataset, and a DuckDB that holds them


def fetched(plan: Plan, warehouse: Warehouse) -> dict[str, Any]:
    """What the warehouse gives for each scan of the plan."""
    return {s.name: shaped(warehouse.fetch(s.sql, timeout=PATIENCE), s.expression) for s in plan.scans}


def ask_there(question: Question, warehouse: Warehouse, datasets: Datasets, calendar: Any, state: Any,
              definitions: Any) -> Any:
    """As `shop.ask`, of datasets that are all in the warehouse: in two steps where only the largest are wanted."""
    def compiled(asked: Question, kept: Any, *, only_ranked: bool) -> Plan:
        return compile_plan(asked, definitions, datasets, calendar, state, {}, TODAY, kept, only_ranked=only_ranked)

    return answered(question, compiled, lambda plan: fetched(plan, warehouse))


def ask_matrix(cases: Iterable[matrix.Case], shelves: Shelves, warehouse: Warehouse, datasets: Datasets) -> int:
    """Ask every case of DuckDB and of the warehouse, which holds the same rows; how many figures had a value.

    Fails with the first question whose answers are not the same.
    """
    tables, connection = shelves
    valued = 0
    for seed, case in enumerate(cases):
        question, calendar = matrix.question(case, seed)
        state = states(tables, calendar=calendar)
        got = ask_there(question, warehouse, datasets, calendar, state, KPIS)
        want = ask(question, KPIS, tables, calendar=calendar, state=state, connection=connection)
        assert differences(got, want) == [], question
        valued += sum(p.value is not None for s in got for p in (*s.points, *s.sums, *s.totals))
    return valued
