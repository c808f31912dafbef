"""The row of the grid of limits: what it shows, and what typing in it means."""
from __future__ import annotations

import pytest

from dashapp.core.errors import Invalid
from dashapp.core.kpi import Kpi
from dashapp.core.rule import Limits
from dashapp.core.words import Words
from dashapp.ui.limits import limits_in_words, limits_of, limits_row

REVENUE = Kpi("revenue", "Revenue", "sum(revenue)", "currency")
CHURN = Kpi("churn", "Churn", "x", "percent", decimals=1)
LOW = Limits("revenue", "month", "below", 900_000.0, 1 / 3, 4)


def test_limits_are_grouped_and_what_was_not_typed_in_stays_exact():
    row = limits_row(LOW, REVENUE, "en_GB", "CHF")
    assert (row["warning"], row["unit"], row["version"]) == ("900,000", "CHF", 4)
    assert limits_of(row, REVENUE, "en_GB") == LOW
    edited = limits_of({**row, "warning": "850,000"}, REVENUE, "en_GB")
    assert (edited.warning, edited.critical) == (850_000.0, 1 / 3)


@pytest.mark.parametrize("typed", ["abc", "1.000.00", "12e"])
def test_what_is_no_number_is_refused_and_never_taken_for_no_limit(typed):
    with pytest.raises(Invalid, match="Revenue by month, warning: "):
        limits_of({**limits_row(LOW, REVENUE, "en_GB", "EUR"), "warning": typed}, REVENUE, "en_GB")


@pytest.mark.parametrize("typed", [None, "", " "])
def test_an_emptied_cell_removes_its_limit(typed):
    found = limits_of({**limits_row(LOW, REVENUE, "en_GB", "EUR"), "warning": typed}, REVENUE, "en_GB")
    assert (found.warning, found.critical) == (None, 1 / 3)


@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_a_percentage_typed_with_either_mark_is_the_same(locale):
    row = limits_row(Limits("churn", "month", "above", 0.05), CHURN, locale, "EUR")
    assert (row["warning"], row["unit"]) == ("5", "%")
    for typed in ("1,5", "1.5", "1.5 %"):
        assert limits_of({**row, "warning": typed}, CHURN, locale).warning == pytest.approx(0.015)


def test_saved_limits_are_told_in_words():
    words = Words("en_GB", "EUR")
    assert limits_in_words(Limits("churn", "month", "above", 0.015), CHURN, words) == (
        "Churn by month: warning 1.5%, critical none")
