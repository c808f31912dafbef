"""Windows by hand: which dates a time function covers, in finished and unfinished periods, in every calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.datastate import DataState
from dashapp.core.period import DateRange, Grain
from dashapp.query.windows import NOT_YET, OUT_OF_REACH, Clock, Reach, Window
from tests.query.shop import DATASETS

EVERY_DAY = dict.fromkeys(range(7), 200)
BACK, YEAR, WEEKDAY = ("previous", 1), ("year_ago", 1), ("same_weekday", 1)


def clock(through: str, calendar: Calendar | None = None, finance: str = "2026-02-28") -> Clock:
    """Orders every day since 2020 up to a day; monthly finance rows up to a month's end."""
    def state(text: str) -> DataState:
        end = date.fromisoformat(text)
        return DataState(date(2020, 1, 1), end, end, EVERY_DAY)
    return Clock(calendar or Calendar(), DATASETS, {"orders": state(through), "finance": state(finance)})


def window(day: str, grain: Grain, *shifts: tuple[str, int], widen: tuple[str, int, str] | None = None,
           calendar: Calendar | None = None, last: str | None = None) -> Window:
    calendar = calendar or Calendar()
    first = calendar.period(date.fromisoformat(day), grain)
    end = calendar.period(date.fromisoformat(last), grain) if last else first
    return Window(first, end, shifts, widen)  # type: ignore[arg-type]


def told(found: Reach | str) -> str:
    return found if isinstance(found, str) else f"{found.start} {found.end}"


@pytest.mark.parametrize(("asked", "want"), [
    (window("2025-03-10", Grain.MONTH), "2025-03-01 2025-03-31"),
    (window("2025-03-10", Grain.MONTH, BACK), "2025-02-01 2025-02-28"),
    (window("2025-03-10", Grain.MONTH, YEAR), "2024-03-01 2024-03-31"),
    (window("2025-03-10", Grain.MONTH, YEAR, BACK), "2024-02-01 2024-02-29"),
    (window("2024-02-29", Grain.DAY, YEAR), "2023-02-28 2023-02-28"),
    (window("2024-02-29", Grain.DAY, WEEKDAY), "2023-03-02 2023-03-02"),
    (window("2020-12-31", Grain.WEEK, YEAR), "A 53rd week has no year-ago value."),
    (window("2020-12-21", Grain.WEEK, YEAR, last="2020-12-31"), "A 53rd week has no year-ago value."),
    (window("2020-12-31", Grain.WEEK, YEAR, last="2021-01-10"), "A 53rd week has no year-ago value."),
    (window("2025-01-01", Grain.MONTH, ("previous", 3), last="2025-03-01"), "2024-10-01 2024-12-31"),
    (window("2025-03-10", Grain.MONTH, widen=("rolling", 28, "day")), "2025-03-04 2025-03-31"),
    (window("2025-03-10", Grain.MONTH, widen=("rolling", 2, "week")), "2025-03-18 2025-03-31"),
    (window("2025-03-10", Grain.MONTH, widen=("rolling", 3, "month")), "2025-01-01 2025-03-31"),
    (window("2025-03-10", Grain.DAY, widen=("rolling", 1, "month")), "2025-02-11 2025-03-10"),
    (window("2025-03-31", Grain.DAY, widen=("rolling", 1, "month")), "2025-03-01 2025-03-31"),
    (window("2025-03-30", Grain.DAY, widen=("rolling", 1, "month")), "2025-03-01 2025-03-30"),
    (window("2025-03-10", Grain.MONTH, BACK, widen=("rolling", 2, "month")), "2025-01-01 2025-02-28"),
    (window("2025-03-10", Grain.MONTH, widen=("to_date", 0, "year")), "2025-01-01 2025-03-31"),
    (window("2025-03-10", Grain.MONTH, BACK, widen=("to_date", 0, "quarter")), "2025-01-01 2025-02-28"),
    (window("2025-03-10", Grain.WEEK, widen=("to_date", 0, "month")), "2025-03-01 2025-03-16"),
    (window("1900-01-10", Grain.MONTH, BACK), OUT_OF_REACH),
    (window("2025-03-10", Grain.MONTH, widen=("rolling", 3700, "year")), OUT_OF_REACH),
])
def test_a_window_of_finished_periods_covers(asked: Window, want: str) -> None:
    assert told(clock("2026-03-10").reach(asked, "orders")) == want


