"""The formatter: expectations are written out by hand, with the arithmetic done in Decimal where there is any."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core import words
from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain, Period
from dashapp.core.words import MINUS, NO_VALUE, Words

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "said"),
    [
        (1234.5, "currency", 2, "€1,234.50"),
        (Decimal("1234.505"), "currency", 2, "€1,234.51"),
        (0.1234, "percent", 1, "12.3%"),
        (0.12345, "percent", 2, "12.35%"),
        (4711, "number", 0, "4,711"),
        (1.005, "ratio", 2, "1.01"),
        (2.5, "number", 0, "3"),
        (-2.5, "number", 0, f"{MINUS}3"),
        (3.5, "days", 1, "3.5 days"),
        (1, "days", 0, "1 day"),
        (0, "days", 0, "0 days"),
    ],
)
def test_each_unit_has_its_form(value, unit, decimals, said):
    assert words.number(value, unit, decimals) == said


@pytest.mark.parametrize(
    "value", [None, float("nan"), float("inf"), float("-inf"), Decimal("NaN"), Decimal("Infinity")]
)
@pytest.mark.parametrize("unit", ["currency", "percent", "number", "ratio", "days"])
def test_no_value_is_a_dash_and_never_a_zero(value, unit):
    assert words.number(value, unit, 2) == NO_VALUE
    assert words.number(value, unit, 2, compact=True) == NO_VALUE
    assert words.full(value, unit, 2) == NO_VALUE
    assert words.signed(value, unit, 2) == NO_VALUE


@pytest.mark.parametrize("value", [-0.0, -0.0001, Decimal("-0.0000"), Decimal("-1e-30"), 1e-300])
def test_there_is_no_negative_zero(value):
    assert words.number(value, "number", 2) == "0.00"
    assert words.number(value, "percent", 1) == "0.0%"
    assert words.signed(value, "number", 2) == "0.00"


def test_huge_and_exact_decimals_keep_every_digit():
    assert words.number(Decimal("12345678901234567890.125"), "currency", 2) == "€12,345,678,901,234,567,890.13"
    assert words.number(10**30, "number", 0) == "1" + ",000" * 10
    assert words.number(10**30, "number", 0, compact=True) == "1E30"


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "said"),
    [
        (1_234_567.895, "currency", 2, "€1.23M"),
        (999_999, "number", 0, "1M"),
        (123_456, "number", 0, "123K"),
        (-123_456, "number", 0, f"{MINUS}123K"),
        (99_999.4, "currency", 2, "€99,999"),
        (1_000, "currency", 2, "€1,000"),
        (999.994, "currency", 2, "€999.99"),
        (1_460_000_000, "currency", 0, "€1.46B"),
        (123.456, "percent", 1, "12,345.6%"),
        (2_500_000, "days", 0, "2.5M days"),
    ],
)
def test_compact_keeps_three_digits_of_large_numbers(value, unit, decimals, said):
    assert words.number(value, unit, decimals, compact=True) == said


def test_locales_write_their_own_marks():
    assert words.number(-1234567.895, "currency", 2, locale="de") == f"{MINUS}1.234.567,90{NBSP}€"
    assert words.number(0.1235, "percent", 1, locale="de") == f"12,4{NBSP}%"
    assert words.number(1_234_567, "currency", locale="de", compact=True) == f"1,23{NBSP}Mio.{NBSP}€"
    assert words.number(1234567, "number", locale="en_IN") == "12,34,567"
    assert words.number(1234.5, "currency", 2, currency="USD") == "$1,234.50"


def test_german_has_no_short_form_for_thousands():
    assert words.number(123456, "number", locale="de", compact=True) == "123.456"


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "said"),
    [
        (1_234_567.895, "currency", 0, "€1,234,567.895"),
        (Decimal("1.2300"), "number", 1, "1.23"),
        (3, "number", 0, "3"),
        (1 / 3, "number", 0, "0.3333"),
        (0.123456, "percent", 1, "12.3456%"),
        (5, "currency", 2, "€5.00"),
    ],
)
def test_the_tooltip_tells_the_digits_the_card_left_out(value, unit, decimals, said):
    assert words.full(value, unit, decimals) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.0123, "percent", "+1.2 pp"),
        (-0.2, "percent", f"{MINUS}20.0 pp"),
        (0.0, "percent", "0.0 pp"),
        (-1200, "currency", f"{MINUS}€1,200"),
        (3, "number", "+3"),
        (0, "number", "0"),
        (0.001, "number", "0"),
    ],
)
def test_differences_show_their_sign_and_percentages_differ_in_points(value, unit, said):
    assert words.signed(value, unit) == said


@pytest.mark.parametrize(
    ("absolute", "ratio", "unit", "said"),
    [
        (5, 0.0421, "number", "+4.2%"),
        (-5, -0.0421, "currency", f"{MINUS}4.2%"),
        (0, 0.0, "number", "0.0%"),
        (-5, -0.00001, "number", "0.0%"),
        (5, None, "currency", "+€5"),
        (1_500_000, None, "currency", "+€1.5M"),
        (None, None, "number", NO_VALUE),
        (1, 123.4, "number", "+12,340%"),
        (-0.01, -0.1, "percent", f"{MINUS}1.0 pp"),
    ],
)
def test_a_comparison_is_told_relatively_where_it_can_be(absolute, ratio, unit, said):
    assert words.change(absolute, ratio, unit) == said


@settings(max_examples=300, deadline=None)
@given(st.decimals(min_value=Decimal("-1e14"), max_value=Decimal("1e14"), places=4), st.integers(0, 4))
def test_rounding_is_that_of_a_spreadsheet(value, decimals):
    said = words.number(value, "number", decimals)
    read = Decimal(said.replace(",", "").replace(MINUS, "-"))
    assert read == value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


@settings(max_examples=200, deadline=None)
@given(st.floats(), st.sampled_from(["currency", "percent", "number", "ratio", "days"]), st.booleans())
def test_any_float_has_words(value, unit, compact):
    said = words.number(value, unit, 2, compact=compact)
    assert said
    assert "-" not in said
    assert "nan" not in said.lower()


@pytest.mark.parametrize(
    ("day", "grain", "said", "tick"),
    [
        (date(2011, 11, 14), Grain.DAY, "14 Nov 2011", "14 Nov"),
        (date(2011, 11, 14), Grain.WEEK, "Week 46, 2011", "W46"),
        (date(2011, 11, 14), Grain.MONTH, "Nov 2011", "Nov"),
        (date(2011, 11, 14), Grain.QUARTER, "Q4 2011", "Q4"),
        (date(2011, 11, 14), Grain.YEAR, "2011", "2011"),
    ],
)
def test_periods_are_said_as_people_say_them(day, grain, said, tick):
    period = Calendar().period(day, grain)
    assert words.period(period, locale="en_GB") == said
    assert words.tick(period, locale="en_GB") == tick


def test_fiscal_periods_keep_their_names():
    calendar = Calendar(fiscal_month=4)
    assert words.period(calendar.period(date(2026, 2, 1), Grain.QUARTER)) == "Q4 FY2026"
    assert words.period(calendar.period(date(2026, 2, 1), Grain.YEAR)) == "FY2026"


def test_a_retail_month_that_begins_in_the_month_before_is_named_by_its_middle():
    assert words.period(Period(date(2026, 1, 26), date(2026, 2, 22), Grain.MONTH, "2026-02")) == "Feb 2026"


def test_spans_and_moments():
    assert (
        words.span(DateRange(date(2026, 3, 4), date(2026, 4, 7)), locale="en_GB").replace("\u2009", " ")
        == "4 Mar – 7 Apr 2026"
    )
    assert words.span(DateRange(date(2026, 3, 4), date(2026, 3, 4)), locale="en_GB") == "4 Mar 2026"
    at = datetime(2026, 3, 4, 6, 40, 59, tzinfo=UTC)
    assert words.moment(at, "Europe/Berlin", locale="en_GB") == "4 Mar 2026, 07:40"
    assert words.age(timedelta(hours=3)) == "3 hours ago"


def test_locales_can_be_asked_for():
    assert words.is_locale("de_CH")
    assert words.is_locale("en-GB")
    assert not words.is_locale("klingon_XX")
    assert not words.is_locale("")


def test_the_bound_formatter_says_the_same():
    bound = Words("de", "USD", "Europe/Berlin")
    assert bound.number(1.5, "currency", 2) == words.number(1.5, "currency", 2, locale="de", currency="USD")
    assert bound.full(1.555, "currency", 2) == words.full(1.555, "currency", 2, locale="de", currency="USD")
    assert bound.signed(1.5, "number", 1) == "+1,5"
    assert bound.change(1, 0.5) == f"+50,0{NBSP}%"
    assert bound.day(date(2026, 3, 4)) == "4. März 2026"
    assert bound.tick(Calendar().period(date(2026, 3, 4), Grain.QUARTER), True) == "Q1 2026"
    assert bound.span(DateRange(date(2026, 3, 4), date(2026, 3, 5))) == "4.–5. März 2026"
    assert bound.moment(datetime(2026, 3, 4, 6, 40, tzinfo=UTC)) == "04.03.2026, 07:40"
    assert bound.period(Calendar().period(date(2026, 3, 4), Grain.MONTH)) == "März 2026"


@settings(max_examples=300, deadline=None)
@given(
    st.decimals(min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=2),
    st.sampled_from(["en", "en_GB", "en_IN", "de", "de_CH", "fr", "sv", "ja", "pt_BR", "ar", "he", "nl"]),
)
def test_babel_itself_would_write_the_same(value, locale):
    from babel.numbers import format_currency, format_decimal, format_percent

    def plain(text):
        return text.replace("-", MINUS)

    value = abs(value) if value == 0 else value
    assert words.number(value, "currency", 2, locale=locale, currency="USD") == plain(
        format_currency(value, "USD", locale=locale)
    )
    whole = value.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    whole = abs(whole) if whole == 0 else whole
    assert words.number(whole, "number", 0, locale=locale) == plain(format_decimal(whole, locale=locale))
    assert words.number(whole / 100, "percent", 0, locale=locale) == plain(format_percent(whole / 100, locale=locale))


@pytest.mark.parametrize("locale", ["en", "en_GB", "de", "fr", "ja", "ar", "sv", "zh_Hans_CN"])
def test_dates_are_those_babel_would_write(locale):
    from babel.dates import format_skeleton

    for day in (date(2026, 1, 31), date(2024, 2, 29), date(1999, 12, 1)):
        assert words.day(day, locale=locale) == format_skeleton("yMMMd", day, locale=locale)
        month = Calendar().period(day, Grain.MONTH)
        assert words.period(month, locale=locale) == format_skeleton("yMMM", day, locale=locale)


def test_forty_digits_are_not_rounded_on_their_way():
    assert words.number(Decimal("-1" + "2" * 39 + ".25"), "number", 2) == MINUS + "1" + ",222" * 13 + ".25"


@pytest.mark.parametrize(("n", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (4711, "4,711 rows")])
def test_one_is_singular_and_everything_else_plural(n, said):
    assert words.counted(n, "row") == said
    assert words.Words(locale="de").counted(n, "row") == said.replace(",", ".")


def test_an_irregular_plural_is_given():
    assert (words.counted(1, "entry", "entries"), words.counted(3, "entry", "entries")) == ("1 entry", "3 entries")
