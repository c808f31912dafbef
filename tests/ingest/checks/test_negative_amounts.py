"""Negative revenue, prices and costs are kept with their sign, and told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.ingest.conftest import Room, codes, issue


@pytest.mark.parametrize("header", ["Revenue", "Net Sales", "Unit Price", "COGS", "Marketing Spend", "Umsatz", "Costs",
                                    "Qty", "Units sold"])
def test_e13_a_negative_amount_is_told_and_kept(room: Room, header: str) -> None:
    done, rows = room.csv(f"Date,{header}\n2025-01-01,5\n2025-01-02,-0.01\n2025-01-03,0\n")
    found = issue(done, "amount-negative")
    assert (found.severity, found.cell, found.count, done.quarantined) == ("warning", "B3", 1, 0)
    assert Decimal(str(list(rows[1].values())[1])) == Decimal("-0.01")


@pytest.mark.parametrize("header", ["Temperature", "Growth", "Profit", "Cash Flow"])
def test_e13_what_may_well_be_negative_is_not_told(room: Room, header: str) -> None:
    done, _ = room.csv(f"Date,{header}\n2025-01-01,5\n2025-01-02,-3\n")
    assert "amount-negative" not in codes(done)


def test_e13_only_kept_rows_are_told(room: Room) -> None:
    done, _ = room.csv("Date,Revenue\n2025-01-01,5\n2025-02-30,-3\n2025-01-03,6\nTotal,-8\n")
    assert "amount-negative" not in codes(done)


def test_e13_a_price_read_as_a_label_is_not_told(room: Room) -> None:
    done, _ = room.csv("Date,Price\n2025-01-01,-5\n2025-01-02,6\n", {"columns": {"Price": {"role": "dimension"}}})
    assert "amount-negative" not in codes(done)
