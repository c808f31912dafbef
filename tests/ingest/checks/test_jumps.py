"""Sums of a period against comparable ones."""

from __future__ import annotations

from datetime import date

from tests.ingest.checks.past import csv, history, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2025, 1, 1), 180, per_day=12)
NEXT = trade(date(2025, 7, 1), 28, seed=8, per_day=12)
DAY = date(2025, 7, 10)


def test_a_day_of_ten_times_the_rows_leaps_in_rows_and_sum(room: Room) -> None:
    room.history = history(KNOWN)
    done, _ = room.csv(csv(r for row in NEXT for r in [row] * (10 if row[0] == DAY else 1)))
    told = [i for i in done.issues if i.code == "jump"]
    assert {i.column for i in told} == {None, "Revenue"}
    assert all(str(DAY) in i.message and i.count == 1 for i in told)
    assert "120, about 10 times larger than usual" in told[0].message


def test_a_nearly_empty_day_leaps_but_the_last_may_not_be_over(room: Room) -> None:
    room.history = history(KNOWN)
    thin = [(d, r, 0.5) if d in (DAY, NEXT[-1][0]) else (d, r, v) for d, r, v in NEXT]
    found = [i for i in room.csv(csv(thin))[0].issues if i.code == "jump"]
    assert [i.column for i in found] == ["Revenue"]
    assert f"{DAY}: 6, about" in found[0].message
    assert str(NEXT[-1][0]) not in found[0].message


def test_usual_days_do_not_leap(room: Room) -> None:
    room.history = history(KNOWN)
    assert "jump" not in codes(room.csv(csv(NEXT))[0])


def test_a_first_file_is_held_against_its_own_days(room: Room) -> None:
    odd = [(d, r, v * 50) if d == date(2025, 5, 14) else (d, r, v) for d, r, v in KNOWN]
    assert "2025-05-14" in issue(room.csv(csv(odd))[0], "jump").message


def test_slow_growth_never_leaps(room: Room) -> None:
    grown = trade(date(2025, 1, 1), 360, per_day=3, value=lambda dice, day: 1.01 ** day.timetuple().tm_yday)
    assert "jump" not in codes(room.csv(csv(grown))[0])
