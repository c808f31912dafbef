"""Rows a day against rows a day until now."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ingest.checks.past import csv, history, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2025, 1, 1), 120, per_day=12)


@pytest.mark.parametrize(("per_day", "told"), [(60, "60 rows a day"), (2, "2 rows a day")])
def test_a_file_of_far_more_or_fewer_rows_a_day_is_told(room: Room, per_day: int, told: str) -> None:
    room.history = history(KNOWN)
    found = issue(room.csv(csv(trade(date(2025, 5, 1), 31, per_day=per_day)))[0], "volume-shift")
    assert told in found.message
    assert "until now there were 12" in found.message


@pytest.mark.parametrize("per_day", [8, 12, 25])
def test_a_usual_number_of_rows_is_not_told(room: Room, per_day: int) -> None:
    room.history = history(KNOWN)
    assert "volume-shift" not in codes(room.csv(csv(trade(date(2025, 5, 1), 31, per_day=per_day)))[0])


def test_a_correction_of_known_days_may_be_short(room: Room) -> None:
    room.history = history(KNOWN)
    assert "volume-shift" not in codes(room.csv(csv(KNOWN[100:103]))[0])


def test_a_replaced_period_must_be_as_full_as_the_others(room: Room) -> None:
    room.history = history(KNOWN)
    thin = [r for n, r in enumerate(KNOWN) if r[0].month == 4 and n % 12 == 0]
    done, _ = room.csv(csv(thin), {"mode": "replace-period", "grain": "day"})
    assert "1 rows a day" in issue(done, "volume-shift").message
