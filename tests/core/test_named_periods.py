"""Calendars against tables made by hand: published retail years, ISO weeks, fiscal years, labels, the edges."""
from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.calendar import Calendar
from dashapp.core.errors import Invalid
from dashapp.core.period import FIRST_DAY, LAST_DAY, DateRange, Grain, Period

D, W, M, Q, Y = Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR
RETAIL = Calendar(2, 6, "4-5-4")  # as the National Retail Federation counts: from the Sunday nearest to 1 February
FISCAL = Calendar(4)
SUNDAYS = Calendar(week_start=6)
days = st.dates(date(1950, 1, 1), date(2100, 12, 31))


def told(period: Period | None) -> str:
    return f"{period.label} {period.start} {period.end}" if period else "none"


def of(calendar: Calendar, day: str, grain: Grain) -> Period:
    return calendar.period(date.fromisoformat(day), grain)


# weeks -----------------------------------------------------------------------------------------------------------
@given(days)
def test_weeks_from_monday_are_those_of_iso_8601(day: date) -> None:
    found, iso = Calendar().period(day, W), day.isocalendar()
    assert found.label == f"{iso.year}-W{iso.week:02d}"
    assert found.start == date.fromisocalendar(iso.year, iso.week, 1)
    assert found.end == date.fromisocalendar(iso.year, iso.week, 7)


@given(days, st.integers(0, 6))
def test_other_weeks_are_named_by_their_fourth_day(day: date, week_start: int) -> None:
    found = Calendar(week_start=week_start).period(day, W)
    assert found.start.weekday() == week_start
    assert found.days == 7
    fourth = found.start + timedelta(3)
    assert found.label == f"{fourth.year}-W{(fourth.timetuple().tm_yday - 1) // 7 + 1:02d}"


@pytest.mark.parametrize("year", range(1998, 2040))
def test_a_year_has_a_53rd_week_when_iso_says_so(year: int) -> None:
    has = year in (1998, 2004, 2009, 2015, 2020, 2026, 2032, 2037)
    if has:
        assert Calendar().parse(f"{year}-W53").end.isocalendar().week == 53
    else:
        with pytest.raises(Invalid):
            Calendar().parse(f"{year}-W53")


@pytest.mark.parametrize(("calendar", "label", "want"), [
    (Calendar(), "2020-W53", "none"),
    (Calendar(), "2021-W53", "no such week"),
    (Calendar(), "2021-W01", "2020-W01 2019-12-30 2020-01-05"),
    (Calendar(), "2021-W52", "2020-W52 2020-12-21 2020-12-27"),
    (Calendar(), "2027-W53", "no such week"),
    (Calendar(), "2026-W53", "none"),
    (SUNDAYS, "2026-W01", "2025-W01 2024-12-29 2025-01-04"),
    (Calendar(), "2016-W10", "2015-W10 2015-03-02 2015-03-08"),
])
def test_a_week_a_year_ago_has_the_same_number_or_there_is_none(calendar: Calendar, label: str, want: str) -> None:
    if want == "no such week":
        with pytest.raises(Invalid):
            calendar.parse(label)
    else:
        assert told(calendar.year_ago(calendar.parse(label))) == want


# retail ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("label", "start", "end", "weeks"), [
    ("FY2007", "2006-01-29", "2007-02-03", 53), ("FY2008", "2007-02-04", "2008-02-02", 52),
    ("FY2012", "2011-01-30", "2012-01-28", 52), ("FY2013", "2012-01-29", "2013-02-02", 53),
    ("FY2014", "2013-02-03", "2014-02-01", 52), ("FY2018", "2017-01-29", "2018-02-03", 53),
    ("FY2019", "2018-02-04", "2019-02-02", 52), ("FY2023", "2022-01-30", "2023-01-28", 52),
    ("FY2024", "2023-01-29", "2024-02-03", 53), ("FY2025", "2024-02-04", "2025-02-01", 52),
    ("FY2026", "2025-02-02", "2026-01-31", 52),
])
def test_retail_years_are_those_the_federation_published(label: str, start: str, end: str, weeks: int) -> None:
    found = RETAIL.parse(label)
    assert told(found) == f"{label} {start} {end}"
    assert found.days == 7 * weeks
    assert RETAIL.period(found.start, Y) == RETAIL.period(found.end, Y) == found
    assert RETAIL.period(found.start - timedelta(1), Y).label == f"FY{int(label[2:]) - 1}"
    assert RETAIL.period(found.end + timedelta(1), Y).label == f"FY{int(label[2:]) + 1}"


