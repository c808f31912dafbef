"""Shares of a dimension's values against those until now."""

from __future__ import annotations

from datetime import date

from tests.ingest.checks.past import csv, history, trade
from tests.ingest.conftest import Room, codes, issue

KNOWN = trade(date(2025, 1, 1), 120)
NEXT = trade(date(2025, 5, 1), 31, seed=8)


def test_a_missing_region_is_told_with_its_usual_share(room: Room) -> None:
    room.history = history(KNOWN)
    found = issue(room.csv(csv(r for r in NEXT if r[1] != "EMEA"))[0], "mix-shift")
    assert found.column == "Region"
    share = sum(r[1] == "EMEA" for r in KNOWN) / len(KNOWN)
    assert f"EMEA 0% instead of {share:.0%}" in found.message


def test_a_column_that_says_the_same_everywhere_is_told(room: Room) -> None:
    room.history = history(KNOWN)
    assert "AMER 100%" in issue(room.csv(csv((d, "AMER", v) for d, _, v in NEXT))[0], "mix-shift").message


def test_the_usual_mix_is_not_told(room: Room) -> None:
    room.history = history(KNOWN)
    assert "mix-shift" not in codes(room.csv(csv(NEXT))[0])


def test_a_few_rows_say_nothing_about_shares(room: Room) -> None:
    room.history = history(KNOWN)
    assert "mix-shift" not in codes(room.csv(csv((d, "AMER", v) for d, _, v in NEXT[:20]))[0])


def test_a_mix_that_always_moved_may_move(room: Room) -> None:
    """Two regions take turns from month to month: the next turn is no surprise."""
    turns = [(d, ("EMEA", "APAC")[d.month % 2], v) for d, _, v in KNOWN]
    room.history = history(turns)
    assert "mix-shift" not in codes(room.csv(csv((d, "APAC", v) for d, _, v in NEXT))[0])
