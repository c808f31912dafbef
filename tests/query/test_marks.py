"""Statements compiled once for all values of a filter: the same as compiled for each, whatever people type."""
from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlglot
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.datastate import DataState
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.where import Where
from dashapp.query import compile as compiling
from dashapp.query.compile import plan
from dashapp.query.marks import filled, seal_of, shapes

ORDERS = Dataset("orders", "Orders", columns=(
    Column("date", "date", RoleOf.DATE, "date"), Column("region", "region", RoleOf.DIMENSION, "text"),
    Column("customer", "customer", RoleOf.ENTITY, "text"), Column("qty", "qty", RoleOf.MEASURE, "number"),
    Column("revenue", "revenue", RoleOf.MEASURE, "money")))
KPIS = {k: Kpi(k, k, f) for k, f in {
    "web": 'sum(orders.revenue, orders.region == "EMEA")', "new": "new(orders.customer)",
    "who": "distinct(orders.customer)", "middle": "median(orders.qty)"}.items()}
SPAN = DateRange(date(2026, 1, 1), date(2026, 3, 31))
STATE = {"orders": DataState(date(2025, 1, 1), SPAN.end, SPAN.end, dict.fromkeys(range(7), 50))}
TEXTS = (st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
         | st.sampled_from(("'", "''", "\\", "\\'", "0", "1")))
WHERES = st.lists(st.one_of(
    st.builds(Where, st.just("region"), st.sampled_from(("=", "!=")),
              st.lists(TEXTS, min_size=1, max_size=3).map(tuple)),
    st.builds(Where, st.just("region"), st.just("~="), st.tuples(TEXTS)),
    st.builds(Where, st.just("qty"), st.sampled_from(("=", "!=")), st.tuples(st.sampled_from(("1", "2.5", "x", ""))))),
    max_size=2).map(tuple)


def statements(where: tuple[Where, ...] = (), scope: tuple[Where, ...] = ()) -> list[str]:
    asked = Question(tuple(KPIS), Grain.MONTH, SPAN, ("region",), where, scope=scope)
    compiled = plan(asked, KPIS, {"orders": ORDERS}, Calendar(), STATE, {}, SPAN.end)
    return [s.sql for s in compiled.scans]


def literally(where: tuple[Where, ...], scope: tuple[Where, ...]) -> list[str]:
    """The same compiled for these very values."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "shapes", lambda groups, _is_text: (list(groups), ()))
        patch.setattr(compiling, "marked", lambda wheres, _is_text, _seal: wheres)
        compiling._compiled.cache_clear()
        found = statements(where, scope)
    compiling._compiled.cache_clear()
    return found


@settings(max_examples=25)
@given(WHERES, WHERES)
def test_marks_give_the_statements_of_the_values(where: tuple[Where, ...], scope: tuple[Where, ...]) -> None:
    """Equal but for line breaks, which depend on how long the texts are, and for saying the same condition twice."""
    assume(len({*where, *scope}) == len(where) + len(scope))
    marked, literal = ([sqlglot.parse_one(s, read="duckdb") for s in found]
                       for found in (statements(where, scope), literally(where, scope)))
    assert marked == literal


def test_another_value_compiles_nothing_and_another_shape_does() -> None:
    compiling._compiled.cache_clear()
    for value in ("EMEA", "O'Brien", "APAC", "0"):
        (text, *_) = statements((Where("region", "=", (value,)),))
        assert f"'{value.replace(chr(39), chr(39) * 2)}'" in text
    assert compiling._compiled.cache_info().misses == 1
    shapes_of_others = [(Where("region", "!=", ("A",)),), (Where("region", "=", ("A", "B")),), (),
                        (Where("region", "=", ("",)),), (Where("customer", "=", ("A",)),)]
    for where in shapes_of_others:
        statements(where)
    assert compiling._compiled.cache_info().misses == 1 + len(shapes_of_others)


def test_filter_and_scope_never_swap_their_values() -> None:
    (text, *_) = statements((Where("region", "=", ("mine",)),), (Where("region", "!=", ("yours",)),))
    (other, *_) = statements((Where("region", "=", ("yours",)),), (Where("region", "!=", ("mine",)),))
    assert text != other
    assert text.replace("mine", "§").replace("yours", "mine").replace("§", "yours") == other


def test_a_new_version_of_the_data_compiles_nothing() -> None:
    compiling._compiled.cache_clear()
    asked = Question(tuple(KPIS), Grain.MONTH, SPAN)
    for version in (1, 2):
        plan(asked, KPIS, {"orders": replace(ORDERS, version=version)}, Calendar(), STATE, {}, SPAN.end)
    assert compiling._compiled.cache_info().misses == 1


def test_no_text_that_somebody_types_passes_for_a_mark() -> None:
    (shape,), values = shapes([(Where("region", "=", ("a", "")),)], lambda _: True)
    assert (shape, values) == ((Where("region", "=", ("0", "")),), ("a",))
    seal = seal_of((shape, "formula"))
    assert filled(f"x = '{seal}:0' OR y = '0' OR z = ':0'", seal, ("it's",), "duckdb") == \
        "x = 'it''s' OR y = '0' OR z = ':0'"
    sly = f"{seal}:0"
    assert filled(f"x = '{seal}:0' OR y = '{seal}:1'", seal, (sly, "b"), "duckdb") == f"x = '{sly}' OR y = 'b'"
