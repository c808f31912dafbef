"""Gaps against a calendar that the dates themselves teach."""

from __future__ import annotations

from datetime import date, timedelta

from tests.ingest.checks.past import csv, history, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2024, 1, 1), 500, per_day=1, skip={date(2024, 12, 25), date(2024, 4, 1), date(2025, 1, 1)})


def test_no_saturdays_is_not_a_gap(room: Room) -> None:
    room.history = history(KNOWN)
    assert "period-missing" not in codes(room.csv(csv(trade(date(2025, 5, 15), 40)))[0])


def test_a_weekday_without_rows_is_a_gap(room: Room) -> None:
    room.history = history(KNOWN)
    done, _ = room.csv(csv(trade(date(2025, 5, 15), 40, skip={date(2025, 5, 21), date(2025, 6, 3)})))
    found = issue(done, "period-missing")
    assert "2 days have no rows although rows are expected: 2025-05-21, 2025-06-03" in found.message
    assert (found.count, found.severity) == (2, "warning")


def test_days_between_the_data_and_the_file_are_a_gap(room: Room) -> None:
    room.history = history(KNOWN)
    assert KNOWN[-1][0] == date(2025, 5, 14)
    assert "2025-05-15" in issue(room.csv(csv(trade(date(2025, 5, 16), 20)))[0], "period-missing").message


def test_holidays_of_earlier_years_are_no_gaps(room: Room) -> None:
    """Christmas by its date, Easter Monday (1 April 2024, 21 April 2025) by its distance from Easter."""
    known = [r for r in KNOWN if r[0] < date(2025, 3, 1)]
    room.history = history(known)
    skip = {date(2025, 4, 21), date(2025, 12, 25)}
    done, _ = room.csv(csv(trade(date(2025, 3, 3), 299, per_day=1, skip=skip)))
    assert "period-missing" not in codes(done)


def test_a_first_file_teaches_its_own_calendar(room: Room) -> None:
    done, _ = room.csv(csv(trade(date(2025, 3, 3), 60, skip={date(2025, 3, 20)})))
    assert "2025-03-20" in issue(done, "period-missing").message


def test_rare_rows_have_no_gaps(room: Room) -> None:
    rows = [(date(2025, 1, 1) + timedelta(n * n % 97), "EMEA", 5.0 + n) for n in range(20)]
    assert "period-missing" not in codes(room.csv(csv(rows))[0])


def test_a_month_that_is_left_out_is_a_gap(room: Room) -> None:
    months = [(date(2025, m, 1), "EMEA", 500.0 + m) for m in (1, 2, 3, 5, 6)]
    done, _ = room.csv(csv(months), {"grain": "month", "kind": "facts"})
    assert "1 month has no rows although rows are expected: 2025-04" in issue(done, "period-missing").message
