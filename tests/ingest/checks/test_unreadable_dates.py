"""Texts that are no date under the order of their column, each with its own reason."""

from __future__ import annotations

import pytest

from tests.ingest.conftest import Room, issue

GOOD = "".join(f"{n:02d}.01.2025;{n}\n" for n in range(13, 20))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31.02.2025", "there is no such day in the calendar"),
        ("01.13.2025", "there is no such day in the calendar"),
        ("soon", "this is no date"),
        ("12:30", "a time of day without a date"),
        ("01.01.1899", "the year is outside of 1900-2199"),
        ("01.01.2025 25:00", "there is no such time of day"),
        ("5", "this is no date"),
    ],
)
def test_e10_a_cell_says_why_it_is_no_date(room: Room, text: str, reason: str) -> None:
    done, rows = room.csv(f"Date;Revenue\n{GOOD}{text};99\n", {"columns": {"Date": {"format": "dmy"}}})
    found = issue(done, "date-unreadable")
    assert (len(rows), done.quarantined, found.cell, found.value) == (7, 1, "A9", text)
    assert found.message == f"A9: {text!r} - {reason}."


def test_e10_equal_texts_are_each_refused_at_their_own_cell(room: Room) -> None:
    done, rows = room.csv(f"Date;Revenue\nsoon;1\n{GOOD}soon;2\nlate;3\n")
    assert [(i.cell, i.value) for i in done.issues if i.code == "date-unreadable"] == [
        ("A2", "soon"),
        ("A10", "soon"),
        ("A11", "late"),
    ]
    assert (len(rows), done.counts["date-unreadable"]) == (7, 3)


def test_e10_every_date_column_is_looked_at(room: Room) -> None:
    done, rows = room.csv(
        "Date;Shipped;Revenue\n13.01.2025;14.01.2025;1\n14.01.2025;31.02.2025;2\n15.01.2025;16.01.2025;3\n"
    )
    assert (len(rows), issue(done, "date-unreadable").cell) == (2, "B3")


def test_the_inspection_counts_what_is_unreadable_and_what_is_missing(room: Room) -> None:
    found = room.inspect(room.file("a.csv", f"Date;Revenue\nsoon;1\n;2\n-;3\n{GOOD}"))
    date_column = found.columns[0]
    assert (date_column.unreadable, date_column.missing, found.refused) == (1, 2, 3)
