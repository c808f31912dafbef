"""Empty measures are missing, counted and named; never zero."""

from __future__ import annotations

from decimal import Decimal

from tests.ingest.conftest import Room, codes, issue


def test_e14_missing_measures_are_counted_per_column_with_their_cells(room: Room) -> None:
    done, rows = room.csv("Date,Revenue,Units\n2025-01-01,,5\n2025-01-02,n/a,-\n2025-01-03,0,7\n")
    assert [r["revenue"] for r in rows] == [None, None, Decimal(0)]
    assert [r["units"] for r in rows] == [5.0, None, 7.0]
    told = [i for i in done.issues if i.code == "value-missing"]
    assert [(i.column, i.count, i.cell, i.severity) for i in told] == [
        ("Revenue", 2, "B2", "info"),
        ("Units", 1, "C3", "info"),
    ]
    assert "2 values in 'Revenue' are missing (B2, B3)" in told[0].message
    assert done.counts == {"value-missing": 3}


def test_e14_missing_labels_are_no_news(room: Room) -> None:
    done, rows = room.csv("Date,Region,Revenue\n2025-01-01,,5\n2025-01-02,EMEA,6\n")
    assert (rows[0]["region"], codes(done)) == (None, set())


def test_e14_missing_cells_of_refused_rows_are_not_counted_twice(room: Room) -> None:
    done, _ = room.csv("Date,Revenue\n2025-01-01,5\n2025-02-30,\n2025-01-03,6\n")
    assert done.counts == {"date-unreadable": 1}


def test_a_header_with_braces_is_said_without_them(room: Room) -> None:
    done, _ = room.csv("Date,Revenue {count}\n2025-01-01,\n2025-01-02,5\n")
    assert "1 value in 'Revenue (count)' is missing" in issue(done, "value-missing").message
