"""Figures to the last digit against Decimal: every unit, every number of places, the short forms and the signs."""
from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core import digits, words
from dashapp.core.calendar import Calendar
from dashapp.core.kpi import UNITS
from dashapp.core.period import DateRange, Grain
from dashapp.core.words import MINUS, NO_VALUE, Words

CALENDAR, FISCAL = Calendar(), Calendar(4)
money = st.decimals(Decimal("-1e13"), Decimal("1e13"), places=6)


def read(said: str) -> Decimal:
    """The number of an English text."""
    return Decimal(re.sub(r"[^\d.\-]", "", said.replace(MINUS, "-").split(" ")[0]))


def half_up(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


# exactness -------------------------------------------------------------------------------------------------------
@given(money, st.sampled_from(UNITS), st.integers(0, 6))
def test_every_unit_rounds_half_away_from_zero_to_its_places(value: Decimal, unit, places: int) -> None:
    said = words.number(value, unit, places)
    assert read(said) == half_up(value * (100 if unit == "percent" else 1), places)
    assert "-" not in said
    assert (len(said.split(" ")[0].rstrip("%").rpartition(".")[2]) if places else 0) == places


@given(money, st.sampled_from(UNITS), st.integers(0, 4))
def test_a_tooltip_has_up_to_four_further_places_and_no_zeros_behind_them(value: Decimal, unit, places: int) -> None:
    shown = value * (100 if unit == "percent" else 1)
    found = read(words.full(value, unit, places))
    assert found == half_up(shown, places + 4)
    written = words.full(value, unit, places).split(" ")[0].rstrip("%").partition(".")[2]
    assert places <= len(written) <= places + 4
    assert len(written) == places or not written.endswith("0")


@given(st.decimals(Decimal("-1e14"), Decimal("1e14"), places=2))
def test_a_short_form_is_right_to_three_digits(value: Decimal) -> None:
    said = words.number(value, "number", 0, compact=True)
    size = Decimal({"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}.get(said[-1], 1))
    if abs(value) < 100_000:
        assert read(said) == half_up(value, 0)
    else:
        assert abs(read(said) * size - value) <= abs(value) / 200
        assert len(re.sub(r"\D", "", said)) <= 3


@pytest.mark.parametrize(("value", "said"), [
    (99_999, "99,999"), (Decimal("99999.99"), "100,000"), (100_000, "100K"), (-100_000, f"{MINUS}100K"),
    (999_499, "999K"),
    (999_500, "1M"), (1_005_000, "1.01M"), (1_004_999, "1M"), (12_345_678, "12.3M"), (123_456_789, "123M"),
    (999_999_999, "1B"), (10**12, "1T"), (999_499_999_999_999, "999T"), (999_500_000_000_000, "1E15"), (10**15, "1E15"),
    (0, "0"), (999, "999"), (-999, f"{MINUS}999"),
])
def test_a_short_form_at_its_edges(value: object, said: str) -> None:
    assert words.number(value, "number", 0, compact=True) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(("value", "said"), [
    (Decimal("999.99"), "999.99"), (1000, "1,000"), (Decimal("1000.49"), "1,000"),
    (Decimal("-999.99"), f"{MINUS}999.99"),
    (Decimal("-1000.5"), f"{MINUS}1,001"), (Decimal("999.995"), "1,000.00"),
])
def test_a_short_form_drops_the_cents_from_a_thousand_on(value: Decimal, said: str) -> None:
    assert words.number(value, "number", 2, compact=True) == said


@pytest.mark.parametrize(("value", "decimals", "said"), [
    (1, 0, "1 day"), (-1, 0, f"{MINUS}1 days"), (Decimal("0.9"), 0, "1 day"), (Decimal("1.0"), 1, "1.0 day"),
    (Decimal("1.04"), 1, "1.0 day"), (Decimal("1.05"), 1, "1.1 days"), (2, 0, "2 days"), (0, 0, "0 days"),
    (Decimal("0.4"), 0, "0 days"),
])
def test_one_day_is_a_day_and_all_else_are_days(value: Decimal, decimals: int, said: str) -> None:
    assert words.number(value, "days", decimals) == said


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_the_decimal_that_is_written_for_it(value: float) -> None:
    assert digits.exact(value) == Decimal(repr(value))


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf"), Decimal("NaN"), Decimal("-Inf")])
def test_what_is_no_number_is_none(value: object) -> None:
    assert digits.exact(value) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(("value", "places", "rounded"), [
    ("0.5", 0, "1"), ("-0.5", 0, "-1"), ("0.49", 0, "0"), ("-0.49", 0, "0"), ("2.345", 2, "2.35"),
    ("-0.004", 2, "0.00"),
    ("1e30", 0, "1000000000000000000000000000000"), ("1234", -2, "1200"), ("1250", -2, "1300"),
])
def test_rounding_never_leaves_a_negative_zero(value: str, places: int, rounded: str) -> None:
    found = digits.rounded(Decimal(value), places)
    assert f"{found:f}" == rounded


# signs -----------------------------------------------------------------------------------------------------------
@given(money, st.sampled_from(UNITS), st.integers(0, 3), st.booleans())
def test_a_difference_has_a_sign_unless_it_is_shown_as_zero(value: Decimal, unit, places: int, compact: bool) -> None:
    said = words.signed(value, unit, places, compact=compact)
    is_zero = not re.search(r"[1-9]", said.replace("1E", "E"))
    assert (said[0] in f"+{MINUS}") is not is_zero
    if not is_zero:
        assert (said[0] == "+") is (value > 0)
        assert said.count(MINUS) + said.count("+") == 1
    assert said.endswith(" pp") is (unit == "percent")


@pytest.mark.parametrize(("value", "decimals", "said"), [
    (Decimal("0.012"), 0, "+1.2 pp"), (Decimal("0.01234"), 2, "+1.23 pp"), (Decimal("-0.0004"), 0, "0.0 pp"),
    (Decimal("-0.0005"), 0, f"{MINUS}0.1 pp"), (Decimal("0.0005"), 3, "+0.050 pp"), (12, 0, "+1,200.0 pp"),
])
def test_percentages_differ_in_points_with_a_place_at_least(value: Decimal, decimals: int, said: str) -> None:
    assert words.signed(value, "percent", decimals) == said


@pytest.mark.parametrize(("ratio", "said"), [
    (0.1, "+10.0%"), (-0.1, f"{MINUS}10.0%"), (9.99, "+999.0%"), (9.9996, "+1,000.0%"), (10, "+1,000%"),
    (-10.004, f"{MINUS}1,000%"), (0.0005, "+0.1%"), (0.00049, "0.0%"), (-0.0005, f"{MINUS}0.1%"), (-0.00049, "0.0%"),
    (0, "0.0%"), (1234.567, "+123,457%"),
])
def test_a_change_has_a_place_below_tenfold_and_none_above(ratio: float, said: str) -> None:
    assert words.change(5, ratio) == said


@pytest.mark.parametrize("ratio", [None, float("nan"), float("inf")])
def test_a_change_without_a_ratio_is_told_as_it_is(ratio: float | None) -> None:
    assert words.change(Decimal("-1234567"), ratio, "currency") == f"{MINUS}€1.23M"
    assert words.change(None, ratio) == NO_VALUE
    assert words.change(Decimal("0.05"), 0.5, "percent") == "+5.0 pp"


@pytest.mark.parametrize(("locale", "said"), [("ar_EG", "0"), ("fa", "0"), ("en", "0"), ("de", "0")])
def test_zero_has_no_sign_in_any_script(locale: str, said: str) -> None:
    found = words.signed(0, "number", 0, locale=locale)
    assert found.translate({0x660: "0", 0x6F0: "0"}) in (said, "\u0660", "\u06f0")
    assert words.signed(3, "number", 0, locale=locale).startswith("+")


# periods ---------------------------------------------------------------------------------------------------------
RETAIL = Calendar(2, 6, "4-5-4")


@pytest.mark.parametrize(("calendar", "day", "grain", "said", "tick", "dated"), [
    (CALENDAR, date(2026, 3, 5), Grain.DAY, "5 Mar 2026", "5 Mar", "5 Mar 2026"),
    (CALENDAR, date(2026, 1, 1), Grain.WEEK, "Week 1, 2026", "W01", "W01 2026"),
    (CALENDAR, date(2027, 1, 2), Grain.WEEK, "Week 53, 2026", "W53", "W53 2026"),
    (CALENDAR, date(2026, 3, 5), Grain.MONTH, "Mar 2026", "Mar", "Mar 2026"),
    (CALENDAR, date(2026, 3, 5), Grain.QUARTER, "Q1 2026", "Q1", "Q1 2026"),
    (CALENDAR, date(2026, 3, 5), Grain.YEAR, "2026", "2026", "2026"),
    (FISCAL, date(2026, 3, 5), Grain.QUARTER, "Q4 FY2026", "Q4", "Q4 FY2026"),
    (FISCAL, date(2026, 4, 1), Grain.YEAR, "FY2027", "FY2027", "FY2027"),
    (FISCAL, date(2026, 4, 1), Grain.MONTH, "Apr 2026", "Apr", "Apr 2026"),
    (RETAIL, date(2026, 3, 5), Grain.MONTH, "FY2027-02", "FY2027-02", "FY2027-02"),
    (Calendar(family="4-4-5"), date(2026, 1, 28), Grain.MONTH, "Feb 2026", "Feb", "Feb 2026"),
])
def test_a_period_is_said_on_a_card_and_on_an_axis(
    calendar: Calendar, day: date, grain: Grain, said: str, tick: str, dated: str
) -> None:
    period = calendar.period(day, grain)
    assert words.period(period, locale="en_GB") == said
    assert words.tick(period, locale="en_GB") == tick
    assert words.tick(period, locale="en_GB", with_year=True) == dated


@pytest.mark.parametrize(("start", "end", "said"), [
    (date(2026, 3, 4), date(2026, 3, 4), "4 Mar 2026"), (date(2026, 3, 4), date(2026, 3, 5), "4–5 Mar 2026"),
    (date(2025, 12, 31), date(2026, 1, 1), "31 Dec 2025 – 1 Jan 2026"),
])
def test_a_range_says_no_more_than_it_has_to(start: date, end: date, said: str) -> None:
    assert words.span(DateRange(start, end), locale="en_GB").replace("\u2009", " ") == said


@pytest.mark.parametrize(("zone", "seconds", "said"), [
    ("UTC", False, "31 Dec 2025, 23:05"), ("Europe/Berlin", False, "1 Jan 2026, 00:05"),
    ("UTC", True, "31 Dec 2025, 23:05:09"), ("America/New_York", False, "31 Dec 2025, 18:05"),
])
def test_a_moment_is_said_in_its_zone_to_the_minute(zone: str, seconds: bool, said: str) -> None:
    at = datetime(2025, 12, 31, 23, 5, 9, tzinfo=UTC)
    assert words.moment(at, zone, locale="en_GB", seconds=seconds) == said
    assert words.moment(at.replace(tzinfo=None), zone, locale="en_GB", seconds=seconds) == said
    assert Words("en_GB", "EUR", zone).moment(at, seconds=seconds) == said


@pytest.mark.parametrize(("ago", "said"), [
    (timedelta(seconds=5), "5 seconds ago"), (timedelta(minutes=1), "1 minute ago"),
    (timedelta(hours=3), "3 hours ago"),
    (timedelta(days=2), "2 days ago"), (timedelta(days=-2), "in 2 days"),
])
def test_how_long_ago_in_words(ago: timedelta, said: str) -> None:
    assert words.age(ago) == said


@pytest.mark.parametrize(("text", "known"), [("de", True), ("de_CH", True), ("en-GB", True), ("zh_Hans_CN", True),
("xx", False),
                                             ("de_XX_YY_ZZ", False), ("deutsch", False), ("", False), ("de DE", False)])
def test_a_locale_is_known_or_not(text: str, known: bool) -> None:
    assert words.is_locale(text) is known


@pytest.mark.parametrize(("n", "said"), [(0, "0 entries"), (1, "1 entry"), (-1, f"{MINUS}1 entries"), (2, "2 entries"),
                                         (1000, "1,000 entries")])
def test_only_one_is_singular(n: int, said: str) -> None:
    assert words.counted(n, "entry", "entries") == said
    assert Words("en").counted(n, "entry", "entries") == said
