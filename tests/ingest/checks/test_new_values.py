"""New values are told; one that is almost a known one is a warning."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ingest.checks.past import csv, history, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = [(d, {"AMER": "North America"}.get(r, r), v) for d, r, v in trade(date(2025, 1, 1), 120)]
NEXT = [(d, {"AMER": "North America"}.get(r, r), v) for d, r, v in trade(date(2025, 5, 1), 31, seed=8)]


@pytest.mark.parametrize("slip", ["north america", "North  America", "Nort America", "Emea"])
def test_a_slip_of_a_known_value_is_a_warning(room: Room, slip: str) -> None:
    room.history = history(KNOWN)
    found = issue(room.csv(csv([*NEXT, (date(2025, 5, 6), slip, 50.0)]))[0], "value-alike")
    assert (found.severity, found.count) == ("warning", 1)
    assert repr("EMEA" if slip == "Emea" else "North America") in found.message


def test_a_value_of_its_own_is_only_told(room: Room) -> None:
    room.history = history(KNOWN)
    done, _ = room.csv(csv([*NEXT, (date(2025, 5, 6), "LATAM", 50.0)]))
    assert issue(done, "value-new").message == "New in 'Region': LATAM."
    assert "value-alike" not in codes(done)


def test_numbered_names_are_not_taken_for_slips(room: Room) -> None:
    room.history = history([(d, "Store 1" if r == "EMEA" else "Store 2", v) for d, r, v in KNOWN])
    done, _ = room.csv(csv((d, "Store 3" if r == "EMEA" else "Store 1", v) for d, r, v in NEXT))
    assert "value-alike" not in codes(done)
    assert "Store 3" in issue(done, "value-new").message


def test_known_values_are_not_told(room: Room) -> None:
    room.history = history(KNOWN)
    assert not {"value-new", "value-alike"} & codes(room.csv(csv(NEXT))[0])


def test_two_spellings_within_a_first_file_are_told_with_the_cells_of_the_rarer(room: Room) -> None:
    rows = [(d, "emea" if n == 4 else r, v) for n, (d, r, v) in enumerate(NEXT)]
    usual = sum(r == "EMEA" for _, r, _ in rows)
    assert usual > 1
    done, kept = room.csv(csv(rows))
    found = issue(done, "value-alike")
    assert (found.cell, found.count, found.severity) == ("B6", 1, "warning")
    assert "'emea' in 'Region' is written 'EMEA' elsewhere" in found.message
    assert kept[4]["region"] == "emea", "nothing is changed unasked"
    assert "value-alike" not in codes(room.csv(csv(NEXT))[0])
