"""A list of rates is read as one: keyed by day and code, odd rates set aside, the newest ones read out."""

from __future__ import annotations

from datetime import date

import pytest

from dashapp.core.dataset import RoleOf
from tests.ingest.conftest import Room, codes, issue

LIST = "Date,Currency,Rate\n2025-03-01,USD,0.92\n2025-03-01,GBP,1.2\n2025-03-02,USD,0.9217\n"


def test_e22_a_list_of_rates_is_reference_data_keyed_by_day_and_code(room: Room) -> None:
    done, rows = room.csv(LIST)
    assert (done.mapping.kind, done.mapping.key, done.mapping.mode) == ("reference", ("date", "currency"), "upsert")
    assert rows[2] == {"date": date(2025, 3, 2), "currency": "USD", "rate": 0.9217}
    assert {c.key: (c.role, c.type) for c in done.columns} == {
        "date": (RoleOf.DATE, "date"), "currency": (RoleOf.CURRENCY, "text"), "rate": (RoleOf.MEASURE, "number")}


def test_e22_the_newest_rates_are_read_out(room: Room) -> None:
    done, _ = room.csv(LIST)
    told = issue(done, "rate-read")
    assert told.message == ("The newest rates say: 1 GBP is 1.2 EUR on 2025-03-01; 1 USD is 0.9217 EUR on 2025-03-02.")
    assert (told.severity, codes(done)) == ("info", {"rate-read"})
    assert "turn its rates round first" in (told.help or "")


def test_e22_a_rate_may_lead_to_another_currency_which_is_part_of_its_key(room: Room) -> None:
    done, rows = room.csv("Date,Currency,To,Rate\n2025-03-01,USD,EUR,0.92\n2025-03-01,USD,CHF,0.88\n")
    assert (done.mapping.key, len(rows)) == (("date", "currency", "to"), 2)
    assert "1 USD is 0.88 CHF on 2025-03-01; 1 USD is 0.92 EUR" in issue(done, "rate-read").message


@pytest.mark.parametrize("odd", ["0", "-1", "", "100000000", "1e-13"])
def test_e22_what_can_be_no_rate_is_set_aside(room: Room, odd: str) -> None:
    done, rows = room.csv(LIST + f"2025-03-03,USD,{odd}\n")
    assert (len(rows), done.quarantined) == (3, 1)
    assert issue(done, "rate-value").cell == "C5"


def test_e22_a_code_that_is_none_is_set_aside(room: Room) -> None:
    done, rows = room.csv(LIST + "2025-03-03,Dollar,1\n2025-03-03,,1\n2025-03-04,usd,1\n")
    assert (len(rows), done.quarantined) == (4, 2)
    assert issue(done, "rate-code").cell == "B5"


def test_e22_two_rates_of_a_day_are_refused_by_the_key(room: Room) -> None:
    done, rows = room.csv(LIST + "2025-03-01,USD,0.93\n")
    assert (len(rows), done.counts["key-duplicate"]) == (2, 2)


def test_other_tables_with_a_rate_are_no_list_of_rates(room: Room) -> None:
    done, _ = room.csv("Date,Currency,Rate,Region\n2025-03-01,EUR,0.92,EMEA\n2025-03-02,EUR,-1,EMEA\n")
    assert (done.mapping.kind, "rate-read" in codes(done), done.quarantined) == ("facts", False, 0)
