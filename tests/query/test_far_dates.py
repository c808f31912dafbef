"""Questions at the edge of the calendar: an answer or a sentence, for every grain, comparison and time function."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.errors import Invalid
from dashapp.core.period import FIRST_DAY, LAST_DAY, QUESTION_GRAINS, DateRange, Grain
from dashapp.core.question import Question
from dashapp.query.compile import plan
from dashapp.query.explain import rows_plan
from tests.query.shop import DATASETS, TODAY, ask, kpis, states

KPIS = kpis(
    revenue="sum(orders.revenue)",
    before="previous(revenue)",
    last_year="year_ago(revenue)",
    grown="growth(growth(revenue))",
    month="rolling(revenue, 3700)",
    ages='rolling(revenue, 3700, "year")',
    centuries='rolling(lost(orders.customer_id), 100, "year")',
    running='to_date(revenue, "year")',
    people="distinct(orders.customer_id)",
    fresh="new(orders.customer_id)",
    back="returning(orders.customer_id)",
    gone="lost(orders.customer_id)",
    middle="median(orders.revenue)",
)
CALENDARS = [Calendar(), Calendar(4, 6), Calendar(2, 6, "4-4-5"), Calendar(12, 3, "5-4-4")]
ROWS = [
    {"date": day, "revenue": Decimal(10), "customer_id": "a"}
    for day in (FIRST_DAY, FIRST_DAY + timedelta(40), date(2026, 1, 5), LAST_DAY - timedelta(40), LAST_DAY)
]
ENDS = [(FIRST_DAY, FIRST_DAY + timedelta(30)), (LAST_DAY - timedelta(30), LAST_DAY)]


@pytest.mark.parametrize("edge", ENDS)
@pytest.mark.parametrize(
    ("calendar", "grain", "compare"),
    [
        (CALENDARS[0], Grain.DAY, "same_weekday"),
        (CALENDARS[1], Grain.WEEK, "previous_year"),
        (CALENDARS[1], Grain.YEAR, "previous"),
        (CALENDARS[2], Grain.MONTH, "previous_year"),
        (CALENDARS[3], Grain.QUARTER, "previous"),
    ],
)
def test_the_first_and_the_last_month_are_answered_in_full(
    calendar: Calendar, grain: Grain, compare: str, edge: tuple[date, date]
) -> None:
    asked = Question(tuple(KPIS), grain, DateRange(*edge), compare=compare)  # type: ignore[arg-type]
    found = {s.kpi: s for s in ask(asked, KPIS, {"orders": ROWS}, calendar=calendar, today=LAST_DAY)}
    revenue = found["revenue"]
    in_sight = sum(r["date"] >= revenue.start and r["date"] <= revenue.end for r in ROWS)
    assert revenue.total
    assert revenue.total.value == 10 * in_sight
    for series in found.values():
        assert all((p.value is None) == bool(p.reason) for p in series.points)
    if edge[0] == FIRST_DAY:
        assert found["before"].points[0].reason == "The calendar does not reach that far."
        assert {p.value for p in found["ages"].points} == {None}


@pytest.mark.parametrize("grain", QUESTION_GRAINS)
@pytest.mark.parametrize(
    ("start", "end"),
    [(date.min, date.min), (date.max, date.max), (date.min, date.max), (date(2025, 1, 1), date.max)],
)
def test_other_years_are_refused_with_a_sentence(grain: Grain, start: date, end: date) -> None:
    asked = Question(("revenue",), grain, DateRange(start, end), compare="previous_year")
    with pytest.raises(Invalid, match="Dates lie between 1900-01-01 and 2199-12-31"):
        plan(asked, KPIS, DATASETS, Calendar(), states({"orders": ROWS}), {}, TODAY)


def test_a_century_before_a_century_is_out_of_reach_without_a_crash() -> None:
    asked = Question(("centuries",), Grain.YEAR, DateRange(date(2026, 1, 1), date(2026, 12, 31)))
    [series] = ask(asked, KPIS, {"orders": ROWS}, today=LAST_DAY)
    assert series.points[0].reason == "The calendar does not reach that far."


@pytest.mark.parametrize("grain", QUESTION_GRAINS)
def test_the_rows_behind_the_first_and_last_figure_are_found(grain: Grain) -> None:
    for day in (FIRST_DAY, LAST_DAY):
        asked = Question(("revenue", "before"), grain, DateRange(day, day))
        compiled = plan(asked, KPIS, DATASETS, Calendar(), states({"orders": ROWS}, today=LAST_DAY), {}, LAST_DAY)
        assert len(rows_plan(compiled, "revenue", compiled.periods[0])) == 1