@pytest.mark.parametrize(("through", "asked", "want"), [
    ("2026-03-10", window("2026-03-01", Grain.MONTH, BACK), "2026-02-01 2026-02-10"),
    ("2026-03-10", window("2026-03-01", Grain.MONTH, YEAR), "2025-03-01 2025-03-10"),
    ("2026-03-30", window("2026-03-01", Grain.MONTH, BACK), "2026-02-01 2026-02-28"),
    ("2026-02-27", window("2026-02-01", Grain.MONTH, BACK), "2026-01-01 2026-01-27"),
    ("2026-02-28", window("2026-02-01", Grain.MONTH, BACK), "2026-01-01 2026-01-31"),
    ("2026-03-11", window("2026-03-11", Grain.WEEK, BACK), "2026-03-02 2026-03-04"),
    ("2026-02-10", window("2026-02-10", Grain.QUARTER, BACK), "2025-10-01 2025-11-10"),
    ("2026-02-28", window("2026-02-10", Grain.QUARTER, BACK), "2025-10-01 2025-11-30"),
    ("2026-02-10", window("2026-02-10", Grain.YEAR, YEAR), "2025-01-01 2025-02-10"),
    ("2026-03-10", window("2026-03-01", Grain.MONTH, BACK, widen=("rolling", 28, "day")), "2026-01-14 2026-02-10"),
    ("2026-03-10", window("2026-03-01", Grain.MONTH, YEAR, widen=("rolling", 3, "month")), "2024-12-11 2025-03-10"),
    ("2026-03-10", window("2026-03-01", Grain.MONTH, BACK, widen=("to_date", 0, "year")), "2026-01-01 2026-02-10"),
    ("2026-03-10", window("2026-04-01", Grain.MONTH, BACK), NOT_YET),
    ("2026-03-01", window("2026-03-01", Grain.MONTH, BACK), "2026-02-01 2026-02-01"),
    ("2026-02-28", window("2026-03-01", Grain.MONTH, BACK), NOT_YET),
    ("2026-02-10", window("2026-01-01", Grain.MONTH, ("previous", 2), last="2026-02-01"), "2025-11-01 2025-12-10"),
])
def test_an_unfinished_period_is_compared_with_as_much_of_the_other(through: str, asked: Window, want: str) -> None:
    assert told(clock(through).reach(asked, "orders")) == want


@pytest.mark.parametrize(("through", "asked", "want"), [
    ("2026-03-10", window("2026-03-01", Grain.MONTH, widen=("rolling", 28, "day")), "2026-02-11 2026-03-10"),
    ("2026-03-10", window("2026-03-01", Grain.MONTH, widen=("rolling", 1, "day")), "2026-03-10 2026-03-10"),
    ("2026-03-10", window("2026-03-01", Grain.MONTH, widen=("rolling", 2, "week")), "2026-02-25 2026-03-10"),
    ("2026-03-10", window("2026-03-01", Grain.MONTH, widen=("rolling", 3, "month")), "2025-12-11 2026-03-10"),
    ("2026-03-10", window("2026-03-01", Grain.QUARTER, widen=("rolling", 1, "year")), "2025-03-11 2026-03-10"),
    ("2026-02-28", window("2026-03-01", Grain.QUARTER, widen=("rolling", 2, "month")), "2026-01-01 2026-02-28"),
    ("2026-03-31", window("2026-03-01", Grain.MONTH, widen=("rolling", 28, "day")), "2026-03-04 2026-03-31"),
    ("2026-03-30", window("2026-03-01", Grain.MONTH, widen=("rolling", 28, "day")), "2026-03-03 2026-03-30"),
    ("2026-03-11", window("2026-03-11", Grain.WEEK, widen=("rolling", 7, "day")), "2026-03-05 2026-03-11"),
    ("2026-03-10", window("2026-03-11", Grain.DAY, widen=("rolling", 7, "day")), NOT_YET),
    ("2026-02-28", window("2026-03-01", Grain.MONTH, widen=("rolling", 28, "day")), NOT_YET),
    ("2026-03-10", window("2026-01-01", Grain.MONTH, widen=("rolling", 7, "day"), last="2026-03-01"),
     "2026-03-04 2026-03-10"),
    ("2026-03-10", window("2026-03-01", Grain.MONTH, widen=("to_date", 0, "year")), "2026-01-01 2026-03-31"),
])
def test_a_rolling_window_of_an_unfinished_period_ends_with_the_data(through: str, asked: Window, want: str) -> None:
    assert told(clock(through).reach(asked, "orders")) == want


