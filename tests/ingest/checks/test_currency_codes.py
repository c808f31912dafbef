"""A currency column with other codes refuses the file: amounts are never added up raw."""

from __future__ import annotations

import pytest

from dashapp.core.errors import Invalid
from tests.ingest.conftest import Room, codes, issue


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
