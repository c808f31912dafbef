"""What a plan looks up: which windows, which aggregates, over which dates - or the reason why nothing."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState
from dashapp.core.errors import Invalid, NotFound
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.where import parse_wheres
from dashapp.query.compile import MAX_PERIODS, plan
from dashapp.query.formula import parse
from dashapp.query.needs import all_needs, refusal_of, simplified, spans_of, windows_of
from dashapp.query.planned import Plan
from dashapp.query.scan import Need, Needs
from dashapp.query.tree import Agg, Col, unparse
from dashapp.query.windows import Reach, Window, Windows
from tests.query.shop import DATASETS, ORDERS, TODAY, columns, kpis

KPIS = kpis(
    revenue="sum(orders.revenue)", cogs="sum(finance.cogs)", margin="(revenue - cogs) / revenue",
    people="distinct(orders.customer_id)", gone="lost(orders.customer_id)", back="returning(orders.customer_id)",
    recent="rolling(revenue, 28)", trend="growth(revenue)", price="avg(catalogue.cost)", pieces="sum(stock.pieces)",
    rolled="rolling(cogs, 28)", nothing="3", broken="sum(orders.nope)", on_broken="revenue + broken",
)
STOCK = Dataset("stock", "Stock", kind="snapshot", columns=columns(sku="dimension text", pieces="measure number"))
ALL = {**DATASETS, "stock": STOCK}


def known(through: str = "2026-03-10", first: str = "2024-01-01", finance: str = "2026-02-28") -> dict[str, DataState]:
    day, start, month = map(date.fromisoformat, (through, first, finance))
    dates = [start + timedelta(n) for n in range((day - start).days + 1)]
    rhythm = {w: sum(d.weekday() == w for d in dates) for w in range(7)}
    return {"orders": DataState(start, day, day, rhythm), "stock": DataState(day, day, day),
            "finance": DataState(date(2024, 1, 1), month.replace(day=1), month),
            "catalogue": DataState(None, None, None)}


def planned(*keys: str, span: str = "2026-03-01 2026-03-31", grain: Grain = Grain.MONTH, state=None, **more) -> Plan:
    first, last = map(date.fromisoformat, span.split())
    question = Question(keys, grain, DateRange(first, last), **more)
    return plan(question, KPIS, ALL, Calendar(), state or known(), {}, TODAY)


def agg(text: str, dataset: str = "orders") -> Agg:
    found = parse(text)
    assert isinstance(found, Agg)
    return replace(found, dataset=dataset)


def window(compiled: Plan, *shifts, widen=None) -> Window:
    return Window(compiled.periods[0], compiled.periods[-1], shifts, widen)


def looked_up(compiled: Plan, aggregate: Agg, asked: Window) -> list[Need] | str:
    """What an aggregate looks up in one window, presence first, or why it has no figure there."""
    spans = spans_of(compiled, aggregate, Windows.of(asked))
    (span,) = spans.all
    return span if isinstance(span, str) else list(Needs((aggregate,), 0, spans).each())


def told(needs) -> list[str]:
    if isinstance(needs, str):
        return [needs]
    return [f"{unparse(n.agg)} {n.reach.start} {n.reach.end}" + (f" before {n.before.start} {n.before.end}" if n.before
                                                                 else "") for n in needs]


# windows ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("more", "asked"), [
    ({}, {0: ["2026-01", "2026-02", "2026-01 2026-02"]}),
    ({"by": ("region",)}, {0: ["2026-01 2026-02"], 1: ["2026-01", "2026-02", "2026-01 2026-02"]}),
    ({"by": ("region", "channel"), "subtotals": True},
     {level: ["2026-01", "2026-02", "2026-01 2026-02"] for level in (0, 1, 2)}),
    ({"compare": "target"}, {0: ["2026-01", "2026-02", "2026-01 2026-02"]}),
])
def test_every_period_and_the_whole_are_looked_at_by_levels_of_the_split(more, asked) -> None:
    found = windows_of(planned("revenue", span="2026-01-05 2026-02-03", **more))
    assert {level: [" ".join(dict.fromkeys((w.first.label, w.last.label))) for w in windows.all]
            for level, windows in found.items()} == asked
    assert {(w.shifts, w.widen) for windows in found.values() for w in windows.all} == {((), None)}


@pytest.mark.parametrize(("compare", "grain", "shifts"), [
    ("previous", Grain.MONTH, [("previous", 1), ("previous", 1), ("previous", 2)]),
    ("previous_year", Grain.MONTH, [("year_ago", 1)] * 3), ("same_weekday", Grain.MONTH, [("same_weekday", 1)] * 3),
])
def test_every_window_is_compared_with_as_much_before_it(compare: str, grain: Grain, shifts) -> None:
    compiled = planned("revenue", span="2026-01-05 2026-02-03", grain=grain, compare=compare)
    base = compiled.compared(windows_of(compiled)[0])
    assert base is not None
    assert [w.shifts for w in base.all] == [(s,) for s in shifts]
    assert [(w.first, w.last) for w in base.all] == [(w.first, w.last) for w in windows_of(compiled)[0].all]


@pytest.mark.parametrize("compare", ["none", "target"])
def test_what_is_not_compared_with_another_time_has_no_windows_beside(compare: str) -> None:
    compiled = planned("revenue", compare=compare)
    assert compiled.compared(windows_of(compiled)[0]) is None


# needs -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "shifts", "widen", "wanted"), [
    ("sum(orders.revenue)", (), None, ["count(orders) 2026-03-01 2026-03-31",
    "sum(orders.revenue) 2026-03-01 2026-03-31"]),
    ("sum(orders.revenue)", (("previous", 1),), None,
     ["count(orders) 2026-02-01 2026-02-10", "sum(orders.revenue) 2026-02-01 2026-02-10"]),
    ("sum(orders.revenue)", (), ("rolling", 28, "day"),
     ["count(orders) 2026-02-11 2026-03-10", "sum(orders.revenue) 2026-02-11 2026-03-10"]),
    ("sum(orders.revenue)", (), ("to_date", 0, "year"),
     ["count(orders) 2026-01-01 2026-03-31", "sum(orders.revenue) 2026-01-01 2026-03-31"]),
    ("lost(orders.customer_id)", (), None, ["Who is lost is known when the period is complete."]),
    ("lost(orders.customer_id)", (("previous", 1),), None, ["Who is lost is known when the period is complete."]),
    ("returning(orders.customer_id)", (), None,
     ["count(orders) 2026-03-01 2026-03-31", "returning(orders.customer_id) 2026-03-01 2026-03-31"]),
])
def test_an_aggregate_looks_up_whether_there_are_rows_and_its_value(text, shifts, widen, wanted) -> None:
    compiled = planned("revenue")
    assert told(looked_up(compiled, agg(text), window(compiled, *shifts, widen=widen))) == wanted


@pytest.mark.parametrize(("first", "shifts", "widen", "wanted"), [
    ("2024-01-01", (), None, ["count(orders) 2026-01-01 2026-01-31",
                              "lost(orders.customer_id) 2026-02-01 2026-02-28 before 2026-01-01 2026-01-31"]),
    ("2024-01-01", (), ("rolling", 30, "day"),
     ["count(orders) 2025-12-31 2026-01-29",
      "lost(orders.customer_id) 2026-01-30 2026-02-28 before 2025-12-31 2026-01-29"]),
    ("2024-01-01", (), ("to_date", 0, "year"), ["lost() has no preceding period inside to_date()."]),
    ("2026-01-02", (), None, ["count(orders) 2026-01-01 2026-01-31",
                              "lost(orders.customer_id) 2026-02-01 2026-02-28 before 2026-01-01 2026-01-31"]),
    ("2026-01-03", (), None, ["Data begin on 3 Jan 2026."]),
    ("2026-01-03", (("previous", 1),), None, ["Data begin on 3 Jan 2026."]),
])
def test_who_is_lost_is_looked_up_among_those_before(first: str, shifts, widen, wanted) -> None:
    compiled = planned("gone", span="2026-02-01 2026-02-28", state=known(first=first))
    asked = window(compiled, *shifts, widen=widen)
    assert told(looked_up(compiled, agg("lost(orders.customer_id)"), asked)) == wanted


@pytest.mark.parametrize(("text", "first", "shifts", "widen", "early"), [
    ("sum(orders.revenue)", "2026-03-05", (), None, False), ("sum(orders.revenue)", "2026-03-05", (),
    ("rolling", 28, "day"), True),
    ("sum(orders.revenue)", "2026-02-12", (), ("rolling", 28, "day"), False),
    ("sum(orders.revenue)", "2026-02-13", (), ("rolling", 28, "day"), True),
    ("sum(orders.revenue)", "2026-02-02", (("previous", 1),), None, False),
    ("sum(orders.revenue)", "2026-02-03", (("previous", 1),), None, True),
    ("sum(orders.revenue)", "2026-02-03", (), ("to_date", 0, "year"), False),
    ("returning(orders.customer_id)", "2026-03-05", (), None, False),
    ("returning(orders.customer_id)", "2026-02-28", (), None, False),
    ("new(orders.customer_id)", "2026-03-01", (), None, False),
])
def test_what_looks_back_needs_a_whole_time_to_look_at(text: str, first: str, shifts, widen, early: bool) -> None:
    compiled = planned("revenue", state=known(first=first))
    found = looked_up(compiled, agg(text), window(compiled, *shifts, widen=widen))
    day = date.fromisoformat(first)
    assert (found == f"Data begin on {day.day} {day:%b %Y}.") is early
    assert isinstance(found, str) is early


@pytest.mark.parametrize(("text", "dataset", "keys", "simple"), [
    ("distinct(orders.id)", ORDERS, ("id",), "count(orders.id)"),
    ("distinct(orders.id)", ORDERS, (), "distinct(orders.id)"),
    ("distinct(orders.id)", ORDERS, ("id", "line"), "distinct(orders.id)"),
    ("distinct(orders.customer_id)", ORDERS, ("id",), "distinct(orders.customer_id)"),
    ("new(orders.id)", ORDERS, ("id",), "new(orders.id)"),
    ('distinct(orders.id, orders.qty > 1)', ORDERS, ("id",), "count(orders.id, orders.qty > 1)"),
])
def test_a_distinct_count_of_what_identifies_a_row_is_a_count(text: str, dataset, keys, simple: str) -> None:
    assert unparse(simplified(agg(text), replace(dataset, key_columns=keys))) == simple


@pytest.mark.parametrize(("key", "dataset", "widen", "reason"), [
    ("cogs", "finance", None, None), ("cogs", "finance", ("rolling", 2, "month"), None),
    ("cogs", "finance", ("rolling", 28, "day"), "finance has one row per month: roll over months, not days."),
    ("cogs", "finance", ("rolling", 2, "week"), "finance has one row per month: roll over months, not weeks."),
    ("cogs", "finance", ("rolling", 2, "year"), None), ("cogs", "finance", ("to_date", 0, "week"), None),
    ("price", "catalogue", ("rolling", 28, "day"), None), ("pieces", "stock", None, None),
])
def test_rows_are_not_rolled_more_finely_than_they_are(key: str, dataset: str, widen, reason: str | None) -> None:
    compiled = planned(key)
    assert refusal_of(compiled, Agg("count", None, None, dataset), widen) == reason


@pytest.mark.parametrize(("span", "is_told"), [("2026-03-01 2026-03-31", True), ("2026-02-01 2026-02-28", False),
                                               ("2026-04-01 2026-04-30", False), ("2026-01-01 2026-03-31", True)])
def test_a_snapshot_speaks_of_periods_that_hold_its_day(span: str, is_told: bool) -> None:
    compiled = planned("pieces", span=span)
    found = looked_up(compiled, Agg("sum", Col(("stock", "pieces")), None, "stock"), compiled.whole)
    said = "stock is a snapshot of 2026-03-10: it says nothing about other times."
    assert (found == said) is not is_told
    assert isinstance(found, str) is not is_told


def test_lookups_of_all_kpis_are_shared_and_each_is_there_once() -> None:
    found = all_needs(planned("revenue", "trend", "margin", span="2026-02-01 2026-02-28"))
    assert sorted(found) == ["finance", "orders"]
    texts = told([n for group in found["orders"] for n in group.each()])
    assert len({(g.level, g.spans) for g in found["orders"]}) == len(found["orders"])
    assert all(len(g.aggs) == len(set(g.aggs)) for g in found["orders"])
    assert "sum(orders.revenue) 2026-01-01 2026-01-31" in texts
    assert all_needs(planned("nothing")) == {}


# plans -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("key", "datasets", "aggregates", "sound"), [
    ("revenue", ("orders",), ["sum(orders.revenue)"], True), ("nothing", (), [], True),
    ("margin", ("finance", "orders"), ["sum(orders.revenue)", "sum(finance.cogs)"], True),
    ("broken", (), [], False), ("on_broken", ("orders",), ["sum(orders.revenue)"], False),
])
def test_a_plan_knows_what_a_kpi_stands_on(key: str, datasets, aggregates, sound: bool) -> None:
    compiled = planned(key)
    assert compiled.datasets_of(key) == datasets
    assert [unparse(a) for a in compiled.aggregates_of(key)] == aggregates
    assert compiled.is_sound(key) is sound


@pytest.mark.parametrize(("finance", "orders", "until"), [
    ("2026-02-28", "2026-03-10", "2026-02-28"), ("2026-03-31", "2026-03-31", None),
    ("2026-03-31", "2026-03-10", "2026-03-10"),
    ("2026-03-10", "2026-03-10", None), ("2026-04-30", "2026-03-31", None), ("2026-04-30", "2026-03-30", "2026-03-30"),
])
def test_a_kpi_of_two_datasets_counts_as_far_as_the_first_of_them(finance: str, orders: str, until: str | None) -> None:
    compiled = planned("margin", "revenue", state=known(orders, finance=finance))
    found = compiled.within_reach("margin", Windows.of(compiled.whole)).all[0]
    assert found == replace(compiled.whole, until=date.fromisoformat(until) if until else None)
    assert compiled.within_reach("revenue", Windows.of(compiled.whole)).all[0] == compiled.whole


def test_statements_of_a_dataset_depend_on_what_it_joins_and_no_more() -> None:
    compiled = planned("revenue")
    assert [d.key for d in compiled.near("orders")] == ["catalogue", "orders"]
    assert [d.key for d in compiled.near("finance")] == ["finance"]


@pytest.mark.parametrize(("more", "said"), [
    ({"by": ("a", "b", "c", "d")}, "split by at most 3 different dimensions"),
    ({"by": ("a", "a")}, "different dimensions"),
    ({"grain": Grain.EVENT}, "Ask by day, week, month, quarter or year."),
    ({"grain": Grain.DAY, "span": "2010-01-01 2026-01-01"}, f"more than {MAX_PERIODS} periods"),
])
def test_a_question_nobody_can_answer_is_refused(more, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        planned("revenue", **more)


@pytest.mark.parametrize(("key", "said"), [("revenu", "There is no KPI 'revenu' - did you mean 'revenue'?"),
                                           ("zzz", "There is no KPI 'zzz'.")])
def test_a_kpi_that_is_not_there_is_said_with_what_was_meant(key: str, said: str) -> None:
    with pytest.raises(NotFound) as refused:
        planned(key)
    assert refused.value.message == said


@pytest.mark.parametrize(("more", "dataset", "said"), [
    ({"by": ("region",)}, "catalogue", "catalogue has no column 'region' to split by."),
    ({"where": parse_wheres(["chanel=web"])}, "orders",
    "orders has no column 'chanel' to filter by - did you mean 'channel'?"),
    ({"scope": parse_wheres(["channel=web"])}, "finance",
    "finance has no column 'channel', which your data scope needs."),
    ({"grain": Grain.WEEK}, "finance", "finance has one row per month; ask by month or coarser, not by week."),
    ({"grain": Grain.QUARTER}, "finance", None), ({"by": ("region",)}, "finance", None),
    ({"by": ("category",)}, "orders", None),
])
def test_a_dataset_that_cannot_answer_says_why(more, dataset: str, said: str | None) -> None:
    compiled = planned("margin", "price", **more)
    assert compiled.refused.get(dataset) == said
    assert dataset not in {s.dataset for s in compiled.scans} or said is None
    assert isinstance(compiled.clock.reach(compiled.whole, "orders"), Reach)