@pytest.mark.parametrize(("asked", "want"), [
    (window("2026-02-10", Grain.QUARTER, widen=("rolling", 3, "month")), "2025-12-01 2026-02-28"),
    (window("2026-02-10", Grain.QUARTER, BACK, widen=("rolling", 3, "month")), "2025-09-01 2025-11-30"),
    (window("2026-03-10", Grain.MONTH, widen=("rolling", 3, "month")), NOT_YET),
])
def test_a_rolling_window_of_monthly_rows_ends_with_their_last_month(asked: Window, want: str) -> None:
    assert told(clock("2026-03-10").reach(asked, "finance")) == want


def test_data_without_dates_roll_over_any_time() -> None:
    asked = window("2026-03-01", Grain.MONTH, widen=("rolling", 28, "day"))
    assert told(clock("2026-03-10").reach(asked, "catalogue")) == "2026-03-04 2026-03-31"


@given(st.dates(date(2021, 6, 1), date(2026, 6, 30)), st.sampled_from([Grain.WEEK, Grain.MONTH, Grain.QUARTER]),
       st.integers(1, 90), st.sampled_from([(), (BACK,), (YEAR,), (BACK, YEAR)]),
       st.sampled_from([Calendar(), Calendar(4, 6), Calendar(2, 0, "4-5-4")]))
def test_rolled_days_are_so_many_days_on_both_sides_of_a_comparison(
    through: date, grain: Grain, n: int, shifts: tuple[tuple[str, int], ...], calendar: Calendar,
) -> None:
    period = calendar.period(through, grain)
    asked = Window(period, period, shifts, ("rolling", n, "day"))  # type: ignore[arg-type]
    found = clock(through.isoformat(), calendar).reach(asked, "orders")
    if isinstance(found, str):
        assert found == "A 53rd week has no year-ago value."
        return
    assert (found.end - found.start).days + 1 == n
    assert found.end <= through
    if not shifts:
        assert found.end == through


@pytest.mark.parametrize(("through", "cut"), [("2026-03-10", True), ("2026-03-30", False), ("2026-03-31", False)])
def test_a_window_says_whether_it_was_cut(through: str, cut: bool) -> None:
    assert clock(through).is_cut(window("2026-03-01", Grain.MONTH, BACK), "orders") is cut
    assert clock(through).is_cut(window("2026-02-01", Grain.MONTH, BACK), "orders") is False


def test_monthly_rows_are_never_cut_inside_a_month() -> None:
    quarter = window("2026-02-10", Grain.QUARTER, BACK)
    assert told(clock("2026-03-10").reach(quarter, "finance")) == "2025-10-01 2025-11-30"


@pytest.mark.parametrize(("shifts", "widen", "want"), [
    ((BACK,), None, "2025-10-01 2025-12-31"), ((YEAR,), None, "2025-01-01 2025-03-31"),
    ((), ("rolling", 2, "month"), "2026-02-01 2026-03-31"), ((BACK,), ("rolling", 2, "month"), "2025-11-01 2025-12-31"),
])
def test_a_month_that_is_there_counts_whole_while_it_runs(shifts, widen, want: str) -> None:
    """On 16 March the sheet of March is there: its one row is the whole month's."""
    asked = window("2026-02-10", Grain.QUARTER, *shifts, widen=widen)
    assert told(clock("2026-03-10", finance="2026-03-16").reach(asked, "finance")) == want


