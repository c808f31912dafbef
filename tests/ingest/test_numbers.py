"""Numbers: read exactly as the column writes them, never guessed, never rounded in silence."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashapp.core.errors import Invalid
from dashapp.core.mapping import NumberStyle
from dashapp.ingest.numbers import COMMA, POINT, evidence, quote, styled_sql, value_sql
from tests.ingest.conftest import Room

Sheet = Callable[..., Path]


def parsed(text: str, style: NumberStyle, kind: str = "money") -> object:
    row = duckdb.sql(f"SELECT {value_sql('(' + styled_sql(quote(text), style) + ')', kind)}").fetchone()
    return row[0] if row else None


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("1.234,56", COMMA, "1234.56"),
        ("1 234,56", COMMA, "1234.56"),
        ("1\u00a0234,56", COMMA, "1234.56"),
        ("1\u202f234,56", COMMA, "1234.56"),
        ("(1,234)", POINT, "-1234"),
        ("-1.234,56", COMMA, "-1234.56"),
        ("$5", POINT, "5"),
        ("1e5", POINT, "100000"),
        ("１２３．５", POINT, "123.5"),
        ("5,50-", COMMA, "-5.5"),
        ("EUR 5.00", POINT, "5"),
        ("($5.10)", POINT, "-5.1"),
        ("$-5", POINT, "-5"),
        ("5 €", COMMA, "5"),
        ("1'234.50", POINT, "1234.5"),
        (".5", POINT, "0.5"),
        ("12,34,567.00", POINT, "1234567"),
        ("−7", POINT, "-7"),
        ("+7", POINT, "7"),
        ("1,234,567", POINT, "1234567"),
        ("1.234.567", COMMA, "1234567"),
        ("0,5", COMMA, "0.5"),
    ],
)
def test_e12_every_spelling_is_read_by_the_columns_style(text: str, style: NumberStyle, value: str) -> None:
    assert parsed(text, style) == Decimal(value)


def test_e12_a_percentage_is_a_fraction() -> None:
    assert parsed("12 %", POINT, "number") == 0.12
    assert parsed("-12,5%", COMMA, "number") == -0.125


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("1,23", POINT),
        ("1.23", COMMA),
        ("--5", POINT),
        ("(-5)", POINT),
        ("€", POINT),
        ("1,2,3", POINT),
        ("12.34.5", COMMA),
        ("1 2", POINT),
        ("5a", POINT),
        ("1_000", POINT),
        ("0x1F", POINT),
        ("inf", POINT),
        ("nan", POINT),
        ("", POINT),
        ("1,,234", POINT),
        ("1e5e5", POINT),
        ("5-5", POINT),
    ],
)
def test_what_does_not_fit_the_style_is_no_number(text: str, style: NumberStyle) -> None:
    assert parsed(text, style) is None


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1.234", "?"),
        ("1,234", "?"),
        ("12.5", "."),
        ("12,5", ","),
        ("1.234,5", ","),
        ("1,234.5", "."),
        ("1.234.567", ","),
        ("0.123", "."),
        ("1234.567", "."),
        ("5", None),
        ("$1,234", "?"),
        ("-0,5 %", ","),
    ],
)
def test_what_one_text_says_about_its_decimal_mark(text: str, mark: str | None) -> None:
    assert evidence(text) == mark


@pytest.mark.parametrize("texts", [("1.234",), ("1,234", "12,345"), ("1.234", "567")])
def test_e12_an_ambiguous_column_is_asked_never_guessed(room: Room, texts: tuple[str, ...]) -> None:
    path = room.file("a.csv", "Date;Revenue\n" + "".join(f"2025-01-0{i};{t}\n" for i, t in enumerate(texts, 1)))
    found = room.inspect(path)
    ask = found.questions[0]
    assert (ask.code, ask.column, [c.value for c in ask.choices]) == ("number-style", "Revenue", [".", ","])
    with pytest.raises(Invalid, match="decimal mark"):
        room.convert(path, found.mapping)


@pytest.mark.parametrize(("decimal", "thousands", "value"), [(".", ",", "1.234"), (",", ".", "1234")])
def test_e12_the_answer_decides(room: Room, decimal: str, thousands: str, value: str) -> None:
    _, rows = room.csv(
        "Date;Revenue\n2025-01-01;1.234\n",
        {"columns": {"Revenue": {"number": {"decimal": decimal, "thousands": thousands}}}},
    )
    assert rows[0]["revenue"] == Decimal(value)


def test_e12_number_cells_of_a_workbook_are_never_ambiguous(room: Room, sheet: Sheet) -> None:
    done, table = room.convert(sheet([["Date", "Revenue"], ["2025-01-01", 1.234], ["2025-01-02", 2.345]]))
    assert table.column("revenue").to_pylist() == [Decimal("1.2340"), Decimal("2.3450")]
    assert done.quarantined == 0


def test_e12_text_cells_beside_number_cells_follow_their_own_style(room: Room, sheet: Sheet) -> None:
    _, table = room.convert(
        sheet([["Date", "Revenue"], ["2025-01-01", 1.234], ["2025-01-02", "1.234,50"], ["2025-01-03", "2.000"]])
    )
    assert table.column("revenue").to_pylist() == [Decimal("1.2340"), Decimal("1234.5"), Decimal(2000)]


def test_e12_two_styles_in_one_column_are_an_error(room: Room) -> None:
    found = room.inspect(room.file("a.csv", "Date;Revenue\n2025-01-01;1.5\n2025-01-02;1,5\n"))
    assert "number-mixed" in {i.code for i in found.issues}
    assert found.questions[0].code == "number-style"


def test_e13_negative_revenue_and_zero_cost_are_kept_and_told(room: Room) -> None:
    done, rows = room.csv("Date,Revenue,COGS\n2025-01-01,-5.50,0\n2025-01-02,10,3\n")
    assert rows[0]["revenue"] == Decimal("-5.5")
    assert {"amount-negative", "cost-zero"} <= {i.code for i in done.issues if i.severity == "warning"}


@pytest.mark.parametrize("text", ["NaN", "NULL", "N/A", "-", "", "null", "#N/A", " "])
def test_e14_missing_is_missing_and_counted_never_zero(room: Room, text: str) -> None:
    done, rows = room.csv(f"Date,Revenue\n2025-01-01,{text}\n2025-01-02,3\n")
    assert [r["revenue"] for r in rows] == [None, Decimal(3)]
    assert (done.quarantined, done.counts["value-missing"]) == (0, 1)


@pytest.mark.parametrize("text", ["inf", "-Infinity", "∞"])
def test_e14_infinity_is_refused(room: Room, text: str) -> None:
    done, rows = room.csv(f"Date,Ratio\n2025-01-01,{text}\n2025-01-02,3\n2025-01-03,3\n2025-01-04,3\n2025-01-05,3\n")
    assert (len(rows), done.quarantined) == (4, 1)
    assert "infinite" in next(i.message for i in done.issues if i.code == "number-unreadable")


def test_e15_texts_stay_verbatim(room: Room) -> None:
    text = (
        "Date,Region,Product,SKU,Flag,Size,Long ID,Revenue\n2025-01-01,NA,null,00123,TRUE,1-2,12345678901234567890,5\n"
    )
    text += "2025-01-02,EU,x,00124,FALSE,3-4,12345678901234567891,6\n"
    _, rows = room.csv(text)
    assert [rows[0][k] for k in ("region", "product", "sku", "flag", "size", "long_id")] == [
        "NA",
        "null",
        "00123",
        "TRUE",
        "1-2",
        "12345678901234567890",
    ]


def test_e15_texts_of_a_workbook_stay_verbatim(room: Room, sheet: Sheet) -> None:
    _, table = room.convert(
        sheet([["Date", "Region", "SKU", "Revenue"], ["2025-01-01", "NA", "00123", 5], ["2025-01-02", " x ", "1-2", 6]])
    )
    assert table.column("region").to_pylist() == ["NA", " x "]
    assert table.column("sku").to_pylist() == ["00123", "1-2"]


def test_e21_cents_add_up_exactly_over_many_rows(room: Room) -> None:
    count = 20_000
    lines = "".join(f"2025-01-01,{0.1 if i % 2 else 0.2}\n" for i in range(count))
    _, table = room.convert(room.file("a.csv", "Date,Revenue\n" + lines), {"mode": "append", "key": []})
    assert sum(table.column("revenue").to_pylist()) == Decimal(count // 2) * Decimal("0.3")


def test_e21_floating_noise_of_a_workbook_is_cleaned_as_excel_shows_it(room: Room, sheet: Sheet) -> None:
    path = sheet([["Date", "Revenue"], ["2025-01-01", 19.990000000000002], ["2025-01-02", 5]])
    done, table = room.convert(path)
    assert table.column("revenue").to_pylist()[0] == Decimal("19.99")
    assert "money-rounded" not in done.counts


def test_e21_what_money_cannot_hold_is_set_aside_with_the_reason(room: Room) -> None:
    done, rows = room.csv("Date,Revenue\n2025-01-01,1000000000000000.01\n2025-01-02,99999999999999.99\n")
    assert rows[0]["revenue"] == Decimal("99999999999999.99")
    assert "too large for money" in next(i.message for i in done.issues if i.code == "number-unreadable")


def test_amounts_with_more_than_four_decimals_are_numbers_not_money(room: Room) -> None:
    done, rows = room.csv("Date,Price\n2025-01-01,0.123456\n2025-01-02,2.5\n")
    assert rows[0]["price"] == 0.123456
    assert "money-fine" in {i.code for i in done.issues}


def test_rounding_declared_money_is_told(room: Room) -> None:
    done, rows = room.csv("Date,Price\n2025-01-01,0.12346\n2025-01-02,2.5\n", {"columns": {"Price": {"type": "money"}}})
    assert rows[0]["price"] == Decimal("0.1235")
    issue = next(i for i in done.issues if i.code == "money-rounded")
    assert (issue.cell, issue.count, issue.severity) == ("B2", 1, "warning")


def test_e22_other_currency_codes_refuse_the_file(room: Room) -> None:
    path = room.file("a.csv", "Date,Currency,Revenue\n2025-01-01,EUR,5\n2025-01-02,USD,6\n")
    with pytest.raises(Invalid, match=r"other currencies than EUR: USD \(1 rows, first in B3\)"):
        room.convert(path)


def test_e22_the_own_currency_code_is_fine(room: Room) -> None:
    done, _ = room.csv("Date,Currency,Revenue\n2025-01-01,EUR,5\n2025-01-02,eur,6\n")
    assert done.accepted == 2


def test_e22_mixed_currency_signs_refuse_the_file(room: Room) -> None:
    with pytest.raises(Invalid, match="different currencies"):
        room.csv("Date,Revenue\n2025-01-01,$5.00\n2025-01-02,€6.00\n")


def test_a_single_foreign_sign_is_told(room: Room) -> None:
    done, rows = room.csv("Date,Revenue\n2025-01-01,$5.00\n2025-01-02,$6.00\n")
    assert [r["revenue"] for r in rows] == [Decimal(5), Decimal(6)]
    assert "currency-sign" in {i.code for i in done.issues}


def test_e22_a_foreign_code_inside_the_amounts_refuses_the_file(room: Room) -> None:
    with pytest.raises(Invalid, match="carry USD"):
        room.csv("Date,Revenue\n2025-01-01,USD 5.00\n2025-01-02,USD 6.00\n")


def test_the_own_code_inside_the_amounts_is_fine(room: Room) -> None:
    done, rows = room.csv("Date,Revenue\n2025-01-01,5.00 EUR\n2025-01-02,€6.00\n")
    assert [r["revenue"] for r in rows] == [Decimal(5), Decimal(6)]
    assert not [i for i in done.issues if i.code.startswith("currency")]


def test_e12_a_declared_comma_is_not_overruled_by_plain_looks(room: Room) -> None:
    done, rows = room.csv(
        "Date;Revenue\n2025-01-01;1.500\n2025-01-02;2,5\n2025-01-03;1.5\n",
        {"number": {"decimal": ",", "thousands": "."}},
    )
    assert [r["revenue"] for r in rows] == [Decimal(1500), Decimal("2.5")]
    assert next(i for i in done.issues if i.code == "number-unreadable").cell == "B4"


@pytest.mark.parametrize(("cells", "mark"), [
    (("7 035,23", "12,50"), " "), (("7\u202f035,23", "12,50"), " "), (("7'035,23", "12,50"), "'"),
    (("7.035,23", "12,50"), "."), (("7.035,23", "8 035,23"), "."), (("12,50 €", "3,25 €"), "."),
])
def test_the_thousands_mark_shown_is_the_one_of_the_column_and_nothing_is_refused_by_it(
    room: Room, cells: tuple[str, ...], mark: str
) -> None:
    path = room.file("a.csv", "Date;Revenue\n" + "".join(f"2025-01-0{n};{c}\n" for n, c in enumerate(cells, start=1)))
    found = room.inspect(path)
    assert found.columns[1].number == NumberStyle(",", mark)
    guessed, declared = room.convert(path), room.convert(path, found.mapping)
    assert (guessed[0].accepted, declared[0].accepted) == (2, 2)
    assert guessed[1].column("revenue").to_pylist() == declared[1].column("revenue").to_pylist()