MONTHS_OF_2023 = ["2023-01-29", "2023-02-26", "2023-04-02", "2023-04-30", "2023-05-28", "2023-07-02", "2023-07-30",
                  "2023-08-27", "2023-10-01", "2023-10-29", "2023-11-26", "2023-12-31", "2024-02-04"]


def test_the_months_of_the_53_week_year_2023_are_those_the_federation_published() -> None:
    year = RETAIL.parse("FY2024")
    found = RETAIL.periods(DateRange(year.start, year.end), M)
    assert [p.start.isoformat() for p in found] == MONTHS_OF_2023[:12]
    assert [p.end + timedelta(1) for p in found] == [date.fromisoformat(d) for d in MONTHS_OF_2023[1:]]
    assert [p.label for p in found] == [f"FY2024-{n:02d}" for n in range(1, 13)]
    quarters = RETAIL.periods(DateRange(year.start, year.end), Q)
    assert [(q.label, q.start) for q in quarters] == [(f"FY2024-Q{n + 1}", found[3 * n].start) for n in range(4)]
    assert [q.days // 7 for q in quarters] == [13, 13, 13, 14]


@pytest.mark.parametrize(("family", "weeks"), [("4-4-5", [4, 4, 5]), ("4-5-4", [4, 5, 4]), ("5-4-4", [5, 4, 4])])
@pytest.mark.parametrize("fiscal_month", range(1, 13))
@pytest.mark.parametrize("week_start", [0, 3, 6])
def test_each_family_has_its_pattern_in_every_quarter(
    family: str, weeks: list[int], fiscal_month: int, week_start: int
) -> None:
    calendar = Calendar(fiscal_month, week_start, family)  # type: ignore[arg-type]
    for year in range(2019, 2031):
        whole = calendar.parse(f"{'' if fiscal_month == 1 else 'FY'}{year}")
        nominal = date(year - (fiscal_month > 1), fiscal_month, 1)
        assert whole.start.weekday() == week_start
        assert -3 <= (whole.start - nominal).days <= 3
        months = [p.days // 7 for p in calendar.periods(DateRange(whole.start, whole.end), M)]
        assert months[:11] == (weeks * 4)[:11]
        assert months[11] - weeks[2] == whole.days // 7 - 52
        assert whole.days in (364, 371)


@pytest.mark.parametrize(("label", "want"), [
    ("FY2024-12", "FY2023-12 2023-01-01 2023-01-28"), ("FY2025-12", "FY2024-12 2023-12-31 2024-02-03"),
    ("FY2024-01", "FY2023-01 2022-01-30 2022-02-26"), ("FY2024-Q4", "FY2023-Q4 2022-10-30 2023-01-28"),
    ("FY2025", "FY2024 2023-01-29 2024-02-03"), ("FY2024", "FY2023 2022-01-30 2023-01-28"),
    ("FY2025-Q2", "FY2024-Q2 2023-04-30 2023-07-29"),
])
def test_a_retail_period_a_year_ago_has_the_same_number(label: str, want: str) -> None:
    assert told(RETAIL.year_ago(RETAIL.parse(label))) == want


@pytest.mark.parametrize("label", ["FY2024-13", "FY2024-00", "FY2024-Q5", "FY2024-W54", "FY20240"])
def test_a_retail_label_out_of_its_year_is_refused(label: str) -> None:
    with pytest.raises(Invalid, match="is not a period"):
        RETAIL.parse(label)


@given(st.integers(1, 12), st.integers(0, 6), st.sampled_from(["4-4-5", "4-5-4", "5-4-4"]), days)
def test_every_retail_month_reads_back_and_holds_whole_weeks(
    month: int, week_start: int, family: str, day: date
) -> None:
    calendar = Calendar(month, week_start, family)  # type: ignore[arg-type]
    found = calendar.period(day, M)
    assert calendar.parse(found.label) == found
    assert found.start.weekday() == week_start
    assert calendar.period(found.start, W).start == found.start
    assert calendar.period(found.end, W).end == found.end
    assert found.label.startswith("FY") is (month > 1)


# months, quarters, years -----------------------------------------------------------------------------------------
@given(st.integers(1, 12), days)
def test_fiscal_quarters_and_years_are_counted_from_the_fiscal_month(first: int, day: date) -> None:
    calendar, since = Calendar(first), (day.month - first) % 12
    named = day.year + (1 if 1 < first <= day.month else 0)
    mark = "" if first == 1 else "FY"
    assert calendar.period(day, Y).label == f"{mark}{named}"
    assert calendar.period(day, Q).label == f"{mark}{named}-Q{since // 3 + 1}"
    assert calendar.period(day, M).label == day.strftime("%Y-%m")
    assert calendar.start_of(Y, day) == date(named - (first > 1), first, 1)
    quarter = calendar.period(day, Q)
    assert (quarter.start.month - first) % 3 == 0
    assert quarter.start.day == (quarter.end + timedelta(1)).day == 1
    assert 89 <= quarter.days <= 92


@pytest.mark.parametrize(("calendar", "day", "grain", "want"), [
    (Calendar(), "2024-02-29", M, "2024-02 2024-02-01 2024-02-29"),
    (Calendar(), "2023-02-01", M, "2023-02 2023-02-01 2023-02-28"),
    (Calendar(), "2000-02-10", M, "2000-02 2000-02-01 2000-02-29"),
    (Calendar(), "1900-02-10", M, "1900-02 1900-02-01 1900-02-28"),
    (Calendar(), "2024-12-31", M, "2024-12 2024-12-01 2024-12-31"),
    (Calendar(), "2024-12-31", Q, "2024-Q4 2024-10-01 2024-12-31"),
    (Calendar(), "2024-01-01", Y, "2024 2024-01-01 2024-12-31"),
    (FISCAL, "2024-03-31", Y, "FY2024 2023-04-01 2024-03-31"),
    (FISCAL, "2024-04-01", Q, "FY2025-Q1 2024-04-01 2024-06-30"),
    (Calendar(12), "2024-12-01", Q, "FY2025-Q1 2024-12-01 2025-02-28"),
    (Calendar(12), "2024-11-30", Q, "FY2024-Q4 2024-09-01 2024-11-30"),
    (Calendar(2), "2024-01-31", Q, "FY2024-Q4 2023-11-01 2024-01-31"),
    (Calendar(), "2024-05-05", Grain.EVENT, "2024-05-05 2024-05-05 2024-05-05"),
    (SUNDAYS, "2026-03-01", W, "2026-W09 2026-03-01 2026-03-07"),
    (Calendar(week_start=5), "2026-03-01", W, "2026-W09 2026-02-28 2026-03-06"),
])
def test_a_day_lies_in_this_period(calendar: Calendar, day: str, grain: Grain, want: str) -> None:
    assert told(of(calendar, day, grain)) == want


@pytest.mark.parametrize(("calendar", "label", "want"), [
    (Calendar(), "2024-02-29", "2023-02-28 2023-02-28 2023-02-28"),
    (Calendar(), "2025-02-28", "2024-02-28 2024-02-28 2024-02-28"),
    (Calendar(), "2024-02", "2023-02 2023-02-01 2023-02-28"),
    (Calendar(), "2024-Q1", "2023-Q1 2023-01-01 2023-03-31"),
    (Calendar(), "2024", "2023 2023-01-01 2023-12-31"),
    (FISCAL, "FY2024-Q4", "FY2023-Q4 2023-01-01 2023-03-31"),
    (FISCAL, "FY2024", "FY2023 2022-04-01 2023-03-31"),
])
def test_a_period_a_year_ago(calendar: Calendar, label: str, want: str) -> None:
    assert told(calendar.year_ago(calendar.parse(label))) == want


@given(days)
def test_the_same_weekday_a_year_ago_is_52_weeks_back(day: date) -> None:
    found = Calendar().year_ago(Calendar().period(day, D), same_weekday=True)
    assert found is not None
    assert (day - found.start).days == 364
    assert found.start.weekday() == day.weekday()


def test_the_same_weekday_is_asked_of_days_only() -> None:
    march = Calendar().parse("2026-03")
    assert Calendar().year_ago(march, same_weekday=True) == Calendar().parse("2025-03")


@given(days, st.sampled_from([D, W, M, Q, Y]), st.sampled_from([Calendar(), FISCAL, RETAIL, SUNDAYS]),
       st.integers(0, 14))
def test_so_many_periods_back_and_forth_is_where_one_began(day: date, grain: Grain, calendar: Calendar, n: int) -> None:
    period = calendar.period(day, grain)
    back = calendar.previous(period, n)
    assert calendar.periods(DateRange(back.start, period.end), grain)[-n - 1:][0] == back
    assert len(calendar.periods(DateRange(back.start, period.end), grain)) == n + 1
    for _ in range(n):
        back = calendar.next(back)
    assert back == period


# labels ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("calendar", "text", "want"), [
    (Calendar(), " 2026-03-31 ", "2026-03-31 2026-03-31 2026-03-31"),
    (Calendar(), "2026-W13", "2026-W13 2026-03-23 2026-03-29"),
    (Calendar(), "2026-W01", "2026-W01 2025-12-29 2026-01-04"),
    (Calendar(), "2026-03", "2026-03 2026-03-01 2026-03-31"),
    (Calendar(), "2026-Q4", "2026-Q4 2026-10-01 2026-12-31"),
    (Calendar(), "2026", "2026 2026-01-01 2026-12-31"),
    (FISCAL, "FY2026-Q1", "FY2026-Q1 2025-04-01 2025-06-30"),
    (FISCAL, "FY2026-Q4", "FY2026-Q4 2026-01-01 2026-03-31"),
    (FISCAL, "2026-03", "2026-03 2026-03-01 2026-03-31"),
    (FISCAL, "FY2026", "FY2026 2025-04-01 2026-03-31"),
    (Calendar(family="4-4-5"), "2026-03", "2026-03 2026-02-23 2026-03-29"),
    (RETAIL, "FY2026-03", "FY2026-03 2025-04-06 2025-05-03"),
])
def test_a_label_names_this_period(calendar: Calendar, text: str, want: str) -> None:
    assert told(calendar.parse(text)) == want