def test_a_month_that_ended_on_a_friday_is_compared_with_a_whole_month() -> None:
    friday = date(2026, 2, 27)
    rhythm = DataState(date(2020, 1, 1), friday, friday, dict.fromkeys(range(5), 400))
    at = Clock(Calendar(), DATASETS, {"orders": rhythm})
    asked = window("2026-01-10", Grain.MONTH, ("previous", 3), last="2026-03-01")
    assert told(at.reach(asked, "orders")) == "2025-10-01 2025-11-30"
    assert told(at.reach(window("2026-01-10", Grain.MONTH, widen=("rolling", 28, "day"), last="2026-03-01"),
                         "orders")) == "2026-02-01 2026-02-28"


def test_retail_periods_match_by_day_of_the_period() -> None:
    calendar = Calendar(2, 6, "4-4-5")
    month = calendar.period(date(2026, 3, 10), Grain.MONTH)
    before = calendar.previous(month)
    reached = month.start + timedelta(9)
    found = clock(reached.isoformat(), calendar).reach(Window(month, month, (BACK,)), "orders")  # type: ignore[arg-type]
    assert found == Reach(before.start, before.start + timedelta(9))


@pytest.mark.parametrize(("asked", "want"), [
    (window("2025-03-10", Grain.MONTH), "2025-02-01 2025-02-28"),
    (window("2025-03-10", Grain.MONTH, YEAR), "2024-02-01 2024-02-29"),
    (window("2025-03-10", Grain.MONTH, widen=("rolling", 30, "day")), "2025-01-31 2025-03-01"),
    (window("2025-03-10", Grain.MONTH, widen=("rolling", 2, "month")), "2024-12-01 2025-01-31"),
    (window("2025-01-01", Grain.MONTH, last="2025-03-01"), "2024-10-01 2024-12-31"),
    (window("2025-03-10", Grain.MONTH, widen=("to_date", 0, "year")),
     "lost() has no preceding period inside to_date()."),
])
def test_who_is_lost_was_there_in_the_stretch_before(asked: Window, want: str) -> None:
    assert told(clock("2026-03-10").preceding(asked, "orders")) == want


def test_where_another_dataset_ends_the_window_ends_and_its_comparison_with_it() -> None:
    asked = Window(*[Calendar().period(date(2026, 3, 1), Grain.QUARTER)] * 2, until=date(2026, 2, 28))
    at = clock("2026-03-20")
    assert told(at.reach(asked, "orders")) == "2026-01-01 2026-02-28"
    assert told(at.reach(asked.shifted(YEAR), "orders")) == "2025-01-01 2025-02-28"  # type: ignore[arg-type]
    march = Window(*[Calendar().period(date(2026, 3, 1), Grain.MONTH)] * 2, until=date(2026, 2, 28))
    assert told(at.reach(march, "orders")) == "Other data of this KPI end on 28 Feb 2026."
    rolled = Window(march.first, march.last, widen=("rolling", 2, "month"), until=march.until)
    assert told(at.reach(rolled, "orders")) == "Other data of this KPI end on 28 Feb 2026."
    quarter = Window(asked.first, asked.last, widen=("rolling", 28, "day"), until=asked.until)
    assert told(at.reach(quarter, "orders")) == "2026-02-01 2026-02-28"
    assert told(at.reach(quarter.shifted(YEAR), "orders")) == "2025-02-01 2025-02-28"  # type: ignore[arg-type]


@given(st.dates(date(2021, 1, 1), date(2026, 6, 30)), st.sampled_from([g for g in Grain if g is not Grain.EVENT]),
       st.lists(st.sampled_from([BACK, YEAR, WEEKDAY]), max_size=3), st.dates(date(2020, 2, 1), date(2026, 6, 30)),
       st.sampled_from([None, ("rolling", 10, "day"), ("rolling", 2, "quarter"), ("to_date", 0, "year")]),
       st.sampled_from([Calendar(), Calendar(4, 6), Calendar(2, 0, "4-5-4")]))
