"""Facts need their date; references and snapshots do not."""

from __future__ import annotations

import pytest

from tests.ingest.conftest import Room, codes, issue

TEXT = "Region,Date,Revenue\nEMEA,2025-01-01,5\nAPAC,{},6\nAmer,2025-01-03,7\n"


@pytest.mark.parametrize("empty", ["", " ", "-", "n/a", "NULL"])
def test_e14_a_row_of_facts_without_a_date_is_refused_at_its_cell(room: Room, empty: str) -> None:
    done, rows = room.csv(TEXT.format(empty), {"key": []})
    found = issue(done, "date-missing")
    assert (len(rows), found.cell, found.row, found.column) == (2, "B3", 3, "Date")
    assert found.message.endswith("the date is missing.")


def test_e14_an_unreadable_date_is_not_a_missing_one(room: Room) -> None:
    done, _ = room.csv(TEXT.format("2025-02-30"), {"key": []})
    assert (done.counts, done.quarantined) == ({"date-unreadable": 1}, 1)


def test_a_reference_keeps_rows_without_a_date(room: Room) -> None:
    done, rows = room.csv(TEXT.format(""), {"kind": "reference", "key": ["region"]})
    assert ([r["region"] for r in rows], "date-missing" in codes(done)) == (["EMEA", "APAC", "Amer"], False)
    assert rows[1]["date"] is None


def test_a_second_date_column_may_be_empty(room: Room) -> None:
    done, rows = room.csv("Date,Shipped,Revenue\n2025-01-01,2025-01-02,5\n2025-01-02,,6\n")
    assert (len(rows), rows[1]["shipped"], done.quarantined) == (2, None, 0)
