"""A data scope of any shape gives what the rows inside it alone would give, whatever the formula, filter and split.

The rows are cut by plain Python, with a reading of conditions of its own. Histories of customers follow: within a scope
a customer is new on the first row inside it, and a filter of the question does not change that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from dashapp.core.where import Where
from dashapp.query.names import bind
from tests.query.plainly import Plain, holds
from tests.query.shop import CATALOGUE_ROWS, DATASETS, ask, connect, states
from tests.query.test_against_plain_python import PRICES, joined
from tests.query.test_random_formulas import cases, reaching

VALUES = {
    "region": ["EMEA", "APAC", "LATAM", "", "nowhere"],
    "channel": ["web", "shop", ""],
    "sku": ["s1", "s2", "s3", "s9", ""],
    "customer_id": ["a", "b", "c", "d", "e", ""],
    "catalogue.category": ["Tea", "Cake", "", "nowhere"],
}
HAS = {"orders": set(VALUES), "catalogue": {"catalogue.category"}, "finance": {"region"}}
PARTS = {"region": ["A", "E", "EMEA"], "channel": ["e", "o"], "sku": ["s", "1"], "catalogue.category": ["a", "Tea"]}


def _listed(column: str) -> Any:
    values = st.lists(st.sampled_from(VALUES[column]), min_size=1, max_size=3, unique=True)
    return st.builds(lambda op, found: Where(column, op, tuple(sorted(found))), st.sampled_from(["=", "!="]), values)


condition = st.sampled_from(sorted(VALUES)).flatmap(_listed) | st.sampled_from(sorted(PARTS)).flatmap(
    lambda column: st.sampled_from(PARTS[column]).map(lambda text: Where(column, "~=", (text,))))
scopes = st.lists(condition, min_size=1, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))


def within(tables: dict[str, Any], scope: tuple[Where, ...]) -> dict[str, Any]:
    """The rows that somebody without a scope would have to hold; a dataset without the scope's columns keeps its own,
    since its figures are refused."""
    seen = {"orders": joined(tables["orders"]), "catalogue": PRICES, "finance": tables["finance"]}
    return {key: [own for own, row in zip(tables[key], rows, strict=True) if holds(row, scope)]
            if _columns(scope) <= HAS[key] else tables[key] for key, rows in seen.items()}


def _columns(scope: tuple[Where, ...]) -> set[str]:
    return {w.column for w in scope}


def compare(case: Any, scope: tuple[Where, ...]) -> None:
    question, definitions, tables, calendar, late = case
    state = reaching(states(tables, calendar=calendar), late)  # how far the data reach is no secret of a scope
    trees = {k: bind(v.formula, DATASETS, definitions).tree for k, v in definitions.items()}
    reads = Plain({}, DATASETS, trees, calendar, state).reads
    refused = {key for key, known in HAS.items() if _columns(scope) - known}
    if any(reads(trees[k]) & refused for k in question.kpis):
        question = replace(question, top=None)  # a KPI that is refused ranks nothing: another one would, and rightly
    free, scoped = replace(question, scope=()), replace(question, scope=scope)
    cut = within(tables, scope)
    want = ask(free, definitions, cut, calendar=calendar, state=state, connection=connect(cut))
    got = ask(scoped, definitions, tables, calendar=calendar, state=state, connection=connect(tables))
    for mine, whole in zip(got, want, strict=True):
        if reads(trees[mine.kpi]) & refused:
            event("refused")
            shown = [p for p in (*mine.points, *mine.totals) if p.value is not None or not p.reason]
            assert shown == [], definitions[mine.kpi].formula
            continue
        event("compared" if len(cut["orders"]) < len(tables["orders"]) else "nothing cut")
        assert mine.to_json() == whole.to_json(), (definitions[mine.kpi].formula, scope)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cases(40), scopes)
def test_b5_a_random_scope_gives_what_its_rows_alone_give(case: Any, scope: tuple[Where, ...]) -> None:
    compare(case, scope)


@pytest.mark.long
@pytest.mark.timeout(3000)
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(120), scopes)
def test_b5_a_random_scope_gives_what_its_rows_alone_give_at_length(case: Any, scope: tuple[Where, ...]) -> None:
    compare(case, scope)


def test_the_cut_is_a_real_one() -> None:
    """A comparison of equal tables would prove nothing."""
    rows = [{"sku": s, "region": r} for s in ("s1", "s2", "s9") for r in ("EMEA", None)]
    tables = {"orders": rows, "catalogue": CATALOGUE_ROWS, "finance": []}
    assert within(tables, (Where("catalogue.category", "=", ("Tea",)),))["orders"] == rows[:2]
    assert within(tables, (Where("region", "!=", ("EMEA",)), Where("sku", "~=", ("9",))))["orders"] == rows[5:]
