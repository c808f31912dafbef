"""A sign that turned is told; a few credits are not, nor is a column that always had both."""

from __future__ import annotations

from datetime import date

from tests.ingest.checks.past import csv, history, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2025, 1, 1), 120)
NEXT = trade(date(2025, 5, 1), 31, seed=8)


def test_a_file_with_the_other_sign_is_told(room: Room) -> None:
    room.history = history(KNOWN)
    done, rows = room.csv(csv((d, r, -v) for d, r, v in NEXT))
    assert "100% of the values in 'Revenue' are negative" in issue(done, "sign-shift").message
    assert sum(float(r["revenue"]) for r in rows) < 0, "the sign is kept"


def test_costs_that_were_negative_and_are_positive_now_are_told(room: Room) -> None:
    room.history = history([(d, r, -v) for d, r, v in KNOWN])
    assert "are positive" in issue(room.csv(csv(NEXT))[0], "sign-shift").message


def test_one_month_of_a_first_file_with_the_other_sign_is_told(room: Room) -> None:
    done, _ = room.csv(csv((d, r, -v if d.month == 2 else v) for d, r, v in KNOWN))
    assert "of 2025-02 are negative" in issue(done, "sign-shift").message


def test_some_credits_are_no_turned_sign(room: Room) -> None:
    room.history = history(KNOWN)
    some = [(d, r, -v if n % 10 == 0 else v) for n, (d, r, v) in enumerate(NEXT)]
    assert "sign-shift" not in codes(room.csv(csv(some))[0])


def test_a_column_that_always_had_both_signs_has_none_to_turn(room: Room) -> None:
    room.history = history([(d, r, -v if n % 2 else v) for n, (d, r, v) in enumerate(KNOWN)])
    assert "sign-shift" not in codes(room.csv(csv((d, r, -v) for d, r, v in NEXT))[0])
