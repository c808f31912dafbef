"""The matrix of questions meets what it says: every pair of values, every aggregate, every time function."""
from __future__ import annotations

from datetime import date
from itertools import combinations, product

from dashapp.query.names import bind
from dashapp.query.tree import AGGREGATES, TIME, Agg, Time, walk
from tests.conformance import matrix
from tests.query.shop import DATASETS
from tests.query.test_against_plain_python import KPIS


def test_every_value_of_an_axis_meets_every_value_of_every_other() -> None:
    cases = matrix.cases()
    for one, other in combinations(range(len(matrix.AXES)), 2):
        met = {(case[one], case[other]) for case in cases}
        assert met == set(product(range(len(matrix.AXES[one])), range(len(matrix.AXES[other]))))
    assert len(cases) < 80


def test_every_aggregate_and_time_function_is_asked() -> None:
    nodes = [n for kpi in KPIS.values() for n in walk(bind(kpi.formula, DATASETS, KPIS).tree)]
    assert {n.func for n in nodes if isinstance(n, Agg | Time)} == {*AGGREGATES, *TIME}


def test_the_rows_hold_missing_cells_in_every_column_that_may_have_them() -> None:
    rows = matrix.rows()["orders"]
    assert all(any(r[c] is None for r in rows) and any(r[c] is not None for r in rows)
               for c in rows[0] if c != "date")


def test_nobody_has_two_rows_on_one_day_and_nothing_else_is_changed() -> None:
    given = [{"customer_id": c, "date": date(2025, 3, d), "n": n} for n, (c, d) in
             enumerate((("a", 1), ("b", 1), ("a", 1), ("a", 2), (None, 1), (None, 1), ("b", 1)))]
    kept = matrix.once_a_day(given)
    assert [r["customer_id"] for r in kept] == ["a", "b", None, "a", None, None, None]
    assert [(r["date"], r["n"]) for r in kept] == [(r["date"], r["n"]) for r in given]
    assert [r["customer_id"] for r in given].count("a") == 3, "the rows given stay as they are"