def test_a_window_never_reaches_beyond_its_periods_nor_a_shifted_one_beyond_what_has_elapsed(
    day: date, grain: Grain, shifts: list[tuple[str, int]], through: date, widen: tuple[str, int, str] | None,
    calendar: Calendar,
) -> None:
    at = clock(through.isoformat(), calendar)
    period = calendar.period(day, grain)
    asked = Window(period, period, tuple(shifts), widen)  # type: ignore[arg-type]
    found, there = at.reach(asked, "orders"), at.shifted(period, asked.shifts)
    if isinstance(found, str):
        assert there is None or through < period.start or found == OUT_OF_REACH or widen
        return
    assert there is not None
    assert found.end <= there.end
    if widen is None:
        assert found.start == there.start
        if shifts and through < period.end and grain is not Grain.DAY:
            assert found.end < there.end or (through + timedelta(1)).day == 1 or there.days < period.days
        if not shifts:
            assert found.end == period.end


def test_the_periods_of_a_window_are_counted_as_asked() -> None:
    calendar = Calendar()
    for n in (1, 5, 12):
        months = calendar.periods(DateRange(date(2025, 1, 1), date(2025, n, 28)), Grain.MONTH)
        assert clock("2026-03-10").count(Window(months[0], months[-1])) == n


@pytest.mark.parametrize(("through", "asked", "complete"), [
    ("2026-03-10", window("2026-02-01", Grain.MONTH), True), ("2026-03-10", window("2026-03-01", Grain.MONTH), False),
    ("2026-03-31", window("2026-03-01", Grain.MONTH), True), ("2026-03-30", window("2026-03-01", Grain.MONTH), False),
    ("2026-03-10", window("2026-03-01", Grain.MONTH, BACK), True),
    ("2026-03-10", window("2026-01-01", Grain.MONTH, last="2026-03-01"), False),
    ("2026-03-10", window("2020-12-31", Grain.WEEK, YEAR), False),
    ("2026-03-10", window("1900-01-10", Grain.MONTH, BACK), False),
])
def test_a_window_is_complete_when_its_last_period_is_and_never_where_it_has_none(
    through: str, asked: Window, complete: bool
) -> None:
    assert clock(through).is_complete(asked, "orders") is complete


@pytest.mark.parametrize(("start", "said"), [("2019-12-28", "Data begin on 1 Jan 2020."), ("2019-12-29", None),
                                             ("2020-01-02", None)])
def test_dates_that_begin_before_the_data_are_early(start: str, said: str | None) -> None:
    """On 200 of 323 dates of each weekday are rows: in three days hardly two of them are missing."""
    at, reach = clock("2026-03-10"), Reach(date.fromisoformat(start), date(2020, 2, 1))
    assert at.early(reach, "orders") == said
    assert at.since("orders") == date(2019, 12, 29)


def test_data_without_dates_or_without_rows_begin_nowhere() -> None:
    at = Clock(Calendar(), DATASETS, {"orders": DataState(None, None, None), "catalogue": DataState(None, None, None)})
    reach = Reach(date(1900, 1, 1), date(1900, 1, 31))
    for key in ("orders", "catalogue", "finance"):
        assert at.since(key) is None
        assert at.early(reach, key) is None
    assert told(at.reach(window("2026-03-01", Grain.MONTH, BACK), "orders")) == NOT_YET
    assert told(at.reach(window("2026-03-01", Grain.MONTH, widen=("rolling", 7, "day")), "finance")) == NOT_YET


@pytest.mark.parametrize(("asked", "period"), [
    (window("2026-03-10", Grain.MONTH, ("previous", 3)), "2025-12"),
    (window("2026-03-10", Grain.MONTH, YEAR, BACK), "2025-02"),
    (window("2026-03-10", Grain.WEEK, WEEKDAY), "2025-W11"), (window("2026-03-10", Grain.DAY, WEEKDAY), "2025-03-11"),
    (window("2026-03-10", Grain.DAY, YEAR), "2025-03-10"), (window("2026-12-31", Grain.WEEK, YEAR, BACK), None),
])
def test_a_period_stands_for_another_after_the_shifts(asked: Window, period: str | None) -> None:
    found = clock("2026-03-10").shifted(asked.first, asked.shifts)
    assert (found.label if found else None) == period
