"""The largest segments by name and the rest as one, against plain Python: chosen rightly, computed from rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.errors import Invalid
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question, Top
from dashapp.core.segment import conditions
from dashapp.core.series import Series
from dashapp.core.where import parse_where
from tests.query.plainly import Plain, Span, selection
from tests.query.shop import CATALOGUE_ROWS, DATASETS, ask, connect, kpis, states
from tests.query.test_against_plain_python import EXACT, KPIS, PRICES, TREES, joined, order, questions

MARCH = DateRange(date(2025, 3, 1), date(2025, 4, 30))


def row(sku: str | None, revenue: str, day: date = date(2025, 3, 3), **more: Any) -> dict[str, Any]:
    return {"date": day, "sku": sku, "region": "EMEA", "channel": "web", "customer_id": "a", "qty": 1.0,
            "price": Decimal(revenue), "revenue": Decimal(revenue), **more}


def asked(keys: str, rows: list[dict[str, Any]], by: str = "sku", top: Top | None = None, **more: Any) -> Series:
    question = Question(tuple(keys.split(",")), Grain.MONTH, MARCH, tuple(by.split(",")), top=top, **more)
    return ask(question, KPIS, {"orders": rows, "catalogue": CATALOGUE_ROWS})[-1]


def names(series: Series) -> list[Any]:
    return ["Others" if p.others is not None else p.split[-1][1] for p in series.parts]


SALES = [row("a", "10"), row("b", "40"), row("c", "30"), row("d", "30", date(2025, 4, 2)), row("e", "5"),
         row(None, "7"), row("a", "11", date(2025, 4, 9))]


def test_the_largest_over_the_whole_range_stand_by_name_and_the_others_are_counted() -> None:
    series = asked("revenue", SALES, top=Top(2))
    assert [(n, p.value, p.others) for n, p in zip(names(series), series.parts, strict=True)] == [
        ("b", 40, None), ("c", 30, None), ("Others", 10 + 30 + 5 + 7 + 11, 4)]
    assert series.ranking is not None
    assert (series.ranking.kpi, series.ranking.top, series.ranking.segments) == ("revenue", 2, 6)
    assert [p.value for p in series.points if p.others is not None] == [22, 41]
    assert series.total is not None
    assert series.total.value == 133


def test_equal_segments_are_taken_by_name_whatever_the_order_of_the_rows() -> None:
    for rows in (SALES, SALES[::-1]):
        assert names(asked("revenue", rows, top=Top(2))) == ["b", "c", "Others"]
    assert names(asked("revenue", SALES, top=Top(3))) == ["b", "c", "d", "Others"]


def test_a_missing_value_is_a_segment_like_any_other() -> None:
    series = asked("revenue", [*SALES, row(None, "90")], top=Top(1))
    assert names(series) == [None, "Others"]
    assert [p.value for p in series.parts] == [97, 126]


def test_no_text_at_all_and_a_missing_value_are_two_segments_and_either_is_kept_alone() -> None:
    series = asked("revenue", [row("", "9"), row(None, "5"), row("x", "1")], top=Top(1))
    assert [(n, p.value) for n, p in zip(names(series), series.parts, strict=True)] == [("", 9), ("Others", 6)]


def test_a_segment_that_is_called_others_is_not_the_others() -> None:
    series = asked("revenue", [row("Others", "50"), row("a", "2"), row("b", "1")], top=Top(1))
    assert [(p.split, p.value, p.others) for p in series.parts] == [((("sku", "Others"),), 50, None), ((), 3, 2)]


def test_losses_count_by_their_size() -> None:
    rows = [row("a", "10"), row("b", "-90"), row("c", "30"), row("d", "-5")]
    series = asked("revenue", rows, top=Top(2))
    assert [p.value for p in series.parts] == [-90, 30, 5]


def test_a_ratio_of_the_others_is_computed_from_their_rows_and_never_added_up() -> None:
    rows = [row("a", "100"), row("b", "10"), row("b", "20"), row("c", "3")]
    series = asked("basket", rows, top=Top(1))
    assert [float(p.value) for p in series.parts] == [100.0, pytest.approx((10 + 20 + 3) / 3)]


def test_people_of_several_other_segments_are_counted_once() -> None:
    rows = [row("a", "1", customer_id=c) for c in "xyz"] + [row(s, "1", customer_id="q") for s in "bcd"]
    series = asked("people", rows, top=Top(1))
    assert [p.value for p in series.parts] == [3, 1]


def test_closing_balances_of_the_others_are_of_their_last_day() -> None:
    rows = [row("a", "50", date(2025, 3, 31)), row("b", "7", date(2025, 3, 1)), row("c", "9", date(2025, 3, 8))]
    series = asked("closing", rows, top=Top(1))
    assert [p.value for p in series.parts] == [50, 9]


def test_others_can_be_left_out_and_the_whole_stays_the_whole() -> None:
    series = asked("revenue", SALES, top=Top(2, others=False))
    assert names(series) == ["b", "c"]
    assert series.total is not None
    assert series.total.value == 133
    assert {p.split for p in series.points} == {(("sku", "b"),), (("sku", "c"),)}


def test_fewer_segments_than_asked_for_leave_no_others() -> None:
    series = asked("revenue", SALES, top=Top(50))
    assert names(series) == ["a", "b", "c", "d", "e", None]


def test_segments_of_last_year_only_are_among_the_others_of_the_comparison() -> None:
    old = [row("gone", "70", date(2024, 3, 9)), row("a", "1", date(2024, 3, 10)), row("a", "1", date(2023, 1, 1))]
    series = asked("revenue", [*SALES, *old], top=Top(50), compare="previous_year")
    (others,) = [p for p in series.parts if p.others is not None]
    assert (others.value, others.others, others.compare and others.compare.value) == (None, 0, 70)


def test_the_first_kpi_ranks_for_all_of_them() -> None:
    rows = [row("a", "100"), row("b", "10"), row("b", "20"), row("b", "3"), row("c", "50")]
    assert names(asked("rows,revenue", rows, top=Top(1))) == ["b", "Others"]
    assert names(asked("revenue,rows", rows, top=Top(1))) == ["a", "Others"]


def test_each_group_has_others_of_its_own_so_that_subtotals_add_up() -> None:
    rows = [row("a", "50"), row("b", "6"), row("c", "5"), row("a", "1", region="APAC"), row("b", "40", region="APAC"),
            row("a", "2", region=None), row("b", "3", region=None)]
    series = asked("revenue", rows, "region,sku", Top(2), subtotals=True)
    assert [(tuple(v for _, v in t.split), t.others, t.value) for t in series.totals] == [
        ((), None, 107),
        (("APAC",), None, 41), (("APAC", "b"), None, 40), (("APAC",), 1, 1),
        (("EMEA",), None, 61), (("EMEA", "a"), None, 50), (("EMEA",), 2, 11),
        ((), 2, 5),
    ]
    assert [series.level(t) for t in series.totals] == [
        "total", "subtotal", "segment", "others", "subtotal", "segment", "others", "others"]
    assert sum(t.value for t in series.parts) == 107


def test_subtotals_of_three_dimensions_are_recomputed_at_every_level_and_in_every_period() -> None:
    rows = [row(s, "4", day, region=r, channel=c, customer_id=f"{r}{n}") for n, (s, r, c, day) in enumerate(
        (s, r, c, d) for s in "ab" for r in ("EMEA", "APAC") for c in ("web", "shop")
        for d in (date(2025, 3, 2), date(2025, 4, 2)))]
    series = asked("average", rows, "region,channel,sku", subtotals=True)
    levels = Counter(series.level(t) for t in series.totals)
    assert levels == {"total": 1, "subtotal": 2 + 4, "segment": 8}
    assert {float(t.value) for t in series.totals} == {4.0}
    people = asked("people", rows, "region,channel,sku", subtotals=True)
    assert {len(t.split): t.value for t in people.totals} == {0: 16, 1: 8, 2: 4, 3: 2}
    assert len(people.sums) == (1 + 2 + 4) * 2
    assert {len(p.split): p.value for p in people.sums} == {0: 8, 1: 4, 2: 2}


def test_without_subtotals_there_are_none() -> None:
    series = asked("revenue", SALES, "region,sku")
    assert series.sums == series.subtotals == ()


@pytest.mark.parametrize("n", [0, -1, 101])
def test_a_number_of_segments_that_makes_no_sense_is_refused(n: int) -> None:
    with pytest.raises(Invalid, match="1 to 100"):
        Top(n)


def test_a_split_by_numbers_can_be_cut_too() -> None:
    rows = [row("a", "9", qty=2.0), row("b", "5", qty=0.25), row("c", "1", qty=None), row("d", "1", qty=0.0)]
    series = asked("revenue", rows, "qty", Top(2))
    assert [(dict(p.split).get("qty"), p.value, p.others) for p in series.parts] == [
        (0.25, 5, None), (2.0, 9, None), (None, 2, 2)]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(questions(), st.lists(order, min_size=4, max_size=40), st.integers(1, 6))
def test_the_segments_that_stay_are_the_largest_of_all(question: Question, orders: Any, n: int) -> None:
    keys = [k for k in question.kpis if k not in ("margin", "cash", "cogs", "price_list")] or ["revenue"]
    asked_of = replace(question, kpis=(keys[0],), by=question.by or ("region",), top=Top(n))
    tables = {"orders": orders, "catalogue": CATALOGUE_ROWS}
    state = states(tables)
    (series,) = ask(asked_of, KPIS, tables, state=state)
    plain = Plain({"orders": joined(orders), "catalogue": PRICES, "finance": []}, DATASETS, TREES, Calendar(), state,
                  question.where, question.scope)
    whole = tuple(Calendar().periods(question.span, question.grain))
    sizes = plain.sizes(keys[0], Span(whole), asked_of.by)
    kept = {tuple(v for _, v in p.split) for p in series.parts if p.others is None}
    assert series.ranking is not None
    counted = sum(p.others for p in series.parts if p.others is not None)
    assert len(kept) + counted <= series.ranking.segments
    if keys[0] in EXACT:
        by_size = sorted(sizes, key=lambda s: (-Fraction(sizes[s]), [(v is None, v or "") for v in s]))
        assert set(by_size[:n]) <= kept
        assert all(s not in sizes for s in kept - set(by_size[:n]))
    else:
        edge = sorted(map(float, sizes.values()), reverse=True)[:n]
        least = min(edge, default=0.0) - 1e-7
        assert all(float(sizes[s]) >= least for s in kept if s in sizes)
        assert len(kept & set(sizes)) == min(n, len(sizes))


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(questions(), st.lists(order, min_size=4, max_size=30), st.integers(1, 3))
def test_every_line_of_a_split_is_what_its_conditions_select(question: Question, orders: Any, n: int) -> None:
    """The conditions a line leads to, asked of the whole, give the same figure."""
    keys = tuple(k for k in question.kpis if k not in ("margin", "cash", "cogs", "price_list"))[:3] or ("revenue",)
    cut = replace(question, kpis=keys, by=question.by or ("channel",), top=Top(n), subtotals=True)
    tables = {"orders": orders, "catalogue": CATALOGUE_ROWS}
    connection, state = connect(tables), states(tables)
    for series in ask(cut, KPIS, tables, state=state, connection=connection):
        for total in series.totals[:6]:
            more = conditions(series, total)
            lone = replace(cut, kpis=(series.kpi,), by=(), top=None, where=tuple(sorted({*cut.where, *more})))
            (found,) = ask(lone, KPIS, tables, state=state, connection=connection)
            assert found.total is not None
            assert found.total.value == pytest.approx(total.value, rel=1e-9), (series.kpi, total, more)


def test_conditions_of_the_others_name_what_stands_beside_them() -> None:
    series = asked("revenue", [*SALES, row(None, "90")], top=Top(2))
    (others,) = [p for p in series.parts if p.others is not None]
    assert conditions(series, others) == (parse_where("sku!=|b"),)
    assert conditions(series, series.total) == ()  # type: ignore[arg-type]


def test_the_plain_evaluator_knows_what_others_are() -> None:
    series = asked("revenue", SALES, top=Top(2))
    (others,) = [p for p in series.parts if p.others is not None]
    named = [tuple(v for _, v in p.split) for p in series.parts]
    plain = Plain({"orders": SALES}, DATASETS, TREES, Calendar(), states({"orders": SALES}))
    whole = tuple(Calendar().periods(MARCH, Grain.MONTH))
    assert plain.kpi("revenue", Span(whole), selection(series.by, others, named)) == others.value


KINDS = kpis(days="sum(orders.revenue)")


def test_a_date_can_be_the_dimension() -> None:
    rows = [row("a", str(n), date(2025, 3, 1) + timedelta(n)) for n in range(1, 9)]
    series = ask(Question(("days",), Grain.MONTH, MARCH, ("date",), top=Top(1)), KINDS, {"orders": rows})[0]
    assert [(p.value, p.others) for p in series.parts] == [(8, None), (28, 7)]


def test_a_split_with_more_figures_than_anybody_reads_is_refused_with_what_helps(
        monkeypatch: pytest.MonkeyPatch) -> None:
    def weekly(end: date, top: Top | None = None) -> Series:
        question = Question(("revenue",), Grain.WEEK, DateRange(date(2025, 3, 3), end), ("sku",), top=top)
        return ask(question, KPIS, {"orders": [row(sku, "1") for sku in "abc"], "catalogue": CATALOGUE_ROWS})[-1]

    monkeypatch.setattr("dashapp.query.answer.MAX_POINTS", 6)
    assert len(weekly(date(2025, 3, 16)).points) == 6
    with pytest.raises(Invalid, match=r"3 parts in 3 periods, more than 6 figures. Choose a coarser grain"):
        weekly(date(2025, 3, 17))
    assert len(weekly(date(2025, 3, 17), Top(1, True)).points) == 6
