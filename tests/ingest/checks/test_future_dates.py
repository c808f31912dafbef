"""Dates after today: told, and kept, since a plan is full of them."""

from __future__ import annotations

from datetime import date

from tests.ingest.conftest import Room, codes, issue

TEXT = "Due,Date,Revenue\n2030-01-01,2025-01-01,1\n2030-01-02,2025-01-02,2\n2030-01-03,2025-01-03,3\n"


def test_e11_only_days_after_today_are_future(room: Room) -> None:
    room.today = date(2025, 1, 2)
    done, rows = room.csv(TEXT)
    found = issue(done, "date-future")
    assert (found.cell, found.row, found.count, found.severity) == ("B4", 4, 1, "warning")
    assert (len(rows), done.last) == (3, date(2025, 1, 3))


def test_e11_today_itself_is_not_future(room: Room) -> None:
    room.today = date(2025, 1, 3)
    assert "date-future" not in codes(room.csv(TEXT)[0])


def test_e11_without_a_today_nothing_is_future(room: Room) -> None:
    assert "date-future" not in codes(room.csv(TEXT)[0])


def test_e11_only_the_column_that_dates_the_rows_is_looked_at(room: Room) -> None:
    room.today = date(2029, 1, 1)
    done, _ = room.csv(TEXT)
    assert (done.mapping.columns["Date"].role, "date-future" in codes(done)) == ("date", False)
