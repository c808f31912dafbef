"""A cost of exactly zero makes a margin of 100 %: told."""

from __future__ import annotations

import pytest

from tests.ingest.conftest import Room, codes, issue


@pytest.mark.parametrize("header", ["Cost", "COGS", "Unit Cost", "Kosten", "costs"])
@pytest.mark.parametrize("zero", ["0", "0.00", "-0", "0.0000"])
def test_e13_a_cost_of_zero_is_told(room: Room, header: str, zero: str) -> None:
    done, rows = room.csv(f"Date,{header}\n2025-01-01,0.0001\n2025-01-02,{zero}\n2025-01-03,-1\n")
    found = issue(done, "cost-zero")
    assert (found.cell, found.count, found.severity, len(rows)) == ("B3", 1, "warning", 3)


@pytest.mark.parametrize(("header", "cell"), [("Cost", ""), ("Revenue", "0"), ("Cost", "0.0001"), ("Cost", "n/a")])
def test_e13_a_missing_cost_and_a_revenue_of_zero_are_not(room: Room, header: str, cell: str) -> None:
    done, _ = room.csv(f"Date,{header}\n2025-01-01,5\n2025-01-02,{cell}\n")
    assert "cost-zero" not in codes(done)
