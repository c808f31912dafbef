"""Formulas nobody thought of, over the whole language, against plain Python.

Every aggregate and condition, joined columns, other KPIs and datasets, time functions around and inside each other;
asked at every grain of every calendar, split, filtered, compared, under a data scope, in unfinished periods.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.datastate import DataState
from dashapp.core.kpi import Kpi
from dashapp.core.period import QUESTION_GRAINS, DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.where import parse_where
from dashapp.query.names import bind
from dashapp.query.tree import AGGREGATES, TEXT, TIME, Agg, Cmp, Time, walk
from tests.query.plainly import Plain, Span, selection
from tests.query.shop import CATALOGUE_ROWS, DATASETS, ask, connect, kpis, states
from tests.query.test_against_plain_python import DAYS, PRICES, START, joined, order, same, sheet, tops

BASE = kpis(revenue="sum(orders.revenue)", people="distinct(orders.customer_id)", cogs="sum(finance.cogs)",
            basket="revenue / count(orders)", prices="avg(catalogue.cost)")
TODAY = date(2026, 3, 31)

number = st.sampled_from(["orders.qty", "orders.price", "orders.revenue", "orders.catalogue.cost"])
row = st.recursive(
    number | st.sampled_from(["2", "0.25"]),
    lambda x: st.builds("({} {} {})".format, x, st.sampled_from("+-*"), x) | st.builds("(-{})".format, x),
    max_leaves=3,
).filter(lambda text: "orders" in text) | st.builds("{} / {}".format, number, number)
dimension = st.sampled_from(["orders.region", "orders.channel", "orders.sku", "orders.catalogue.category"])
word = st.sampled_from(['"EMEA"', '"web"', '"s1"', '"Tea"', '"A"', '""', '"nowhere"'])
test = (
    st.builds("{} {} {}".format, dimension, st.sampled_from(["==", "!="]), word)
    | st.builds("{} {} [{}, {}]".format, dimension, st.sampled_from(["in", "not in"]), word, word)
    | st.builds("contains({}, {})".format, dimension, st.sampled_from(['"A"', '"e"', '"s"']))
    | st.builds("{} {} {}".format, number, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
                st.sampled_from(["0", "1.25", "2", "5", "-1"]))
    | st.builds("{} {} [1, 2.5, 0]".format, number, st.sampled_from(["in", "not in"]))
    | st.builds('orders.date {} "{}"'.format, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
                st.sampled_from(["2025-03-01", "2025-06-30", "2025-10-05"]))
)
condition = st.recursive(
    test, lambda c: st.builds("({} {} {})".format, c, st.sampled_from(["and", "or"]), c), max_leaves=3
)


def optional(text: str) -> Any:
    return st.just(f"{text})") | st.builds(f"{text}, {{}})".format, condition)


aggregate = (
    st.tuples(st.sampled_from(["sum", "avg", "min", "max", "median", "first", "last"]), row).flatmap(
        lambda t: optional(f"{t[0]}({t[1]}"))
    | st.sampled_from(["count(orders.price", "count(orders.region", "distinct(orders.customer_id",
                       "distinct(orders.region", "distinct(orders.catalogue.category", "new(orders.customer_id",
                       "returning(orders.customer_id", "lost(orders.customer_id", "count(orders"]).flatmap(optional)
    | st.sampled_from(["sum(finance.cogs)", "last(finance.cash)", "sum(finance.cogs, finance.region == \"EMEA\")",
                       "count(finance)", "max(catalogue.cost)"])
)
leaf = aggregate | aggregate | st.sampled_from(sorted(BASE))
scalar = leaf | st.sampled_from(["3", "0.5"])
plain_formula = leaf | st.builds("({} {} {})".format, leaf, st.sampled_from("+*/"), scalar)
timed = st.recursive(
    plain_formula
    | st.builds("rolling({}, {})".format, plain_formula,
                st.sampled_from(["7", "30", '2, "week"', '2, "month"', '1, "quarter"', '1, "year"']))
    | st.builds('to_date({}, "{}")'.format, plain_formula, st.sampled_from(["year", "quarter", "month", "week"])),
    lambda x: st.builds("{}({})".format, st.sampled_from(["previous", "year_ago", "growth"]), x),
    max_leaves=2,
)
formula = timed | st.builds("({} {} {})".format, timed, st.sampled_from("+*/"), timed)
calendars = st.builds(Calendar, st.integers(1, 12), st.integers(0, 6),
                      st.sampled_from(["gregorian", "gregorian", "4-4-5", "4-5-4", "5-4-4"]))
filters = st.lists(st.sampled_from([
    "region=EMEA", "region!=EMEA|APAC", "region=|APAC", "region!=", "region~=A", "channel=web|shop",
    "catalogue.category=Tea", "catalogue.category!=Tea", "qty=1|2.5|nothing", "price!=2", "date!=2025-03-01",
]), max_size=2, unique=True)
splits = st.sampled_from([(), (), ("region",), ("catalogue.category", "region"), ("channel", "customer_id"),
                          ("region", "channel", "sku"), ("catalogue.category", "channel", "region")])


@st.composite
def cases(draw: Any, most: int) -> Any:
    """A question about three formulas, the rows, the calendar and how far the data of each dataset reach."""
    grain = draw(st.sampled_from(QUESTION_GRAINS))
    first = START + timedelta(draw(st.integers(0, DAYS)))
    length = {Grain.DAY: 5, Grain.WEEK: 24, Grain.MONTH: 90}.get(grain, 250)
    span = DateRange(first, first + timedelta(draw(st.integers(0, length))))
    definitions = BASE | {
        f"f{n}": Kpi(f"f{n}", f"f{n}", draw(formula), absent_is_zero=draw(st.booleans())) for n in range(3)
    }
    question = Question(
        ("f0", "f1", "f2"), grain, span, draw(splits), tuple(sorted(map(parse_where, draw(filters)))),
        draw(st.sampled_from(["none", "previous", "previous_year", "same_weekday"])), None,
        tuple(map(parse_where, draw(st.sampled_from([(), (), ("region=EMEA|APAC",), ("channel!=web",)])))),
        draw(tops), draw(st.booleans()),
    )
    tables = {"orders": draw(st.lists(order, max_size=most)), "catalogue": CATALOGUE_ROWS,
              "finance": draw(st.lists(sheet, max_size=most // 3))}
    late = {k: draw(st.none() | st.integers(0, 40)) for k in ("orders", "finance")}
    return question, definitions, tables, draw(calendars), late


def reaching(state: dict[str, DataState], late: dict[str, int | None]) -> dict[str, DataState]:
    """The states with data declared complete some days beyond the last row, for those that say so."""
    return state | {
        k: replace(state[k], data_through=min(state[k].last + timedelta(n), TODAY))  # type: ignore[operator]
        for k, n in late.items() if n is not None and state[k].last
    }


def lacking(question: Question) -> frozenset[str]:
    """Datasets that have not every column asked for, or whose rows are too coarse."""
    asked = {*question.by, *(w.column for w in (*question.where, *question.scope))}
    known = {"orders": {"region", "channel", "sku", "customer_id", "qty", "price", "date", "catalogue.category"},
             "finance": {"region", "date"}, "catalogue": {"catalogue.category"}}
    coarse = {"finance"} if question.grain in (Grain.DAY, Grain.WEEK) else set()
    return frozenset(coarse | {d for d, columns in known.items() if asked - columns})


def compare(case: Any) -> None:
    question, definitions, tables, calendar, late = case
    state = reaching(states(tables, calendar=calendar), late)
    trees = {k: bind(v.formula, DATASETS, definitions).tree for k, v in definitions.items()}
    plain = Plain(
        {"orders": joined(tables["orders"]), "catalogue": PRICES, "finance": tables["finance"]}, DATASETS, trees,
        calendar, state, question.where, question.scope, lacking(question),
        frozenset(k for k, v in definitions.items() if v.absent_is_zero),
    )
    whole = tuple(calendar.periods(question.span, question.grain))
    move = {"previous": "back", "previous_year": "year", "same_weekday": "weekday"}.get(question.compare)
    for series in ask(question, definitions, tables, calendar=calendar, state=state, connection=connect(tables)):
        named = [tuple(v for _, v in p.split) for p in series.parts]
        for got in (*series.points, *series.sums, *series.totals):
            asked = Span((got.period,) if hasattr(got, "period") else whole)
            split = selection(question.by, got, named)
            want = plain.kpi(series.kpi, asked, split)
            about = (definitions[series.kpi].formula, asked.periods[0].label, split, got, want)
            assert same(got.value, want), about
            assert (got.value is None) == bool(got.reason), about
            if move:
                other = replace(plain.stopped(series.kpi, asked), moves=(move,), zero=series.kpi in plain.zeros)
                tree = trees[series.kpi]
                before = None if plain.begins_late(tree, other) else plain.figure(tree, other, split)
                assert same(got.compare.value, before), (*about, before)
                if want is not None and before is not None:
                    assert same(got.compare.change, want - before), (*about, before)
                    assert before == 0 or same(got.compare.change_ratio, (want - before) / abs(before)), about
    for tree in (trees["f0"], trees["f1"], trees["f2"]):
        for node in walk(tree):
            if isinstance(node, Agg | Time):
                event(node.func)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(cases(30))
def test_any_formula_equals_plain_python(case: Any) -> None:
    compare(case)


@pytest.mark.long
@pytest.mark.timeout(3000)
@settings(max_examples=1300, suppress_health_check=list(HealthCheck), derandomize=False)
@given(cases(90))
def test_any_formula_equals_plain_python_at_length(case: Any) -> None:
    compare(case)


def test_the_random_formulas_use_the_whole_language() -> None:
    found: set[str] = set()

    @settings(max_examples=400, suppress_health_check=list(HealthCheck), database=None)
    @given(formula)
    def collect(text: str) -> None:
        nodes = list(walk(bind(text, DATASETS, BASE).tree))
        found.update(n.func for n in nodes if isinstance(n, Agg | Time))
        found.update(n.op for n in nodes if isinstance(n, Cmp))

    collect()
    assert found >= {*AGGREGATES, *TIME, *TEXT, "==", "!=", "<", "<=", ">", ">=", "in", "not in"}