@pytest.mark.parametrize("calendar", [Calendar(), FISCAL])
@pytest.mark.parametrize("text", ["FY2026-03", "FY2026-W10", "FY2026-03-31"])
def test_months_weeks_and_days_of_a_plain_calendar_belong_to_no_fiscal_year(calendar: Calendar, text: str) -> None:
    with pytest.raises(Invalid, match="is not a period"):
        calendar.parse(text)


@pytest.mark.parametrize("text", ["2026-3", "2026-W1", "2026-W00", "2026-00", "2026-Q0", "2026-03-00", "2026-02-29",
                                  "-2026", "2026-03-1", "02026", "2026Q1", "2026-W", "2026-q1", "fy2026",
                                  "2026-03-31T00:00", "\u0662\u0660\u0662\u0666"])
def test_what_only_looks_like_a_label_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"is not a period\. Write 2026-03-31, 2026-W13, 2026-03, 2026-Q1 or 2026\."):
        Calendar().parse(text)


def test_a_long_text_is_cut_where_it_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        Calendar().parse("x" * 100)
    assert refused.value.message.startswith(f"'{'x' * 40}' is not")


# the edges -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("grain", [D, W, M, Q, Y])
def test_the_calendar_ends_with_its_first_and_last_day(grain: Grain) -> None:
    calendar = Calendar()
    first, last = calendar.period(FIRST_DAY, grain), calendar.period(LAST_DAY, grain)
    assert calendar.previous(calendar.next(first)) == first
    assert calendar.next(calendar.previous(last)) == last
    for step in (lambda: calendar.previous(first), lambda: calendar.next(last), lambda: calendar.previous(first, 3)):
        with pytest.raises(Invalid, match="Dates lie between"):
            step()
    assert calendar.previous(first, 0) == first


@pytest.mark.parametrize(("grain", "start", "end", "is_fine"), [
    (W, date(1900, 1, 1), date(1900, 1, 1), True), (W, date(1899, 12, 31), date(1900, 1, 1), False),
    (W, date(2199, 12, 30), date(2200, 1, 5), True), (W, date(2199, 12, 30), date(2200, 1, 6), False),
    (M, date(2199, 12, 1), date(2199, 12, 31), True), (M, date(2199, 12, 1), date(2200, 1, 1), False),
    (Y, date(1900, 1, 1), date(2199, 12, 31), True),
])
def test_a_range_may_reach_as_far_as_the_last_supported_period(
    grain: Grain, start: date, end: date, is_fine: bool
) -> None:
    span = DateRange(start, end)
    if is_fine:
        assert Calendar().supported(span, grain) is span
        assert end in Calendar().periods(span, grain)[-1]
    else:
        with pytest.raises(Invalid):
            Calendar().supported(span, grain)


def test_a_fiscal_year_over_the_edge_is_still_a_period_of_its_days() -> None:
    found = FISCAL.period(FIRST_DAY, Y)
    assert told(found) == "FY1900 1899-04-01 1900-03-31"
    assert FISCAL.periods(DateRange(found.start, found.end), Y) == [found]
