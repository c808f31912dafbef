"""E22: codes said beside the table, in headers, in the mapping or in the cells become a code per row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashapp.core.currency import Covered
from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.history import History, Mix
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.core.profile import Profile, fingerprint
from tests.ingest.conftest import Room, codes, issue

WHOLE = (date(2025, 1, 1), date(2025, 12, 31))
RATED = History(rates=tuple(Covered(c, *WHOLE) for c in ("CHF", "GBP", "USD")))
SALES = Dataset("sales", "Sales", columns=(
    Column("date", "Date", RoleOf.DATE, "date"), Column("currency", "Currency", RoleOf.CURRENCY, "text"),
    Column("revenue", "Revenue", RoleOf.MEASURE, "money")), key_columns=("date",), mode="upsert", version=1)
MIXED = History(rates=RATED.rates, mixes=(Mix("currency", date(2025, 1, 1), "USD", 3),))


def read(room: Room, text: str, mapping: dict[str, Any] | None = None, known: Dataset | None = None) -> Any:
    """(what was done, [(code, amount)])."""
    done, rows = room.csv(text, mapping, known)
    return done, [(r["currency"], r["revenue"]) for r in rows]


def refused(room: Room, text: str, mapping: dict[str, Any] | None = None, known: Dataset | None = None) -> Invalid:
    with pytest.raises(Invalid) as error:
        room.csv(text, mapping, known)
    return error.value


def test_e22_a_code_in_the_mapping_holds_for_all_rows(room: Room) -> None:
    room.history = RATED
    done, rows = read(room, "Date,Revenue\n2025-01-01,5\n2025-01-02,6.5\n", {"currency": "USD"})
    assert rows == [("USD", 5), ("USD", Decimal("6.5"))]
    assert done.mapping.currency == "USD"
    assert [c.key for c in done.columns if c.role is RoleOf.CURRENCY] == ["currency"]
    assert "2 rows" in issue(done, "currency-converted").message


def test_e22_a_code_in_the_mapping_without_rates_changes_nothing_of_what_is_refused(room: Room) -> None:
    error = refused(room, "Date,Revenue\n2025-01-01,USD 5\n", {"currency": "USD"})
    assert "not converted without rates" in error.message


@pytest.mark.parametrize("code", ["usd", "US", "DOLLAR", "U$D"])
def test_e22_a_code_has_three_capital_letters(room: Room, code: str) -> None:
    with pytest.raises(Invalid, match="three capital letters"):
        room.csv("Date,Revenue\n2025-01-01,5\n", {"currency": code})


def test_e22_a_header_that_speaks_of_a_currency_says_it_for_every_row(room: Room) -> None:
    room.history = RATED
    done, rows = read(room, "Date,Revenue (USD thousand)\n2025-01-01,5\n", {"columns": {
        "Revenue (USD thousand)": {"key": "revenue"}}})
    assert rows == [("USD", 5000)]
    assert "currency-mix" not in codes(done)


def test_e22_headers_of_two_currencies_are_two_too_many(room: Room) -> None:
    room.history = RATED
    text = "Date,Revenue (USD),Costs (CHF)\n2025-01-01,5,6\n"
    assert "currency-mix" in {i.code for i in refused(room, text).issues}


def test_e22_a_header_that_leaves_another_amount_open_is_not_enough(room: Room) -> None:
    room.history = RATED
    error = refused(room, "Date,Revenue (USD),Costs\n2025-01-01,5,6\n")
    assert "of others the file does not say it" in " ".join(i.message for i in error.issues)


def test_e22_the_cells_say_it_row_by_row(room: Room) -> None:
    room.history = RATED
    text = "Date;Revenue\n2025-01-01;USD 5.00\n2025-01-02;6.00 €\n2025-01-03;7.00 gbp\n2025-01-04;£8.00\n"
    done, rows = read(room, text)
    assert rows == [("USD", 5), ("EUR", 6), ("GBP", 7), ("GBP", 8)]
    assert codes(done) == {"currency-converted"}


def test_e22_a_cell_without_a_code_among_others_is_set_aside(room: Room) -> None:
    room.history = RATED
    done, rows = read(room, "Date;Revenue\n2025-01-01;USD 5.00\n2025-01-02;6.00\n")
    assert (rows, done.quarantined) == ([("USD", 5)], 1)
    assert issue(done, "currency-missing").row == 3


@pytest.mark.parametrize("amount", ["$5.00", "¥5", "5.00 kr"])
def test_e22_a_sign_of_several_currencies_is_asked_and_the_mapping_answers(room: Room, amount: str) -> None:
    room.history = RATED
    text = f"Date;Revenue\n2025-01-01;{amount}\n"
    assert "sign of several currencies" in refused(room, text).message
    assert read(room, text, {"currency": "CHF"})[1] == [("CHF", 5)]


def test_e22_own_codes_need_no_column_where_there_is_none_and_fill_the_one_that_is_there(room: Room) -> None:
    room.history = RATED
    text = "Date;Revenue\n2025-01-01;EUR 5.00\n2025-01-02;6.00\n"
    _, rows = room.csv(text)
    assert "currency" not in rows[0]
    assert read(room, text, None, SALES)[1] == [("EUR", 5), ("EUR", 6)]


def test_e22_a_file_that_says_nothing_is_refused_where_the_dataset_has_several(room: Room) -> None:
    room.history = MIXED
    text = "Date;Revenue\n2025-01-01;5.00\n"
    assert "does not say which one" in refused(room, text, None, SALES).message
    assert read(room, text, {"currency": "USD"}, SALES)[1] == [("USD", 5)]
    room.history = RATED
    assert read(room, text, None, SALES)[1] == [("EUR", 5)]


def test_e22_a_file_that_says_nothing_is_in_the_currency_that_was_said_of_its_senders_last_one(room: Room) -> None:
    room.history, text = MIXED, "Date;Revenue\n2025-01-01;5.00\n"
    room.profiles = (Profile("Ohio", fingerprint(["Date", "Revenue"]), Mapping(
        currency="USD", columns={"Date": ColumnMapping(), "Revenue": ColumnMapping()})),)
    done, rows = read(room, text, None, SALES)
    assert (rows, done.mapping.currency) == ([("USD", 5)], "USD"), "and the next file finds it there again"
    told = issue(done, "currency-recalled")
    assert (told.severity, "taken to be in USD" in told.message) == ("info", True)
    for said, code in (({"currency": "CHF"}, "CHF"), ({"currency": "EUR"}, "EUR")):
        done, rows = read(room, text, said, SALES)
        assert (rows, "currency-recalled" in codes(done)) == ([(code, 5)], False)
    done, rows = read(room, "Date;Revenue\n2025-01-01;5.00 €\n", None, SALES)
    assert (rows, codes(done)) == ([("EUR", 5)], set()), "what the file says comes first"


def test_e22_a_row_whose_cell_contradicts_its_column_is_set_aside(room: Room) -> None:
    room.history = RATED
    text = "Date;Currency;Revenue\n2025-01-01;USD;USD 5.00\n2025-01-02;USD;6.00 €\n2025-01-03;CHF;7.00\n"
    done, rows = read(room, text)
    assert rows == [("USD", 5), ("CHF", 7)]
    said = issue(done, "currency-contradicted")
    assert (said.cell, "says EUR, but the amounts of the row are in USD" in said.message) == ("C3", True)


def test_e22_a_column_of_codes_and_a_code_for_all_do_not_go_together(room: Room) -> None:
    room.history = RATED
    assert "leave `currency` out" in refused(room, "Date,Currency,Revenue\n2025-01-01,USD,5\n",
                                             {"currency": "USD"}).message


def test_e22_a_code_that_was_added_may_be_part_of_the_key(room: Room) -> None:
    room.history = RATED
    text = "Date;Revenue\n2025-01-01;USD 5.00\n2025-01-01;GBP 6.00\n2025-01-01;7.00\n"
    done, rows = read(room, text, {"key": ["date", "currency"], "mode": "upsert"})
    assert (rows, done.quarantined, done.letters) == ([("USD", 5), ("GBP", 6)], 1, {})
