"""Distinct, returning and lost customers by sets: the figures of plain Python sets, and when rows are read instead."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question, Top
from dashapp.core.where import parse_where, parse_wheres
from dashapp.query.compile import plan
from tests.query.plainly import belongs, holds, selection
from tests.query.shop import CATALOGUE_ROWS, DATASETS, SKUS, TODAY, answered, connect, kpis, results, states
from tests.query.test_rollups import SPEC, build

KPIS = kpis(
    people="distinct(orders.customer_id)",
    web='distinct(orders.customer_id, orders.channel == "web")',
    half='rolling(people, 6, "month")',
    tea='distinct(orders.customer_id, orders.catalogue.category == "Tea")',
    many="distinct(orders.customer_id, orders.qty > 1)",
    year='to_date(people, "year")',
    fortnight="rolling(people, 14)",
    back="returning(orders.customer_id)",
    gone="lost(orders.customer_id)",
    back_web='returning(orders.customer_id, orders.channel == "web")',
    gone_web='lost(orders.customer_id, orders.channel == "web")',
    fresh="new(orders.customer_id)",
    skus="distinct(orders.sku)",
)
WIDE = replace(SPEC, dimensions=("region", "channel", "sku"), bitmap=("region", "channel", "sku"))
START, DAYS = date(2024, 10, 1), 400
Row = dict[str, Any]


def some_orders(seed: int) -> list[Row]:
    """So many that customers come again and stay away, in all segments."""
    rng = random.Random(seed)
    return [
        {
            "date": START + timedelta(rng.randrange(DAYS)),
            "sku": rng.choice([*SKUS, "s9", None]),
            "region": rng.choice(["EMEA", "APAC", "LATAM", None]),
            "channel": rng.choice(["web", "shop", None]),
            "customer_id": rng.choice([*"abcdefghi", None]),
            "qty": rng.choice([1.0, 2.0]),
        }
        for _ in range(rng.choice([0, 60, 250]))
    ]


filters = st.sampled_from(
    [(), ("region=EMEA",), ("region!=EMEA|APAC",), ("channel=web|",), ("region~=A", "channel=web"), ("sku=",),
     ("channel!=shop", "sku=s1|s2"), ("catalogue.category=Tea",)]
)
splits = st.sampled_from(
    [(), ("region",), ("channel", "region"), ("catalogue.category",), ("region", "channel", "sku"), ("sku",)]
)


@st.composite
def questions(draw: Any) -> Question:
    first = START + timedelta(draw(st.integers(0, DAYS)))
    span = DateRange(first, first + timedelta(draw(st.integers(0, 300))))
    top = draw(st.none() | st.builds(Top, st.integers(1, 4), st.booleans()))
    return Question(
        tuple(draw(st.permutations(["people", "web", "back", "back_web", "gone", "gone_web"]))),
        draw(st.sampled_from([Grain.MONTH, Grain.QUARTER, Grain.YEAR])), span, draw(splits),
        tuple(map(parse_where, draw(filters))), scope=tuple(map(parse_where, draw(filters))), top=top,
        subtotals=draw(st.booleans()),
    )


def asked(question: Question, orders: list[Row], spec: Any = WIDE, calendar: Calendar | None = None) -> Any:
    """The series of a question and the tables that its scans of customers read."""
    tables = {"orders": orders, "catalogue": CATALOGUE_ROWS}
    calendar = calendar or Calendar()
    connection, state, read = connect(tables), states(tables, calendar=calendar), set()
    build(connection, spec)

    def compiled(question: Question, kept: Any, *, only_ranked: bool) -> Any:
        found = plan(question, KPIS, DATASETS, calendar, state, {"orders": spec}, TODAY, kept, only_ranked=only_ranked)
        read.update(t for s in found.scans if {a.func for a in s.aggs} - {"count", "new"} for t in s.tables)
        return found

    return answered(question, compiled, lambda p: results(p, connection)), read


def category(row: Row) -> str | None:
    return SKUS.get(row["sku"], (None,))[0]


def who(rows: list[Row], test: Callable[[Row], bool] = lambda row: True) -> set[str]:
    return {r["customer_id"] for r in rows if r["customer_id"] is not None and test(r)}


ON_WEB = ("web", "back_web", "gone_web")


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(questions(), st.integers(0, 10**6).map(some_orders))
def test_customers_of_whole_months_equal_sets_in_plain_python(question: Question, orders: list[Row]) -> None:
    scoped = [r | {"catalogue.category": category(r)} for r in orders]
    scoped = [r for r in scoped if holds(r, question.scope)]
    rows = [r for r in scoped if holds(r, question.where)]
    answers, read = asked(question, orders)
    assert read <= {"orders__bitmap", "catalogue"}
    for series in answers:
        named = [tuple(v for _, v in p.split) for p in series.parts]
        for at in (*series.points, *series.sums, *series.totals):
            start, end = (at.period.start, at.period.end) if hasattr(at, "period") else (series.start, series.end)
            segment = selection(question.by, at, named)
            mine = [r for r in rows if belongs(r, segment)]
            want = counted(series.kpi, mine, scoped, start, end, question.grain)
            if at.value is None and series.kpi.startswith("gone"):
                assert want == 0 or "Data begin" in at.reason or "complete" in at.reason
            else:
                assert at.value == want, (series.kpi, start, end, at.split)


def counted(kpi: str, mine: list[Row], scoped: list[Row], start: date, end: date, grain: Grain) -> int | None:
    """mine: rows that pass filters, of one segment; scoped: all rows that somebody may see, which make histories."""
    here = [r for r in mine if start <= r["date"] <= end]
    people = who(here, lambda r: r["channel"] == "web" or kpi not in ON_WEB)
    if kpi.startswith("gone"):
        span = list(Calendar().periods(DateRange(start, end), grain))
        before = Calendar().previous(span[0], len(span)).start
        there = [r for r in mine if before <= r["date"] < start and (r["channel"] == "web" or kpi not in ON_WEB)]
        return len(who(there) - who([r for r in scoped if start <= r["date"] <= end]))
    if kpi.startswith("back"):
        people &= who([r for r in scoped if r["date"] < start])
    return len(people) if here else None


def tables_of(key: str, grain: Grain = Grain.MONTH, spec: Any = SPEC, calendar: Calendar | None = None,
              **more: Any) -> set[str]:
    """What is read for a question about 2025 while there are data until 10 June, presence of rows not counted."""
    wheres = {k: parse_wheres(more.pop(k, ())) for k in ("where", "scope")}
    span = DateRange(date(2025, 1, 1), more.pop("end", date(2025, 6, 30)))
    question = Question((key,), grain, span, **more, **wheres)
    rows = [{"date": START, "region": "EMEA"}, {"date": date(2025, 6, 10)}]
    return asked(question, rows, spec, calendar)[1]


@pytest.mark.parametrize("more", [
    {}, {"by": ("region",)}, {"by": ("region", "channel"), "subtotals": True}, {"where": ("region=EMEA|APAC",)},
    {"where": ("region=EMEA", "channel!=web|"), "scope": ("region~=A",)}, {"by": ("region",), "top": Top(1)},
    {"grain": Grain.QUARTER}, {"grain": Grain.YEAR, "by": ("channel",)}, {"key": "web", "by": ("region",)},
    {"key": "back", "where": ("channel=web",)}, {"key": "gone", "by": ("region",), "scope": ("region=EMEA",)},
    {"key": "half", "end": date(2025, 5, 31)}, {"key": "year", "by": ("region",)},
    {"calendar": Calendar(4), "grain": Grain.YEAR},
])
def test_sets_answer_for_whole_months_by_the_dimensions_they_have(more: dict[str, Any]) -> None:
    assert tables_of(more.pop("key", "people"), **more) == {"orders__bitmap"}


@pytest.mark.parametrize("more", [
    {"grain": Grain.DAY, "end": date(2025, 6, 29)}, {"grain": Grain.WEEK}, {"calendar": Calendar(1, 0, "4-4-5")},
    {"by": ("sku",)}, {"by": ("catalogue.category",)}, {"where": ("sku=s1",)}, {"scope": ("sku!=s1",)}, {"key": "many"},
    {"key": "tea"}, {"key": "skus"}, {"key": "fortnight"},
    {"key": "back", "by": ("sku",)}, {"key": "gone", "scope": ("sku=s1",)}, {"key": "back", "grain": Grain.WEEK},
    {"by": ("region",), "spec": replace(SPEC, bitmap=("channel",))},
    {"by": ("region",), "spec": replace(SPEC, bitmap=None)},
])
def test_all_else_is_counted_in_the_rows(more: dict[str, Any]) -> None:
    read = tables_of(more.pop("key", "people"), **more)
    assert "orders" in read
    assert "orders__bitmap" not in read


def test_days_are_counted_in_the_rows_and_the_months_they_make_by_sets() -> None:
    assert tables_of("people", Grain.DAY, by=("region",)) == {"orders", "orders__bitmap"}
    assert tables_of("half", by=("region",)) == {"orders", "orders__bitmap"}, "six months back from 10 June, and others"


def test_a_comparison_with_a_part_of_a_month_reads_the_rows_of_that_part_only() -> None:
    orders = [{"date": d, "region": "EMEA", "customer_id": c} for d, c in (
        (date(2025, 4, 3), "a"), (date(2025, 4, 29), "b"), (date(2025, 5, 2), "a"), (date(2025, 5, 30), "c"),
        (date(2025, 6, 1), "c"), (date(2025, 6, 10), "d"))]
    question = Question(("people",), Grain.MONTH, DateRange(date(2025, 5, 1), date(2025, 6, 30)), ("region",),
                        compare="previous")
    (series,), read = asked(question, orders)
    assert read == {"orders__bitmap", "orders"}
    assert [(p.value, p.compare.value) for p in series.points] == [(2, 2), (2, 1)]


def test_an_entity_that_is_missing_is_nobody_and_a_month_of_nobody_has_none() -> None:
    orders = [{"date": date(2025, 4, 3), "region": "EMEA", "customer_id": None},
              {"date": date(2025, 5, 3), "region": "EMEA", "customer_id": "a"},
              {"date": date(2025, 5, 4), "region": None, "customer_id": "a"}]
    question = Question(("people",), Grain.MONTH, DateRange(date(2025, 3, 1), date(2025, 5, 31)), ("region",))
    (series,), read = asked(question, orders)
    assert read == {"orders__bitmap"}
    assert [(p.split[0][1], p.value) for p in series.points] == [
        ("EMEA", None), ("EMEA", 0), ("EMEA", 1), (None, None), (None, None), (None, 1)]
    assert [t.value for t in series.totals] == [1, 1, 1], "in two regions, and one all the same"
