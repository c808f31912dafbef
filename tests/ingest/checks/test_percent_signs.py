"""Percent signs in some cells of a column: they are a hundredth of what stands beside them, which is told."""

from __future__ import annotations

from tests.ingest.conftest import Room, codes, issue


def test_a_percent_among_plain_numbers_is_told_with_its_cell(room: Room) -> None:
    done, rows = room.csv("Date,Rate\n2025-01-01,0.5\n2025-01-02,12 %\n2025-01-03,0.7\n")
    found = issue(done, "percent-mixed")
    assert (found.cell, found.count, found.severity) == ("B3", 1, "warning")
    assert [r["rate"] for r in rows] == [0.5, 0.12, 0.7]


def test_percents_throughout_and_none_at_all_are_silent(room: Room) -> None:
    for texts in (("5 %", "12 %"), ("0.5", "0.7")):
        done, _ = room.csv("Date,Rate\n" + "".join(f"2025-01-0{n},{t}\n" for n, t in enumerate(texts, 1)))
        assert "percent-mixed" not in codes(done)
