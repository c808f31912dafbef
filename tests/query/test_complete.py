"""When a period is complete, and what has elapsed of one that is not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.datastate import DataState, state_of
from dashapp.core.period import Grain, Period
from dashapp.query.complete import elapsed_until, expected_weekdays, is_complete

CAL = Calendar()
SHOP, SHEET = Dataset("shop", "Shop"), Dataset("sheet", "Sheet", grain=Grain.MONTH)
TODAY = date(2026, 12, 31)


def weekdays_only(last: date) -> DataState:
    days = [d for i in range(120) if (d := last - timedelta(i)).weekday() < 5]
    return state_of(
        SHOP, min(days), max(days), {w: sum(d.weekday() == w for d in days) for w in range(7)}, None, CAL, TODAY
    )


def test_a_shop_closed_at_weekends_completes_its_month_on_friday() -> None:
    state = weekdays_only(date(2026, 5, 29))
    assert expected_weekdays(state) == frozenset(range(5))
    assert is_complete(SHOP, state, CAL.parse("2026-05")), "the 30th and 31st are Saturday and Sunday"
    assert not is_complete(SHOP, weekdays_only(date(2026, 5, 28)), CAL.parse("2026-05"))


def test_a_later_period_with_rows_completes_the_earlier_one() -> None:
    state = DataState(date(2026, 1, 1), date(2026, 4, 2), date(2026, 3, 10), {})
    assert is_complete(SHOP, state, CAL.parse("2026-03"))


def test_a_short_history_expects_every_day() -> None:
    assert expected_weekdays(DataState(date(2026, 5, 25), date(2026, 5, 29), date(2026, 5, 29), {0: 1})) == frozenset(
        range(7)
    )


def test_a_monthly_sheet_reaches_to_the_end_of_its_last_month_but_not_beyond_today() -> None:
    last = date(2026, 5, 1)
    assert state_of(SHEET, last, last, {}, None, CAL, TODAY).data_through == date(2026, 5, 31)
    assert state_of(SHEET, last, last, {}, None, CAL, date(2026, 5, 10)).data_through == date(2026, 5, 10)
    assert state_of(SHEET, last, last, {}, date(2026, 5, 20), CAL, TODAY).data_through == date(2026, 5, 20)
    assert state_of(SHEET, None, None, {}, None, CAL, TODAY).data_through is None


def test_without_data_nothing_is_complete_and_references_always_are() -> None:
    period = CAL.parse("2026-05")
    assert not is_complete(SHOP, None, period)
    assert not is_complete(SHOP, DataState(None, None, None), period)
    assert is_complete(Dataset("prices", "Prices", kind="reference"), None, period)


@pytest.mark.parametrize(
    ("period", "reached", "base", "until"),
    [
        ("2026-03", date(2026, 3, 15), "2026-02", date(2026, 2, 15)),
        ("2026-03", date(2026, 3, 30), "2026-02", date(2026, 2, 28)),
        ("2026-03", date(2026, 3, 31), "2026-02", date(2026, 2, 28)),
        ("2026-Q2", date(2026, 4, 30), "2026-Q1", date(2026, 1, 31)),
        ("2026-Q2", date(2026, 5, 10), "2026-Q1", date(2026, 2, 10)),
        ("2024", date(2024, 2, 29), "2023", date(2023, 2, 28)),
        ("2026-W10", date(2026, 3, 4), "2026-W09", date(2026, 2, 25)),
    ],
)
def test_the_same_elapsed_part_matches_by_month_and_day(period: str, reached: date, base: str, until: date) -> None:
    assert elapsed_until(CAL, CAL.parse(period), reached, CAL.parse(base)) == until


def test_retail_periods_match_by_day_of_the_period() -> None:
    retail = Calendar(family="4-4-5")
    month = retail.period(date(2026, 3, 10), Grain.MONTH)
    before: Period = retail.previous(month)
    assert elapsed_until(retail, month, month.start + timedelta(9), before) == before.start + timedelta(9)
