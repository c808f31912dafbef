"""A currency column with other codes refuses the file: amounts are never added up raw."""

from __future__ import annotations

from datetime import date

import pytest

from dashapp.core.currency import Covered
from dashapp.core.errors import Invalid
from dashapp.core.history import History
from tests.ingest.conftest import Room, codes, issue

RATED = History(rates=(Covered("GBP", date(2025, 1, 1), date(2025, 1, 3)),
                       Covered("USD", date(2025, 1, 1), date(2025, 12, 31))))


def text(*currencies: str) -> str:
    return "Date,Currency,Revenue\n" + "".join(f"2025-01-{n:02d},{c},{n}\n" for n, c in enumerate(currencies, 1))


@pytest.mark.parametrize("own", ["EUR", "eur", " EUR ", "Eur"])
def test_e22_the_own_code_however_written_is_fine(room: Room, own: str) -> None:
    done, rows = room.csv(text("EUR", own, "EUR"))
    assert (len(rows), "currency-mix" in codes(done)) == (3, False)


def test_e22_other_codes_are_named_with_their_number_and_first_cell(room: Room) -> None:
    path = room.file("a.csv", text("EUR", "USD", "usd", "GBP"))
    found = issue(room.inspect(path), "currency-mix")
    assert (found.severity, found.row, found.column, found.count) == ("error", None, "Currency", 3)
    assert "USD (2 rows, first in B3), GBP (1 rows, first in B5)" in found.message
    with pytest.raises(Invalid, match="other currencies than EUR"):
        room.convert(path)


def test_e22_the_reporting_currency_is_the_organisations(room: Room) -> None:
    room.currency = "USD"
    done, _ = room.csv(text("USD", "USD"))
    assert done.accepted == 2
    with pytest.raises(Invalid, match="other currencies than USD: EUR"):
        room.csv(text("USD", "EUR"))


def test_e22_a_row_without_a_code_is_in_the_own_currency(room: Room) -> None:
    done, rows = room.csv(text("EUR", "", "EUR", "EUR", "EUR"))
    assert (len(rows), "currency-mix" in codes(done)) == (5, False)


def test_e22_a_total_below_has_no_currency(room: Room) -> None:
    done, rows = room.csv(text("EUR", "EUR", "EUR") + "Total,mixed,6\n")
    assert (len(rows), codes(done)) == (3, {"excluded-total"})


def test_e22_a_column_declared_as_currency_is_believed(room: Room) -> None:
    path = room.file("a.csv", "Date,Valuta-Art,Revenue\n2025-01-01,Euro,5\n")
    with pytest.raises(Invalid, match="EURO"):
        room.convert(path, {"columns": {"Valuta-Art": {"role": "currency"}}})


def test_e22_without_rates_the_refusal_says_what_to_bring(room: Room) -> None:
    found = issue(room.inspect(room.file("a.csv", text("EUR", "USD"))), "currency-mix")
    assert "bring rates: a dataset called fx with the columns date, currency and rate" in (found.help or "")


def test_e22_with_rates_the_rows_are_kept_as_written_and_counted_by_currency(room: Room) -> None:
    room.history = RATED
    done, rows = room.csv(text("EUR", "USD", "usd", "GBP"))
    assert [(r["currency"], r["revenue"]) for r in rows] == [("EUR", 1), ("USD", 2), ("usd", 3), ("GBP", 4)]
    told = issue(done, "currency-converted")
    assert (told.severity, told.count) == ("info", 3)
    assert "'Revenue' is kept in USD (2 rows), GBP (1 row): figures convert to EUR" in told.message


def test_e22_rows_without_a_rate_are_told_and_kept(room: Room) -> None:
    room.history = RATED
    done, rows = room.csv(text("EUR", "GBP", "GBP", "GBP", "CHF", "USD"))
    assert (len(rows), done.quarantined) == (6, 0)
    told = issue(done, "rate-missing")
    assert (told.severity, told.count, told.cell) == ("warning", 2, "B5")
    assert "CHF from 2025-01-05, GBP from 2025-01-04" in told.message


def test_e22_an_amount_without_a_code_among_several_currencies_is_set_aside(room: Room) -> None:
    room.history = RATED
    done, rows = room.csv(text("EUR", "", "USD", "USD", "EUR", "EUR"))
    assert (len(rows), done.quarantined) == (5, 1)
    assert issue(done, "currency-missing").cell == "B3"
    done, rows = room.csv(text("EUR", "", "EUR", "EUR", "EUR"))
    assert (len(rows), codes(done)) == (5, set())


def test_e22_an_amount_that_is_read_as_a_number_refuses_the_file(room: Room) -> None:
    room.history = RATED
    fine = "Date,Currency,Revenue\n2025-01-01,USD,1.23456\n2025-01-02,EUR,2\n"
    with pytest.raises(Invalid, match="'Revenue' would be read as a number: only money is converted"):
        room.csv(fine)
    _, rows = room.csv(fine, {"columns": {"Revenue": {"type": "money"}}})
    assert len(rows) == 2
    with pytest.raises(Invalid, match="only money is converted"):
        room.csv("Date,Currency,Value\n2025-01-01,USD,1\n2025-01-02,EUR,2\n")


def test_e22_lists_without_a_date_are_refused_whatever_the_rates(room: Room) -> None:
    room.history = RATED
    path = room.file("a.csv", "sku_id,Currency,Price\nS1,USD,5\nS2,EUR,6\n")
    with pytest.raises(Invalid, match="Only facts with a date per row are converted"):
        room.convert(path)
