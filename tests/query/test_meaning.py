"""What figures mean: named cases with numbers a person can check by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.datastate import DataState
from dashapp.core.errors import Invalid, NotFound
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.where import parse_wheres
from dashapp.query.compile import plan
from tests.query.shop import CATALOGUE_ROWS, DATASETS, FINANCE, TODAY, Dataset, ask, columns, connect, kpis, run, states

KPIS = kpis(
    revenue="sum(orders.revenue)",
    basket="revenue / count(orders)",
    growing="growth(revenue)",
    last_year="year_ago(revenue)",
    people="distinct(orders.customer_id)",
    fresh="new(orders.customer_id)",
    back="returning(orders.customer_id)",
    gone="lost(orders.customer_id)",
    retention="1 - gone / previous(people)",
    margin="(revenue - sum(finance.cogs)) / revenue",
    web='sum(orders.revenue, orders.channel == "web")',
    stock="last(orders.price)",
    broken="sum(orders.nope)",
    on_broken="revenue / broken",
    month="rolling(revenue, 28)",
    ytd='to_date(revenue, "year")',
    cogs="sum(finance.cogs)",
    week="rolling(cogs, 7)",
    triple="sum(orders.price * orders.revenue * orders.price)",
    tripled="orders3 * 3",
    orders3="count(orders)",
)


def order(day: str, revenue: str | None = "10", **more: Any) -> dict[str, Any]:
    return {
        "date": date.fromisoformat(day),
        "revenue": None if revenue is None else Decimal(revenue),
        "customer_id": "a",
    } | more


def question(*keys: str, grain: Grain = Grain.MONTH, span: str = "2025-01-01 2025-12-31", **more: Any) -> Question:
    first, last = map(date.fromisoformat, span.split())
    return Question(keys, grain, DateRange(first, last), **more)


def values(series: Any) -> list[Any]:
    return [p.value for p in series.points]


def test_a_ratio_is_recomputed_for_every_total_never_added_or_averaged() -> None:
    rows = [
        order("2025-01-05", "10", region="A"),
        order("2025-01-06", "30", region="A"),
        order("2025-02-05", "100", region="B"),
    ]
    [series] = ask(question("basket", span="2025-01-01 2025-02-28", by=("region",)), KPIS, {"orders": rows})
    assert {(p.period.label, dict(p.split)["region"]): p.value for p in series.points} == {
        ("2025-01", "A"): 20,
        ("2025-02", "A"): None,
        ("2025-01", "B"): None,
        ("2025-02", "B"): 100,
    }
    assert series.total
    assert round(series.total.value, 20) == round(Decimal(140) / 3, 20)
    assert {dict(t.split)["region"]: t.value for t in series.totals if t.split} == {"A": 20, "B": 100}


def test_a_missing_period_is_missing_unless_absence_is_zero() -> None:
    rows = [order("2025-01-05"), order("2025-03-05")]
    span = "2025-01-01 2025-04-30"
    [series] = ask(question("revenue", span=span), KPIS, {"orders": rows})
    assert values(series) == [10, None, 10, None]
    assert series.points[1].reason == "No rows in this period."
    zero = KPIS | {"revenue": replace(KPIS["revenue"], absent_is_zero=True)}
    [series] = ask(question("revenue", span=span), zero, {"orders": rows})
    assert values(series) == [10, 0, 10, None], "after the data end, absence means nothing"


def test_on_the_day_after_a_closed_one_nobody_could_be_lost_and_the_reason_names_the_day_before() -> None:
    """1 February 2025 is a Saturday; the shop is closed on Sunday the 2nd."""
    rows = [{**order(f"2025-02-0{n}"), "customer_id": who} for n, who in ((1, "ann"), (3, "bob"), (4, "ann"))]
    [series] = ask(question("gone", span="2025-02-02 2025-02-04", grain=Grain.DAY), KPIS, {"orders": rows})
    sunday, monday, tuesday = series.points
    assert (sunday.value, tuesday.value) == (1, 1)
    assert (monday.value, monday.reason) == (None, "No rows in the period before: nobody could be lost.")


def test_no_rows_that_match_a_condition_is_zero_but_no_values_is_no_value() -> None:
    rows = [order("2025-01-05", channel="shop"), order("2025-02-05", None, channel="web")]
    [series] = ask(question("web", span="2025-01-01 2025-02-28"), KPIS, {"orders": rows})
    assert values(series) == [0, None]
    assert series.points[1].reason == "No values in this period."


def test_division_by_zero_is_no_value_with_its_reason() -> None:
    [series] = ask(
        question("growing", span="2025-02-01 2025-02-28"),
        KPIS,
        {"orders": [order("2025-01-05", "0"), order("2025-02-05")]},
    )
    assert series.points[0].value is None
    assert series.points[0].reason == "Division by zero: the earlier value is 0."


def test_growth_has_the_sign_of_the_change_even_from_a_loss() -> None:
    [series] = ask(
        question("growing", span="2025-02-01 2025-02-28"),
        KPIS,
        {"orders": [order("2025-01-05", "-10"), order("2025-02-05", "5")]},
    )
    assert series.points[0].value == Decimal("1.5")


def test_an_unfinished_month_is_compared_with_the_same_days_of_the_one_before() -> None:
    rows = [
        order("2024-12-31"),
        order("2025-01-05", "7"),
        order("2025-01-20", "100"),
        order("2025-02-05", "9"),
        order("2025-02-10", "0"),
    ]
    [series, growing] = ask(
        question("revenue", "growing", span="2025-02-01 2025-02-28", compare="previous"), KPIS, {"orders": rows}
    )
    point = series.points[0]
    assert (point.value, point.complete) == (9, False)
    assert point.compare
    assert (point.compare.value, point.compare.part_until) == (7, date(2025, 1, 10))
    assert round(growing.points[0].value, 20) == round(Decimal(2) / 7, 20)


def test_the_last_28_days_of_an_unfinished_month_are_28_days_and_so_are_those_before() -> None:
    """Ten a day in January, twenty a day from February on, up to 10 March 2026: no day of the window is to come."""
    days = [date(2025, 12, 1) + timedelta(n) for n in range(100)]
    assert days[-1] == date(2026, 3, 10)
    rows = [order(d.isoformat(), "10" if d < date(2026, 2, 1) else "20") for d in days]
    asked = question("month", span="2026-02-01 2026-03-31", compare="previous")
    [series] = ask(asked, KPIS, {"orders": rows}, today=date(2026, 3, 10))
    february, march = series.points
    assert (february.value, february.complete) == (28 * 20, True)
    assert (march.value, march.complete, march.state) == (28 * 20, False, "unfinished")
    assert march.compare
    assert march.compare.value == 18 * 10 + 10 * 20, "14 January to 10 February"
    assert march.compare.part_until == date(2026, 2, 10)
    [later] = ask(question("month", span="2026-04-01 2026-04-30"), KPIS, {"orders": rows}, today=date(2026, 3, 10))
    assert (later.points[0].value, later.points[0].reason) == (None, "The data do not reach into this period yet.")


def test_a_complete_month_is_compared_whole() -> None:
    rows = [order("2024-12-31"), order("2025-01-31", "7"), order("2025-02-05", "9"), order("2025-03-01", "1")]
    [series] = ask(question("revenue", span="2025-02-01 2025-02-28", compare="previous"), KPIS, {"orders": rows})
    assert series.points[0].compare
    assert series.points[0].compare.value == 7
    assert series.points[0].compare.part_until is None
    assert series.points[0].compare.label == "2025-01"


def test_week_53_has_no_year_ago_value_and_leap_day_falls_on_the_28th() -> None:
    rows = [order("2019-12-30", "5"), order("2020-12-30", "7"), order("2023-02-28", "3"), order("2024-02-29", "4")]
    [week] = ask(question("last_year", grain=Grain.WEEK, span="2020-12-28 2021-01-03"), KPIS, {"orders": rows})
    assert (week.points[0].period.label, week.points[0].reason) == ("2020-W53", "A 53rd week has no year-ago value.")
    [day] = ask(question("last_year", grain=Grain.DAY, span="2024-02-29 2024-02-29"), KPIS, {"orders": rows})
    assert day.points[0].value == 3


def test_a_grain_finer_than_the_rows_is_refused_and_others_are_answered() -> None:
    rows = {"orders": [order("2025-01-05")], "finance": [{"date": date(2025, 1, 1), "cogs": Decimal(4)}]}
    revenue, margin, cogs = ask(
        question("revenue", "margin", "cogs", grain=Grain.WEEK, span="2025-01-01 2025-01-10"), KPIS, rows
    )
    assert 10 in values(revenue)
    assert set(values(margin)) == set(values(cogs)) == {None}
    assert "one row per month; ask by month or coarser" in str(cogs.points[0].reason)
    [rolled] = ask(question("week", span="2025-01-01 2025-01-31"), KPIS, rows)
    assert "roll over months, not days" in str(rolled.points[0].reason)


def test_weekly_rows_asked_by_month_say_so() -> None:
    weekly = {"finance": replace(FINANCE, grain=Grain.WEEK)}
    [series] = ask(
        question("cogs", span="2025-01-01 2025-01-31"),
        kpis(cogs="sum(finance.cogs)"),
        {"finance": [{"date": date(2025, 1, 6), "cogs": Decimal(4)}]},
        datasets=weekly,
    )
    assert series.warnings == (
        "finance has weekly rows: each week counts wholly in the period that holds its date.",
        "2025-01 is not a whole month: data begin on 6 Jan 2025.",
    )


def test_a_split_or_filter_a_dataset_lacks_is_no_value_with_the_reason() -> None:
    rows = {"orders": [order("2025-01-05", channel="web")], "finance": [{"date": date(2025, 1, 1), "cogs": Decimal(4)}]}
    revenue, cogs = ask(question("revenue", "cogs", span="2025-01-01 2025-01-31", by=("channel",)), KPIS, rows)
    assert values(revenue) == [10]
    assert "finance has no column 'channel' to split by" in str(cogs.total and cogs.total.reason)
    _, cogs = ask(
        question("revenue", "cogs", span="2025-01-01 2025-01-31", where=parse_wheres(["chanel=web"])), KPIS, rows
    )
    assert "to filter by" in str(cogs.points[0].reason)


def test_a_scope_on_a_column_a_dataset_lacks_refuses_its_figures() -> None:
    rows = {"orders": [order("2025-01-05")], "finance": [{"date": date(2025, 1, 1), "cogs": Decimal(4)}]}
    [series] = ask(question("cogs", span="2025-01-01 2025-01-31", scope=parse_wheres(["channel=web"])), KPIS, rows)
    assert series.points[0].value is None
    assert "your data scope needs" in str(series.points[0].reason)


def test_new_customers_add_up_over_splits_and_histories_ignore_filters() -> None:
    rows = [
        order("2025-01-05", customer_id="a", region="A"),
        order("2025-02-05", customer_id="a", region="B"),
        order("2025-02-06", customer_id="b", region="B"),
        order("2025-03-01", customer_id="c", region="A"),
    ]
    asked = question("fresh", "back", "gone", span="2025-02-01 2025-02-28", where=parse_wheres(["region=B"]))
    fresh, back, gone = ask(asked, KPIS, {"orders": rows})
    assert (values(fresh), values(back)) == ([1], [1]), "a is not new in B: the first order was in A"
    assert gone.points[0].value is None, "B had no rows in January"
    [split] = ask(question("fresh", span="2025-01-01 2025-03-31", by=("region",)), KPIS, {"orders": rows})
    assert sum(p.value or 0 for p in split.points) == split.total.value == 3  # type: ignore[union-attr]


def test_who_is_lost_is_not_known_in_an_unfinished_period() -> None:
    rows = [
        order("2025-01-01", customer_id="a"),
        order("2025-01-06", customer_id="b"),
        order("2025-02-05", customer_id="b"),
    ]
    gone, retention = ask(question("gone", "retention", span="2025-02-01 2025-02-28"), KPIS, {"orders": rows})
    assert (gone.points[0].value, retention.points[0].value) == (None, None)
    assert gone.points[0].reason == "Who is lost is known when the period is complete."
    gone, retention = ask(
        question("gone", "retention", span="2025-02-01 2025-02-28"), KPIS, {"orders": [*rows, order("2025-03-01")]}
    )
    assert (gone.points[0].value, retention.points[0].value) == (1, 0.5)


def test_the_last_balance_adds_up_over_accounts_but_not_over_time() -> None:
    rows = [
        order("2025-01-05", price=Decimal(5)),
        order("2025-01-31", price=Decimal(3)),
        order("2025-01-31", price=Decimal(4)),
        order("2025-02-03", price=None),
    ]
    [series] = ask(question("stock", span="2025-01-01 2025-02-28"), KPIS, {"orders": rows})
    assert values(series) == [7, None]
    assert series.total
    assert series.total.value == 7


def test_three_money_columns_at_ten_million_multiply_exactly() -> None:
    amounts = [Decimal("9999999.99"), Decimal("9999999.97"), Decimal("-3333333.33")]
    rows = [order("2025-01-05", str(a), price=a - Decimal("0.01")) for a in amounts]
    [series] = ask(question("triple", span="2025-01-01 2025-01-31"), KPIS, {"orders": rows})
    assert series.points[0].value == sum((a - Decimal("0.01")) ** 2 * a for a in amounts)


def test_many_small_numbers_add_up_to_the_last_digit() -> None:
    rows = [order("2025-01-05", "0.1", qty=0.1) for _ in range(1000)] + [
        order("2025-01-06", "10000000000000", qty=1e13)
    ]
    money, number = ask(
        question("revenue", "units", span="2025-01-01 2025-01-31"),
        KPIS | kpis(units="sum(orders.qty)"),
        {"orders": rows},
    )
    assert money.points[0].value == Decimal("10000000000100.0")
    assert number.points[0].value == 1e13 + 100


def test_one_broken_kpi_never_affects_another() -> None:
    broken, on_broken, revenue = ask(
        question("broken", "on_broken", "revenue", span="2025-01-01 2025-01-31"),
        KPIS,
        {"orders": [order("2025-01-05")]},
    )
    assert values(revenue) == [10]
    assert str(broken.points[0].reason) == "Needs orders.nope, which is not here any more."
    assert (on_broken.points[0].value, on_broken.points[0].complete) == (None, False)


def test_a_scan_that_failed_leaves_a_reason() -> None:
    compiled = plan(
        question("revenue"), KPIS, DATASETS, Calendar(), states({"orders": [order("2025-01-05")]}), {}, TODAY
    )
    from dashapp.query.answer import answer

    assert answer(compiled, {})[0].points[0].reason == "The engine could not compute this figure."


def test_a_fiscal_year_to_date_starts_with_the_fiscal_year() -> None:
    rows = [order("2025-03-31", "1"), order("2025-04-01", "2"), order("2025-05-10", "4")]
    [series] = ask(
        question("ytd", span="2025-05-01 2025-05-31"), KPIS, {"orders": rows}, calendar=Calendar(fiscal_month=4)
    )
    assert values(series) == [6]


def test_a_snapshot_speaks_of_its_own_day_only() -> None:
    stock = {
        "stock": Dataset(
            "stock", "Stock", kind="snapshot", columns=columns(sku="dimension text", pieces="measure number")
        )
    }
    rows = {"stock": [{"sku": "a", "pieces": 3.0}, {"sku": "b", "pieces": 4.0}]}
    state = {"stock": DataState(date(2025, 2, 3), date(2025, 2, 3), date(2025, 2, 3))}
    [series] = ask(
        question("pieces", span="2025-01-01 2025-02-28"),
        kpis(pieces="sum(stock.pieces)"),
        rows,
        datasets=stock,
        state=state,
    )
    assert values(series) == [None, 7]
    assert "snapshot of 2025-02-03" in str(series.points[0].reason)


def test_a_reference_has_no_time() -> None:
    [series] = ask(
        question("price", span="2025-01-01 2025-02-28"),
        kpis(price="avg(catalogue.cost)"),
        {"catalogue": CATALOGUE_ROWS},
    )
    assert len(set(values(series))) == 1


def test_impossible_questions_are_refused() -> None:
    state = states({"orders": []})
    for bad, kind in (
        (question("nothing"), NotFound),
        (question("revenue", by=("a", "b", "c", "d")), Invalid),
        (question("revenue", grain=Grain.EVENT), Invalid),
        (question("revenue", grain=Grain.DAY, span="1990-01-01 2025-01-01"), Invalid),
    ):
        with pytest.raises(kind):
            plan(bad, KPIS, DATASETS, Calendar(), state, {}, TODAY)


def test_all_kpis_of_a_dataset_share_one_scan() -> None:
    asked = question("revenue", "basket", "growing", "web", "stock", "month", "ytd", compare="previous_year")
    compiled = plan(asked, KPIS, DATASETS, Calendar(), states({"orders": [order("2025-01-05")]}), {}, TODAY)
    assert [s.name for s in compiled.scans] == ["orders:rows"]
    assert (
        plan(asked, KPIS, DATASETS, Calendar(), states({"orders": [order("2025-01-05")]}), {}, TODAY).scans[0]
        is compiled.scans[0]
    )


@pytest.mark.parametrize("calendar", [Calendar(), Calendar(7, 6), Calendar(2, 0, "4-4-5"), Calendar(1, 6, "5-4-4")])
@pytest.mark.parametrize("grain", [Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR])
def test_periods_of_every_calendar_add_up_to_the_whole(calendar: Calendar, grain: Grain) -> None:
    rows = [{"date": date(2023, 1, 1) + timedelta(i), "revenue": Decimal(i)} for i in range(900)]
    compiled = plan(
        question("revenue", grain=grain, span="2023-03-15 2025-02-03"),
        KPIS,
        DATASETS,
        calendar,
        states({"orders": rows}, calendar=calendar),
        {},
        TODAY,
    )
    [series] = run(compiled, connect({"orders": rows}))
    inside = [r for r in rows if series.start <= r["date"] <= series.end]
    assert sum(p.value or 0 for p in series.points) == series.total.value == sum(r["revenue"] for r in inside)  # type: ignore[union-attr]
    for point in series.points:
        assert (point.value or 0) == sum(r["revenue"] for r in inside if r["date"] in point.period)
