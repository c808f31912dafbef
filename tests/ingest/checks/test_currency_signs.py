"""Signs and codes written into the amounts: what is clearly another currency refuses the file, what may be is told."""

from __future__ import annotations

import pytest

from dashapp.core.errors import Invalid
from tests.ingest.conftest import Room, codes, issue


def file(room: Room, *amounts: str) -> object:
    lines = "".join(f"2025-01-{n:02d};{a}\n" for n, a in enumerate(amounts, 1))
    return room.file("a.csv", f"Date;Revenue\n{lines}")


@pytest.mark.parametrize(
    ("own", "amounts"),
    [
        ("EUR", ("€5.00", "5.00 €", "EUR 5.00", "5.00eur")),
        ("USD", ("$5.00", "US$ 6.00", "7.00 USD", "-$5.00", "($5.00)")),
        ("GBP", ("£5.00", "6.00 GBP")),
        ("SEK", ("5.00 kr", "6.00 kr.", "7.00 SEK")),
        ("NOK", ("kr 5.00",)),
        ("PLN", ("5.00 zł", "6.00 PLN")),
        ("CZK", ("5.00 Kč",)),
        ("AUD", ("A$5.00", "AUD 6.00")),
        ("BRL", ("R$ 5.00",)),
        ("EUR", ("5.00", "-6.00", "1,234.50", "(7.00)")),
        ("EUR", ("5.00 %", "6.00 %")),
        ("USD", ("＄5.00",)),
    ],
)
def test_e22_the_own_currency_in_any_spelling_is_fine(room: Room, own: str, amounts: tuple[str, ...]) -> None:
    room.currency = own
    done, table = room.convert(file(room, *amounts))  # type: ignore[arg-type]
    assert table.num_rows == len(amounts)
    assert not {c for c in codes(done) if c.startswith("currency")}


@pytest.mark.parametrize(
    ("own", "amounts", "named"),
    [
        ("EUR", ("USD 5.00",), "USD"),
        ("EUR", ("5.00USD",), "USD"),
        ("EUR", ("5.00 usd", "6.00"), "USD"),
        ("EUR", ("US$5.00",), "US$"),
        ("USD", ("A$5.00",), "A$"),
        ("USD", ("C$5.00", "6.00"), "C$"),
        ("USD", ("R$ 5.00",), "R$"),
        ("EUR", ("$5.00", "6.00 USD"), "USD"),
        ("SEK", ("5.00 NOK",), "NOK"),
    ],
)
def test_e22_what_clearly_is_another_currency_refuses_the_file(
    room: Room, own: str, amounts: tuple[str, ...], named: str
) -> None:
    room.currency = own
    path = file(room, *amounts)
    found = issue(room.inspect(path), "currency-mix")  # type: ignore[arg-type]
    assert (found.severity, found.column, found.row) == ("error", "Revenue", None)
    assert f"carry {named}, but the reporting currency is {own}" in found.message
    with pytest.raises(Invalid, match="not converted without rates"):
        room.convert(path)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("own", "amounts"),
    [("EUR", ("$5.00",)), ("CAD", ("$5.00",)), ("EUR", ("5.00 kr",)), ("CNY", ("¥5",)), ("EUR", ("£5.00", "6.00"))],
)
def test_e22_a_sign_that_several_currencies_share_is_told_and_kept(
    room: Room, own: str, amounts: tuple[str, ...]
) -> None:
    room.currency = own
    done, table = room.convert(file(room, *amounts))  # type: ignore[arg-type]
    assert (table.num_rows, issue(done, "currency-sign").severity) == (len(amounts), "warning")
    assert f"taken as {own}" in issue(done, "currency-sign").message


@pytest.mark.parametrize(
    "amounts",
    [("$5.00", "€6.00"), ("EUR 5.00", "GBP 6.00"), ("A$5.00", "$6.00"), ("5.00 kr", "€5.00"), ("5.00", "€1", "£2")],
)
def test_e22_two_currencies_in_the_amounts_refuse_the_file(room: Room, amounts: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="different currencies"):
        room.convert(file(room, *amounts))  # type: ignore[arg-type]


def test_e22_two_columns_of_two_currencies_refuse_the_file(room: Room) -> None:
    with pytest.raises(Invalid, match="different currencies"):
        room.csv("Date;Revenue;Cost\n2025-01-01;€5.00;$4.00\n")


def test_e22_letters_in_a_cell_that_is_no_amount_say_nothing(room: Room) -> None:
    lines = ("5.00", "6.00", "7.00", "8.00", "9.00", "USD or EUR?", "paid in kr and $")
    done, table = room.convert(file(room, *lines))  # type: ignore[arg-type]
    assert (table.num_rows, done.quarantined) == (5, 2)
    assert not {c for c in codes(done) if c.startswith("currency")}


def test_e22_signs_in_a_text_column_say_nothing(room: Room) -> None:
    done, _ = room.csv("Date,Region,Note,Revenue\n2025-01-01,a,$5 off,5\n2025-01-02,b,€5 off,6\n")
    assert not {c for c in codes(done) if c.startswith("currency")}
