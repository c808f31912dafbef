"""What a single text looks like, and that the columns' readers agree with the look."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.ingest.cells import MISSING, fold, is_missing, is_plain, look
from dashapp.ingest.dates import orders_of, read_date
from dashapp.ingest.numbers import COMMA, POINT, folded_sql, is_missing_sql, quote, styled_sql

MISSINGS = ("", " ", "-", "–", "—", "--", "NULL", "None", "N/A", "n/a", "NA", "n.a.", "NaN", "#N/A", "(null)", "nil")
NUMBERS = (
    *("0", "5", "-5", "+5", "1.5", "1,5", "1.234,56", "1,234.56", "1 234,56", "1\u00a0234", "1\u202f234,5", ".5", "5."),
    *("1e5", "1E-3", "(5)", "(1,234.50)", "5-", "$5", "-$5", "$-5", "5 €", "5€", "EUR 5", "5 eur", "US$ 5", "R$ 5,00"),
    *(
        "5 kr",
        "5 kr.",
        "12 %",
        "12%",
        "-3,5 %",
        "１２３",
        "−7",
        "1'234.50",
        "1’234.50",
        "inf",
        "-Infinity",
        "∞",
        "zł 5",
    ),
)
DATES = (
    *("2025-03-04", "2025/3/4", "2025.03.04", "04.03.2025", "4/3/25", "04-03-2025", "4 3 2025", "2025-03", "03/2025"),
    *("2025-03-04 10:00", "2025-03-04T10:00:00Z", "04.03.2025 10:00:00", "4 mars 2025", "4. März 2025", "4 Mar 25"),
    *("March 4, 2025", "Mar 4 2025", "4 de marzo de 2025", "Mar-25", "Mär 25", "Dez. 2025", "2025-W10", "2025W1"),
    *("2025-Q2", "Q2 2025", "Q2-2025", "1er mars 2025"[3:]),
)
TEXTS = (
    "EMEA",
    "A-1",
    "S12",
    "12 Main Street",
    "1.2.3.4",
    "10.0.0.255",
    "12 34 5",
    "1,2,3",
    "5 apples",
    "Q5 2025",
    "1-2-3-4",
    "x" * 200,
    "€",
    "%",
    "()",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(t, kind) for kind, texts in (("missing", MISSINGS), ("number", NUMBERS), ("date", DATES), ("text", TEXTS))
     for t in texts],
)  # fmt: skip
def test_a_text_looks_like_what_a_person_takes_it_for(text: str, expected: str) -> None:
    assert look(text) == expected


def test_an_empty_cell_is_missing_and_a_zero_is_not() -> None:
    assert look(None) == "missing"
    assert not any(is_missing(t) for t in ("0", "0.00", "none of it", "x", "NAN1", "."))


@pytest.mark.parametrize("text", [t for t in NUMBERS if not t.lower().strip("-+").startswith(("inf", "∞"))])
def test_what_looks_like_a_number_is_read_under_one_of_the_two_styles(text: str) -> None:
    found = duckdb.sql(f"SELECT {styled_sql(quote(text), POINT)}, {styled_sql(quote(text), COMMA)}").fetchone()
    assert found is not None
    assert any(found), text


@pytest.mark.parametrize("text", DATES)
def test_what_looks_like_a_date_is_read_under_some_order(text: str) -> None:
    assert orders_of(text)
    assert any(isinstance(read_date(text, o), date) for o in ("iso", "dmy", "mdy"))


@pytest.mark.parametrize("text", sorted(MISSING))
def test_e14_the_engine_and_the_samples_agree_on_what_is_missing(text: str) -> None:
    for spelled in (text, text.upper(), f" {text}\t", f"\u00a0{text}\u202f"):
        assert is_missing(spelled)
        assert duckdb.sql(f"SELECT {is_missing_sql(quote(spelled))}").fetchone() == (True,)


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789.,-+eE% ()$€'１２．，−\u00a0\u202f’"), max_size=12))
def test_folding_is_the_same_in_both_languages(text: str) -> None:
    assert duckdb.sql(f"SELECT {folded_sql(quote(text))}").fetchone() == (fold(text),)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_every_number_a_program_writes_is_plain(value: float) -> None:
    assert is_plain(repr(value))
    assert look(repr(value)) == "number"


@given(st.text(max_size=30))
def test_no_text_has_no_look(text: str) -> None:
    assert look(text) in ("missing", "number", "date", "text")
