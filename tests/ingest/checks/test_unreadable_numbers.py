"""Texts that are no number under the style of their column, each with its own reason."""

from __future__ import annotations

import csv

import pytest

from tests.ingest.conftest import Room, issue

GOOD = "".join(f"2025-01-{n:02d};{n},50\n" for n in range(1, 8))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("oops", "not a number written like 1.234,5"),
        ("1.50", "not a number written like 1.234,5"),
        ("1.2.3", "not a number written like 1.234,5"),
        ("inf", "an infinite number is no value"),
        ("∞", "an infinite number is no value"),
        ("1.000.000.000.000.000,00", "too large for money (14 digits before the decimal mark)"),
    ],
)
def test_e12_a_cell_says_why_it_is_no_number(room: Room, text: str, reason: str) -> None:
    mapping = {"columns": {"Revenue": {"number": {"decimal": ",", "thousands": "."}}}}
    done, rows = room.csv(f"Date;Revenue\n{GOOD}2025-01-08;{text}\n", mapping)
    found = issue(done, "number-unreadable")
    assert (len(rows), done.quarantined, found.cell, found.value) == (7, 1, "B9", text)
    assert found.message == f"B9: {text!r} - {reason}."


def test_e12_the_reason_shows_the_style_of_its_own_column(room: Room) -> None:
    done, _ = room.csv("Date,Revenue\n" + "".join(f"2025-01-0{n},{n}.5\n" for n in range(1, 9)) + "2025-01-09,x\n")
    assert issue(done, "number-unreadable").message.endswith("not a number written like 1,234.5.")


def test_e12_a_row_with_two_bad_cells_is_one_row_and_two_issues(room: Room) -> None:
    rows = "".join(f"2025-01-0{n},{n}.5,{n}\n" for n in range(1, 9))
    done, kept = room.csv("Date,Revenue,Units\n" + rows + "2025-01-09,x,y\n")
    assert [i.cell for i in done.issues if i.code == "number-unreadable"] == ["B10", "C10"]
    assert (len(kept), done.quarantined, done.counts["number-unreadable"]) == (8, 1, 2)


def test_a_long_text_is_cut_in_the_message_but_not_in_the_quarantine(room: Room) -> None:
    long = "x" * 500
    done, _ = room.csv(
        "Date,Revenue\n" + "".join(f"2025-01-0{n},{n}.5\n" for n in range(1, 9)) + f"2025-01-09,{long}\n"
    )
    found = issue(done, "number-unreadable")
    assert (len(found.value or ""), len(found.message) < 200) == (80, True)
    assert long in (room.folder / "refused.csv").read_text()


def test_each_of_thousands_of_different_texts_has_its_own_reason(room: Room) -> None:
    good = "".join(f"2025-01-{n % 28 + 1:02d},{n}.50\n" for n in range(9_000))
    bad = "".join(f"2025-02-01,{'9' * 15}{n}.00\n2025-02-02,n°{n}\n" for n in range(3_000))
    done, rows = room.csv(f"Date,Revenue\n{good}{bad}", {"columns": {"Revenue": {"type": "money"}}})
    with (room.folder / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        said = [row["reason"] for row in csv.DictReader(file)]
    assert (len(rows), done.quarantined, len(said)) == (9_000, 6_000, 6_000)
    assert sum("too large for money" in s for s in said) == 3_000
    assert sum("not a number written like 1,234.5" in s for s in said) == 3_000
