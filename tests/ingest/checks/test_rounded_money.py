"""What money cannot hold beyond four decimals is told, never cut in silence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.ingest.conftest import Room, codes, issue

MONEY = {"columns": {"Price": {"type": "money"}}}


@pytest.mark.parametrize(
    ("cell", "stored", "told"),
    [
        ("0.1234", "0.1234", False),
        ("0.12340", "0.1234", False),
        ("0.12345", "0.1235", True),
        ("0.00001", "0", True),
        ("1e-5", "0", True),
        ("-0.99995", "-1", True),
        ("19.990000000000002", "19.99", False),
        ("5", "5", False),
    ],
)
def test_e21_rounding_is_told_at_its_cell(room: Room, cell: str, stored: str, told: bool) -> None:
    done, rows = room.csv(f"Date,Price\n2025-01-01,2.5\n2025-01-02,{cell}\n", MONEY)
    assert rows[1]["price"] == Decimal(stored)
    assert ("money-rounded" in codes(done)) == told
    if told:
        assert (issue(done, "money-rounded").cell, issue(done, "money-rounded").severity) == ("B3", "warning")


def test_e21_a_comma_for_decimals_is_rounded_and_told_likewise(room: Room) -> None:
    done, rows = room.csv("Date;Price\n2025-01-01;2,5\n2025-01-02;0,12345\n", MONEY)
    assert (rows[1]["price"], issue(done, "money-rounded").cell) == (Decimal("0.1235"), "B3")


def test_e21_undeclared_amounts_of_many_decimals_are_kept_whole_as_numbers(room: Room) -> None:
    done, rows = room.csv("Date,Price\n2025-01-01,2.5\n2025-01-02,0.12345\n")
    assert (rows[1]["price"], codes(done)) == (0.12345, {"money-fine"})


def test_e21_numbers_are_never_rounded(room: Room) -> None:
    done, rows = room.csv("Date,Ratio\n2025-01-01,0.123456789\n2025-01-02,0.5\n")
    assert (rows[0]["ratio"], codes(done)) == (0.123456789, set())
