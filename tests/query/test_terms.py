"""Terms of a figure: the values that were used, so that putting them into the formula gives the figure again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.derivation import Term
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.query.answer import answer
from dashapp.query.compile import plan
from dashapp.query.explain import expanded, explain
from dashapp.query.planned import Plan
from dashapp.query.terms import terms
from dashapp.query.tree import Agg, Bin, Neg, Num, Ref, Time, unparse, walk
from tests.query.shop import DATASETS, Calendar, connect, kpis, states

ORDERS = [
    {"date": date(2025, 1, 1) + timedelta(n * 5), "revenue": Decimal(n % 7 + 1), "qty": float(n % 5),
     "price": Decimal(n % 3), "region": ("EMEA", "APAC", None)[n % 3], "customer_id": "abcdefg"[n * n % 7]}
    for n in range(88)
]
FINANCE = [{"date": date(2025, m, 1), "cogs": Decimal(m), "region": "EMEA"} for m in range(1, 13)]
TABLES = {"orders": ORDERS, "finance": FINANCE}
BASE = kpis(
    revenue="sum(orders.revenue)",
    basket="revenue / count(orders)",
    margin="(revenue - sum(finance.cogs)) / revenue",
    recent='rolling(basket, 3, "month")',
    retention="1 - lost(orders.customer_id) / previous(distinct(orders.customer_id))",
)
TODAY = date(2026, 3, 16)


def explained(
    formula: str, day: date = date(2025, 8, 1), grain: Grain = Grain.MONTH, kpi: Kpi | None = None, **more: Any
) -> tuple[Any, tuple[Term, ...], Plan]:
    """The point, the terms and the plan of one formula in the period that holds a day."""
    definitions = BASE | {"asked": kpi or Kpi("asked", "asked", formula)}
    asked = Question(("asked",), grain, DateRange(day, day), **more)
    compiled = plan(asked, definitions, DATASETS, Calendar(), states(TABLES, today=TODAY), {}, TODAY)
    connection = connect(TABLES)
    results = {s.name: connection.cursor().sql(s.sql).to_arrow_table() for s in compiled.scans}
    [series] = answer(compiled, results)
    return series.points[0], terms(compiled, results, "asked", compiled.periods[0]), compiled


def recomputed(node: Any, around: tuple[str, ...], values: Mapping[str, Any], trees: Mapping[str, Any]) -> Any:
    """The formula from its terms. around: texts such as `previous({})` that stand around the node."""
    if isinstance(node, Num):
        return Fraction(node.value)
    if isinstance(node, Ref):
        return recomputed(trees[node.key], around, values, trees)
    if isinstance(node, Agg):
        text = unparse(node)
        for outer in reversed(around):
            text = outer.format(text)
        value = values[text]
        return None if value is None else Fraction(value)
    if isinstance(node, Neg):
        x = recomputed(node.x, around, values, trees)
        return None if x is None else -x
    if isinstance(node, Bin):
        a, b = (recomputed(n, around, values, trees) for n in (node.left, node.right))
        if a is None or b is None or (node.op == "/" and b == 0):
            return None
        return {"+": a + b, "-": a - b, "*": a * b}[node.op] if node.op != "/" else a / b
    assert isinstance(node, Time)
    if node.func in ("rolling", "to_date"):
        return recomputed(node.x, (*around, unparse(replace(node, x=Ref("{}")))), values, trees)
    name = "previous" if node.func == "growth" else node.func
    before = recomputed(node.x, (*around, name + "({})"), values, trees)
    if node.func != "growth":
        return before
    now = recomputed(node.x, around, values, trees)
    return None if now is None or not before else (now - before) / abs(before)


plain = st.recursive(
    st.sampled_from([
        "sum(orders.revenue)", "revenue", "basket", "margin", "3", "0.5", "count(orders)", "last(orders.price)",
        'avg(orders.qty, orders.region == "EMEA")', "new(orders.customer_id)", "distinct(orders.customer_id)",
        "returning(orders.customer_id)", "lost(orders.customer_id)", "median(orders.qty)", "sum(finance.cogs)",
    ]),
    lambda x: st.builds("({} {} {})".format, x, st.sampled_from("+-*/"), x) | st.builds("-({})".format, x),
    max_leaves=4,
)
widened = plain | st.builds(
    "{}({}, {})".format, st.just("rolling"), plain, st.sampled_from(['2, "month"', '1, "quarter"'])
) | st.builds('to_date({}, "{}")'.format, plain, st.sampled_from(["year", "quarter"]))
timed = st.recursive(
    widened,
    lambda x: st.builds("{}({})".format, st.sampled_from(["previous", "year_ago", "growth"]), x)
    | st.builds("({} {} {})".format, x, st.sampled_from("+-*/"), x),
    max_leaves=3,
)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(timed, st.sampled_from([date(2025, 8, 1), date(2026, 2, 3), date(2026, 3, 1), date(2025, 1, 1)]))
def test_putting_the_terms_into_any_formula_gives_the_figure(formula: str, day: date) -> None:
    point, found, compiled = explained(formula, day)
    values = {t.formula: t.value for t in found}
    assert len(values) == len(found)
    trees = {k: d.tree for k, d in compiled.definitions.items()}
    want = recomputed(trees["asked"], (), values, trees)
    assert (point.value is None) == (want is None), (formula, found, point)
    if want is not None:
        assert math.isclose(float(point.value), float(want), rel_tol=1e-9, abs_tol=1e-9), (formula, found)


@pytest.mark.parametrize(
    ("formula", "term", "first", "last"),
    [
        ("previous(revenue)", "previous(sum(orders.revenue))", date(2025, 7, 1), date(2025, 7, 31)),
        ("rolling(revenue, 28)", "rolling(sum(orders.revenue), 28)", date(2025, 8, 4), date(2025, 8, 31)),
        ('to_date(revenue, "year")', 'to_date(sum(orders.revenue), "year")', date(2025, 1, 1), date(2025, 8, 31)),
        (
            "previous(recent)", 'previous(rolling(sum(orders.revenue), 3, "month"))',
            date(2025, 5, 1), date(2025, 7, 31),
        ),
    ],
)
def test_a_term_is_the_value_of_the_time_it_was_taken_from(formula: str, term: str, first: date, last: date) -> None:
    _, found, _ = explained(formula)
    mine = next(t for t in found if t.formula == term)
    inside = [r for r in ORDERS if first <= r["date"] <= last]
    want = len(inside) if "count" in term else sum(r["revenue"] for r in inside)
    assert (mine.start, mine.end) == (first, last)
    assert mine.value == (want if inside else None)


def test_a_term_from_before_the_data_has_no_value_and_says_since_when_there_are_some() -> None:
    point, found, _ = explained("year_ago(count(orders))")
    assert point.reason == found[0].reason == "Data begin on 1 Jan 2025."
    assert (found[0].formula, found[0].value) == ("year_ago(count(orders))", None)
    _, [found_later], _ = explained("year_ago(count(orders))", date(2026, 1, 1))
    assert found_later.value == len([r for r in ORDERS if r["date"] < date(2025, 2, 1)])


def test_growth_has_both_its_terms() -> None:
    point, found, _ = explained("growth(revenue)")
    now, before = (
        sum(r["revenue"] for r in ORDERS if (r["date"].year, r["date"].month) == (2025, m)) for m in (8, 7)
    )
    assert {t.formula: t.value for t in found} == {
        "sum(orders.revenue)": now, "previous(sum(orders.revenue))": before,
    }
    assert math.isclose(float(point.value), float(now / before - 1))


def test_the_terms_of_an_unfinished_period_cover_its_elapsed_part() -> None:
    _, found, _ = explained("growth(revenue)", date(2026, 3, 2))
    spans = {t.formula: (t.start, t.end) for t in found}
    assert ORDERS[-1]["date"] == date(2026, 3, 12)
    assert spans["previous(sum(orders.revenue))"] == (date(2026, 2, 1), date(2026, 2, 12))


def test_terms_over_two_datasets_stop_where_the_figure_does() -> None:
    point, found, _ = explained("margin", date(2025, 12, 1), Grain.YEAR)
    assert {t.end for t in found} == {date(2025, 12, 31)}
    late, found, _ = explained("margin", date(2026, 1, 1), Grain.YEAR)
    assert point.value is not None
    assert late.value is None
    assert {t.value for t in found} == {None}, "no term says more than the figure could use"


def test_absence_that_counts_as_zero_is_a_term_of_zero() -> None:
    zero = Kpi("asked", "asked", 'sum(orders.revenue) + previous(sum(orders.revenue))', absent_is_zero=True)
    rows = explained(zero.formula, date(2025, 8, 1), Grain.DAY, kpi=zero)
    point, found, _ = rows
    assert {t.formula: t.value for t in found} == {
        "sum(orders.revenue)": next((r["revenue"] for r in ORDERS if r["date"] == date(2025, 8, 1)), 0),
        "previous(sum(orders.revenue))": next((r["revenue"] for r in ORDERS if r["date"] == date(2025, 7, 31)), 0),
    }
    assert point.value == sum(t.value for t in found)


def test_every_term_is_a_formula_of_its_own_with_the_same_value() -> None:
    _, found, _ = explained('growth(rolling(basket, 2, "month")) + previous(retention)')
    assert len(found) >= 6
    for term in found:
        alone, _, _ = explained(term.formula)
        assert alone.value == term.value, term


def test_the_terms_of_a_split_are_those_of_its_rows() -> None:
    definitions = BASE | kpis(asked="growth(revenue)")
    asked = Question(("asked",), Grain.MONTH, DateRange(date(2025, 8, 1), date(2025, 8, 31)), ("region",))
    compiled = plan(asked, definitions, DATASETS, Calendar(), states(TABLES, today=TODAY), {}, TODAY)
    connection = connect(TABLES)
    results = {s.name: connection.cursor().sql(s.sql).to_arrow_table() for s in compiled.scans}
    for region in ("EMEA", "APAC", None):
        found = terms(compiled, results, "asked", compiled.periods[0], (region,))
        for term, month in zip(found, (7, 8), strict=True):
            rows = [r for r in ORDERS if r["region"] == region and (r["date"].year, r["date"].month) == (2025, month)]
            assert term.value == sum(r["revenue"] for r in rows)


# written out ----------------------------------------------------------------------------------------------------
def doubled(depth: int, form: str = "k{0} + k{0}") -> dict[str, Kpi]:
    chain = {f"k{n}": form.format(n - 1) for n in range(1, depth + 1)}
    return kpis(k0="sum(orders.revenue)", **chain)


def chained(definitions: dict[str, Kpi], key: str) -> Plan:
    asked = Question((key,), Grain.MONTH, DateRange(date(2025, 8, 1), date(2025, 8, 31)))
    return plan(asked, definitions, DATASETS, Calendar(), states(TABLES, today=TODAY), {}, TODAY)


def test_thirty_kpis_that_each_use_the_one_below_twice_are_written_out_as_far_as_a_reader_can_follow() -> None:
    compiled = chained(doubled(30), "k30")
    found = explain(compiled)
    assert found.left == ("k24",)
    assert found.expanded.count("k24") == 64
    assert len(found.expanded) < 600
    assert found.terms == ("sum(orders.revenue)",)
    connection = connect(TABLES)
    results = {s.name: connection.cursor().sql(s.sql).to_arrow_table() for s in compiled.scans}
    august = sum(r["revenue"] for r in ORDERS if (r["date"].year, r["date"].month) == (2025, 8))
    [series] = answer(compiled, results)
    assert series.points[0].value == august * 2**30
    assert [t.value for t in terms(compiled, results, "k30", compiled.periods[0])] == [august]


def test_what_stays_a_name_keeps_the_meaning_of_the_formula() -> None:
    definitions = doubled(9)
    compiled = chained(definitions, "k9")
    short = expanded(compiled.definitions["k9"].tree, compiled.definitions, 40)
    assert {n.key for n in walk(short) if isinstance(n, Ref)} == {"k5"}
    again, connection = chained(definitions | kpis(k9=unparse(short)), "k9"), connect(TABLES)
    one, other = (
        answer(c, {s.name: connection.cursor().sql(s.sql).to_arrow_table() for s in c.scans})[0].points[0].value
        for c in (compiled, again)
    )
    assert one == other


def test_a_short_chain_is_written_out_in_full_and_leaves_nothing() -> None:
    found = explain(chained(doubled(3), "k3"))
    assert found.left == ()
    assert found.expanded.count("sum(orders.revenue)") == 8


def test_time_functions_through_many_kpis_are_refused_with_a_reason_not_computed_forever() -> None:
    compiled = chained(doubled(30, "previous(k{0}) + year_ago(k{0})"), "k30")
    connection = connect(TABLES)
    results = {s.name: connection.cursor().sql(s.sql).to_arrow_table() for s in compiled.scans}
    [series] = answer(compiled, results)
    assert "More than 8 time functions" in str(series.points[0].reason)


def test_a_chain_of_hundreds_of_kpis_has_a_reason_instead_of_a_crash() -> None:
    compiled = chained(doubled(400), "k400")
    assert "more than 60 other KPIs" in explain(compiled).problem
    [series] = answer(compiled, {})
    assert "more than 60 other KPIs" in str(series.points[0].reason)
