"""Typed numbers: the organisation's marks, the other mark where only one reading is possible, and no silent sizes."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.errors import Invalid
from dashapp.core.kpi import UNITS
from dashapp.core.typed import read_number, written


@pytest.mark.parametrize(("text", "locale", "value"), [
    ("900000", "en_GB", 900000.0), ("900,000", "en_GB", 900000.0), ("1,234,567.5", "en_GB", 1234567.5),
    ("1.234", "en_GB", 1.234), ("1,5", "en_GB", 1.5), ("0,125", "en_GB", 0.125), ("1.234.567,5", "en_GB", 1234567.5),
    ("1.234.567", "en_GB", 1234567.0), ("1 234 567.5", "en_GB", 1234567.5), ("-3", "en_GB", -3.0),
    ("\u22123.5", "en_GB", -3.5), (".5", "en_GB", 0.5), ("+7", "en_GB", 7.0), (" 8 ", "en_GB", 8.0),
    (12, "en_GB", 12.0), ("1,23,456", "en_IN", 123456.0),
    ("1,5", "de_DE", 1.5), ("1.5", "de_DE", 1.5), ("900.000", "de_DE", 900000.0), ("1,234", "de_DE", 1.234),
    ("1.234,5", "de_DE", 1234.5), ("1,234.5", "de_DE", 1234.5), ("1 234,5", "fr_FR", 1234.5),
    ("1\u202f234,5", "fr_FR", 1234.5), ("1'234.5", "de_CH", 1234.5), ("\u0661\u066b\u0665", "ar_EG", 1.5),
])
def test_a_number_is_read_with_the_marks_of_its_organisation(text, locale, value):
    assert read_number(text, "currency", locale, "Revenue") == value


@pytest.mark.parametrize("text", [
    "abc", "1,5x", "12 3", "1..2", "1,2,3", "1,23,456.7.8", "--1", "-", ",", "1e5", "nan", "inf", "NaN", "5%", "1,5,",
    "0x10", "1_000", "9" * 60, "1 2345", "1.234,567,8", "12,34.567,8", "\u20ac5",
])
def test_what_is_no_number_is_refused_with_the_name_of_its_cell(text):
    with pytest.raises(Invalid, match=r"^Revenue by month, warning: "):
        read_number(text, "currency", "en_GB", "Revenue by month, warning")


@pytest.mark.parametrize(("text", "unit", "locale"), [
    ("1,500", "percent", "en_GB"), ("1.500", "percent", "de_DE"), ("1,500", "ratio", "en_GB"),
    ("1.234", "currency", "fr_FR"), ("-1,234", "number", "de_CH"),
])
def test_a_mark_that_could_make_it_a_thousand_times_as_much_is_asked_back(text, unit, locale):
    with pytest.raises(Invalid, match="can mean two numbers"):
        read_number(text, unit, locale, "Churn")


@pytest.mark.parametrize(("text", "value"), [("1,5", 0.015), ("1.5", 0.015), ("12.5 %", 0.125), ("35%", 0.35)])
def test_percentages_are_typed_in_percent(text, value):
    assert read_number(text, "percent", "en_GB", "Churn") == value


@pytest.mark.parametrize("text", [None, "", "  "])
def test_nothing_typed_is_no_number(text):
    assert read_number(text, "number", "en_GB", "Orders") is None


@pytest.mark.parametrize(("value", "unit", "locale", "text"), [
    (900000.0, "currency", "en_GB", "900,000"), (900000.5, "currency", "de_DE", "900.000,5"),
    (0.355, "percent", "en_GB", "35.5"),
    (12.5, "percent", "en_GB", "1250"), (-4.0, "number", "en_GB", "\u22124"), (None, "number", "en_GB", ""),
    (1e-6, "ratio", "en_GB", "0.000001"), (0.0, "number", "en_GB", "0"),
])
def test_a_figure_stands_in_its_field_with_all_its_digits(value, unit, locale, text):
    assert written(value, unit, locale) == text


@given(st.floats(-1e12, 1e12).map(lambda x: round(x, 6)), st.sampled_from(UNITS),
       st.sampled_from(["en_GB", "de_DE", "fr_FR", "de_CH", "en_IN", "ar_EG", "pl_PL"]))
def test_what_stands_in_a_field_is_read_as_the_same_value(value, unit, locale):
    assert read_number(written(value, unit, locale), unit, locale, "x") == pytest.approx(value, rel=1e-9, abs=1e-12)
