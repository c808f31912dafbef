"""How old a file is, against how old files of its dataset were."""

from __future__ import annotations

from datetime import date

from tests.ingest.checks.past import csv, history, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2025, 1, 1), 120)
NEXT = trade(date(2025, 5, 1), 30, seed=8)


def test_a_file_older_than_files_usually_are_is_told(room: Room) -> None:
    room.history, room.today = history(KNOWN, lags=(3, 5, 4)), date(2025, 6, 20)
    assert "21 days ago; until now files of this dataset were at most 5 days old" in issue(
        room.csv(csv(NEXT))[0], "late-data").message


def test_a_file_as_old_as_usual_is_not_told(room: Room) -> None:
    room.history, room.today = history(KNOWN, lags=(3, 5, 4)), date(2025, 6, 6)
    assert "late-data" not in codes(room.csv(csv(NEXT))[0])


def test_two_uploads_are_no_habit(room: Room) -> None:
    room.history, room.today = history(KNOWN, lags=(3, 5)), date(2025, 12, 1)
    assert "late-data" not in codes(room.csv(csv(NEXT))[0])


def test_a_file_without_anything_later_says_so(room: Room) -> None:
    room.history, room.today = history(KNOWN), date(2025, 6, 1)
    found = issue(room.csv(csv(KNOWN[:40]))[0], "nothing-later")
    assert found.severity == "info"
    assert f"the data on {KNOWN[-1][0]}" in found.message


def test_without_a_today_nobody_can_say(room: Room) -> None:
    room.history = history(KNOWN, lags=(1, 1, 1))
    assert not {"late-data", "nothing-later"} & codes(room.csv(csv(KNOWN[:40]))[0])
