"""A slip of the year is told; a table that spans years, a correction of the past and a plan are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashapp.ingest.checks.odd_dates import bounds
from tests.ingest.checks.past import csv, history, trade
from tests.ingest.conftest import Room, codes, issue

MARCH = [date(2025, 3, 1) + timedelta(n) for n in range(31)]


def text(*more: date) -> str:
    return csv([*((d, "EMEA", 50.0) for d in MARCH), *((d, "EMEA", 51.0) for d in more)])


@pytest.mark.parametrize("slip", [date(2015, 3, 14), date(2024, 3, 14), date(2052, 3, 14), date(1925, 3, 14)])
def test_a_slip_of_the_year_is_told_at_its_cell_and_kept(room: Room, slip: date) -> None:
    done, rows = room.csv(text(slip))
    found = issue(done, "date-far")
    assert (found.cell, found.severity, found.count) == ("A33", "warning", 1)
    assert "2025-03-01 to 2025-03-31" in found.message
    assert len(rows) == 32


def test_two_slips_on_either_side_are_told_together(room: Room) -> None:
    found = issue(room.csv(text(date(2015, 3, 14), date(2035, 3, 14)))[0], "date-far")
    assert (found.count, "A33" in found.message, "A34" in found.message) == (2, True, True)


def test_a_neighbour_a_season_away_and_a_table_over_years_are_silent(room: Room) -> None:
    assert "date-far" not in codes(room.csv(text(date(2024, 10, 1)))[0])
    years = csv((date(2015 + n, 12, 31), "EMEA", 5.0) for n in range(12))
    assert "date-far" not in codes(room.csv(years, {"grain": "year"})[0])
    assert "date-far" not in codes(room.csv(csv([(date(2015, 1, 1), "x", 1.0), (date(2025, 1, 1), "x", 2.0)]))[0])


def test_a_correction_among_days_that_are_known_is_silent(room: Room) -> None:
    room.history = history(trade(date(2024, 1, 1), 400))
    assert "date-far" not in codes(room.csv(text(date(2024, 2, 5)))[0])
    room.history = replace(room.history, dates=tuple(MARCH))
    assert "date-far" in codes(room.csv(text(date(2014, 2, 5)))[0])


def test_what_is_a_hundredth_of_the_rows_or_more_is_a_part_of_the_table() -> None:
    days = [(d, 10) for d in MARCH]
    assert bounds([(date(2015, 1, 1), 3), *days]) == (MARCH[0], MARCH[-1])
    assert bounds([(date(2015, 1, 1), 5), *days]) == (None, None)
    assert bounds(days) == (None, None)
    assert bounds([]) == (None, None)
