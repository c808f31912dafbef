"""Every aggregate x grain x split x filter x comparison x scope x calendar, against plain Python over random rows."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question, Top
from dashapp.core.where import Where, parse_where
from dashapp.query.names import bind
from tests.query.plainly import Plain, Span, holds, selection
from tests.query.shop import CATALOGUE_ROWS, DATASETS, SKUS, ask, connect, kpis, states

KPIS = kpis(
    revenue="sum(orders.revenue)",
    expression="sum(orders.qty * orders.price)",
    web='sum(orders.revenue, orders.channel == "web")',
    net="sum(orders.revenue - orders.qty * orders.price * 0.19)",
    ratio="sum(orders.revenue / orders.qty)",
    tea='sum(orders.revenue, orders.catalogue.category == "Tea")',
    cost="sum(orders.qty * orders.catalogue.cost)",
    average="avg(orders.price)",
    units="avg(orders.qty)",
    low="min(orders.price)",
    high="max(orders.qty, orders.qty <= 3)",
    middle="median(orders.price)",
    middling='median(orders.qty, orders.region in ["EMEA", "APAC"])',
    rows="count(orders)",
    priced='count(orders.price, orders.channel != "web")',
    people="distinct(orders.customer_id)",
    fans='distinct(orders.customer_id, contains(orders.region, "A") and (orders.qty > 1 or orders.price >= 5))',
    opening="first(orders.price)",
    closing="last(orders.price)",
    closed='last(orders.qty, orders.channel not in ["shop"])',
    fresh="new(orders.customer_id)",
    fresh_web='new(orders.customer_id, orders.channel == "web")',
    back="returning(orders.customer_id)",
    back_web='returning(orders.customer_id, orders.channel == "web")',
    gone="lost(orders.customer_id)",
    gone_emea='lost(orders.customer_id, orders.region == "EMEA")',
    retention="1 - lost(orders.customer_id) / previous(distinct(orders.customer_id))",
    basket="revenue / rows",
    growing="growth(revenue)",
    before="previous(basket)",
    last_year="year_ago(revenue)",
    month="rolling(revenue, 28)",
    fortnight="rolling(people, 14)",
    quarterly='rolling(basket, 13, "week")',
    to_date='to_date(revenue, "year")',
    people_to_date='to_date(people, "quarter")',
    leaving="rolling(gone, 30)",
    trend="growth(month)",
    margin="(revenue - sum(finance.cogs)) / revenue",
    cash="last(finance.cash)",
    cogs="growth(sum(finance.cogs))",
    tangle="-(revenue + 2.5) * 3 - -units / (1 - average)",
    price_list="avg(catalogue.cost)",
)
TREES = {k: bind(v.formula, DATASETS, KPIS).tree for k, v in KPIS.items()}
PRICES = [{**r, "catalogue.category": r["category"]} for r in CATALOGUE_ROWS]
START, DAYS = date(2024, 11, 20), 420

text = st.sampled_from(["EMEA", "APAC", "LATAM", None])
money = st.one_of(st.none(), st.integers(-50, 400).map(lambda n: Decimal(n) / 20))
order = st.fixed_dictionaries(
    {
        "date": st.integers(0, DAYS).map(lambda n: START + timedelta(n)),
        "sku": st.sampled_from([*SKUS, "s9", None]),
        "region": text,
        "channel": st.sampled_from(["web", "shop", None]),
        "customer_id": st.sampled_from(["a", "b", "c", "d", "e", None]),
        "qty": st.one_of(st.none(), st.integers(0, 16).map(lambda n: n / 4)),
        "price": money,
        "revenue": money,
    }
)
sheet = st.fixed_dictionaries(
    {
        "date": st.integers(0, 15).map(lambda n: date(2024 + (n + 10) // 12, (n + 10) % 12 + 1, 1)),
        "region": text,
        "cogs": money,
        "cash": money,
    }
)
where = st.sampled_from(
    [(), ("region=EMEA",), ("region!=EMEA|APAC",), ("channel=web|",), ("region~=A", "channel!=shop")]
)
calendars = st.builds(
    Calendar,
    st.sampled_from([1, 4, 10]),
    st.sampled_from([0, 6, 3]),
    st.sampled_from(["gregorian", "gregorian", "4-4-5", "5-4-4"]),
)
splits = st.sampled_from(
    [(), (), ("region",), ("region", "channel"), ("catalogue.category",), ("region", "channel", "sku")]
)


tops = st.none() | st.builds(Top, st.integers(1, 6), st.sampled_from([True, True, False]))


@st.composite
def questions(draw: Any) -> Question:
    grain = draw(st.sampled_from([Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.MONTH, Grain.QUARTER, Grain.YEAR]))
    first = START + timedelta(draw(st.integers(0, DAYS)))
    length = {Grain.DAY: 6, Grain.WEEK: 30, Grain.MONTH: 100}.get(grain, 300)
    span = DateRange(first, first + timedelta(draw(st.integers(0, length))))
    keys = draw(st.lists(st.sampled_from(sorted(KPIS)), min_size=4, max_size=9, unique=True))
    return Question(
        tuple(keys),
        grain,
        span,
        draw(splits),
        tuple(map(parse_where, draw(where))),
        draw(st.sampled_from(["none", "previous", "previous_year", "same_weekday"])),
        None,
        tuple(map(parse_where, draw(st.sampled_from([(), (), ("region=EMEA|APAC",)])))),
        draw(tops),
        draw(st.booleans()),
    )


def joined(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        r
        | {
            "catalogue.category": SKUS.get(r["sku"], (None,))[0],
            "catalogue.cost": Decimal(SKUS[r["sku"]][1]) if r["sku"] in SKUS else None,
        }
        for r in rows
    ]


def same(got: Any, want: Any, exact: bool = False) -> bool:
    if got is None or want is None:
        return got is None and want is None
    if exact:
        return Fraction(got) == want
    return math.isclose(float(got), float(want), rel_tol=1e-9, abs_tol=1e-7)


EXACT = {
    "revenue",
    "expression",
    "web",
    "tea",
    "cost",
    "rows",
    "priced",
    "people",
    "fans",
    "opening",
    "closing",
    "low",
    "high",
    "fresh",
    "back",
    "gone",
    "month",
    "to_date",
    "middle",
}


def check(question: Question, orders: list[dict[str, Any]], finance: list[dict[str, Any]], calendar: Calendar) -> None:
    tables = {"orders": orders, "catalogue": CATALOGUE_ROWS, "finance": finance}
    state = states(tables, calendar=calendar)
    plain = Plain(
        {"orders": joined(orders), "catalogue": PRICES, "finance": finance},
        DATASETS,
        TREES,
        calendar,
        state,
        question.where,
        question.scope,
    )
    answered = ask(question, KPIS, tables, calendar=calendar, state=state, connection=connect(tables))
    whole = tuple(calendar.periods(question.span, question.grain))
    move = {"previous": "back", "previous_year": "year", "same_weekday": "weekday"}.get(question.compare)
    for series in answered:
        tree = TREES[series.kpi]
        unanswerable = _lacks(series.kpi, question)
        named = [tuple(v for _, v in p.split) for p in series.parts]
        cases = [(p.period.label, (p.period,), p) for p in (*series.points, *series.sums)]
        cases += [("total", whole, t) for t in series.totals]
        assert {c[1] for c in cases if c[0] != "total"} in ({(p,) for p in whole}, set())
        for label, periods, got in cases:
            split, span = selection(question.by, got, named), Span(periods)
            want = None if unanswerable else plain.kpi(series.kpi, span, split)
            about = (series.kpi, label, split, got, want)
            assert same(got.value, want, series.kpi in EXACT), about
            assert (got.value is None) == bool(got.reason), about
            if move:
                other = replace(plain.stopped(series.kpi, span), moves=(move,))
                before = None if unanswerable or plain.begins_late(tree, other) else plain.figure(tree, other, split)
                assert same(got.compare.value, before, series.kpi in EXACT), (*about, before)
                if want is not None and before is not None:
                    assert same(got.compare.change, want - before), (*about, before)


def _lacks(kpi: str, question: Question) -> bool:
    """KPIs that read a dataset without the asked columns or with coarser rows have no value at all."""
    columns = {*question.by, *(w.column for w in (*question.where, *question.scope))}
    if kpi == "price_list":
        return bool(columns - {"catalogue.category"})
    if kpi in ("margin", "cash", "cogs"):
        return bool(columns - {"region"}) or question.grain in (Grain.DAY, Grain.WEEK)
    return False


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(questions(), st.lists(order, max_size=40), st.lists(sheet, max_size=12), calendars)
def test_every_figure_equals_plain_python(question: Question, orders: Any, finance: Any, calendar: Calendar) -> None:
    check(question, orders, finance, calendar)


@pytest.mark.long
@pytest.mark.timeout(3000)
@settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(), st.lists(order, max_size=120), st.lists(sheet, max_size=24), calendars)
def test_every_figure_equals_plain_python_at_length(
    question: Question, orders: Any, finance: Any, calendar: Calendar
) -> None:
    check(question, orders, finance, calendar)


@settings(max_examples=14, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    questions(),
    st.lists(order, max_size=40),
    st.sampled_from([("region=EMEA",), ("channel!=web",), ("region~=A", "channel=web|shop")]),
)
def test_a_data_scope_gives_what_the_rows_in_scope_alone_give(
    question: Question, orders: Any, texts: tuple[str, ...]
) -> None:
    scope: tuple[Where, ...] = tuple(map(parse_where, texts))
    state = states({"orders": orders})
    keys = tuple(k for k in question.kpis if k not in ("margin", "cash", "cogs", "price_list")) or ("revenue",)
    open_question = Question(keys, question.grain, question.span, question.by, question.where, question.compare)
    scoped = Question(keys, question.grain, question.span, question.by, question.where, question.compare, None, scope)
    kept = [r for r in orders if holds(r, scope)]
    want = ask(open_question, KPIS, {"orders": kept, "catalogue": CATALOGUE_ROWS}, state=state)
    got = ask(scoped, KPIS, {"orders": orders, "catalogue": CATALOGUE_ROWS}, state=state)
    assert [s.to_json() for s in got] == [s.to_json() for s in want]
