"""CSV: nothing in it runs, everything in it reads back."""

from __future__ import annotations

import csv as reader
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.reports import csv
from dashapp.reports.table import Column, Figure, Table

PAYLOADS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "{=SUM(A1:A2)}",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\x00=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","x")',
    " =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "-",
    "--1",
    "-1-1",
    "+",
    "=",
    "-5\n",
    "−5",
)
NUMBERS = ("-5", "+3", "-1,234.50", "-1.234,50", "-0.5", "+49 123", "1e6", "-1E-3", "-4%", "-.5")


def table(*cells: object, type: str = "text", decimals: int | None = None) -> Table:
    return Table("T", (Column("Head", type, decimals),), tuple((c,) for c in cells))  # type: ignore[arg-type]


def fields(data: bytes, **style: str) -> list[str]:
    rows = list(reader.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), **style))  # type: ignore[arg-type]
    return [row[0] if row else "" for row in rows[1:]]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_f1_a_text_that_could_run_gets_an_apostrophe(payload: str) -> None:
    assert fields(csv.write(table(payload))) == ["'" + payload.replace("\x00", "\ufffd")]


@pytest.mark.parametrize("number", NUMBERS)
def test_f1_a_text_that_is_a_plain_number_stays_as_it_is(number: str) -> None:
    assert fields(csv.write(table(number))) == [number]


@pytest.mark.parametrize("text", ["a=b", "plus + minus", "x@example.com", "2026-01-01", "{curly}", "'quoted", "ok"])
def test_f1_a_harmless_text_stays_as_it_is(text: str) -> None:
    assert fields(csv.write(table(text))) == [text]


def test_f1_a_heading_from_data_is_guarded_too() -> None:
    assert csv.write(Table("T", (Column("=1+1"),), ()), bom=False) == b"'=1+1\r\n"


def test_f1_negative_numbers_stay_numbers() -> None:
    assert fields(csv.write(table(-5, -5.5, Decimal("-5.55"), type="number"))) == ["-5", "-5.5", "-5.55"]


def test_f3_what_is_no_number_is_an_empty_field() -> None:
    cells = (float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity"), None)
    assert csv.write(table(*cells, type="number"), bom=False).split(b"\r\n")[1:6] == [b'""'] * 5


def test_money_is_written_in_full_with_its_cents() -> None:
    cells = (
        Decimal("1461756.2500"),
        Decimal("10"),
        Decimal("0.1234"),
        Decimal("12345678901234.5678"),
        Decimal("-0.10"),
    )
    assert fields(csv.write(table(*cells, type="money", decimals=2))) == [
        "1461756.25",
        "10.00",
        "0.1234",
        "12345678901234.5678",
        "-0.10",
    ]


def test_numbers_are_never_written_with_an_exponent() -> None:
    assert fields(csv.write(table(1e-7, 1e20, Decimal("1E+3"), 0.1, type="number"))) == [
        "0.0000001",
        "100000000000000000000",
        "1000",
        "0.1",
    ]


def test_a_decimal_comma_goes_with_a_semicolon() -> None:
    data = csv.write(table(Decimal("1234.50"), -0.5, type="money", decimals=2), delimiter=";", decimal=",")
    assert fields(data, delimiter=";") == ["1234,50", "-0,50"]


def test_a_delimiter_equal_to_the_decimal_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="differ"):
        csv.write(table(1), delimiter=",", decimal=",")


def test_dates_and_moments_are_iso_and_flags_are_words() -> None:
    cells = (date(2026, 3, 1), datetime(2026, 3, 1, 7, 40, tzinfo=UTC), True, False)
    assert fields(csv.write(table(*cells))) == ["2026-03-01", "2026-03-01T07:40:00+00:00", "yes", "no"]


def test_a_figure_is_written_without_its_unit_and_money_with_its_cents() -> None:
    cells = (Figure(Decimal("10"), "currency", 2), Figure(0.125, "percent", 1), Figure(None, "number", 0))
    assert fields(csv.write(table(*cells, type="figure"))) == ["10.00", "0.125", ""]


def test_the_byte_order_mark_is_there_only_when_asked_for() -> None:
    assert csv.write(table("x")).startswith(b"\xef\xbb\xbf")
    assert not csv.write(table("x"), bom=False).startswith(b"\xef\xbb\xbf")


def test_a_unit_stands_in_the_heading() -> None:
    assert csv.write(Table("T", (Column("Revenue", "money", 2, "EUR"),), ()), bom=False) == b"Revenue (EUR)\r\n"


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40))
def test_f1_no_text_leaves_with_a_live_start(text: str) -> None:
    (read,) = fields(csv.write(table(text)))
    assert read in (text, "'" + text)
    first = read.lstrip()[:1]
    assert first not in tuple("=@＝＠")
    assert not read.startswith(("\t", "\r", "\n"))
    if first in tuple("+-＋－") and first:
        assert csv.is_number(read)


def test_a_lone_surrogate_does_not_break_the_file() -> None:
    assert fields(csv.write(table("a\ud800b"))) == ["a?b"]
