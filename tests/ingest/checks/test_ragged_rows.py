"""Lines with more or fewer fields than the header are refused with their line, never shifted."""

from __future__ import annotations

import pytest

from tests.ingest.conftest import Room, codes, issue

HEAD = "Date,Region,Revenue\n"
GOOD = "2025-01-01,EMEA,5\n"


@pytest.mark.parametrize(
    ("line", "fields"),
    [("2025-01-02,6", 2), ("2025-01-02", 1), ("2025-01-02,EMEA,6,7", 4), ("2025-01-02,EMEA,6,,7", 5), ("x,,,,y", 5)],
)
def test_e16_fewer_or_more_fields_are_refused_with_line_and_number(room: Room, line: str, fields: int) -> None:
    done, rows = room.csv(HEAD + GOOD + line + "\n" + GOOD, {"key": []})
    assert [r["region"] for r in rows] == ["EMEA", "EMEA"]
    found = issue(done, "ragged-row")
    assert (found.row, found.cell, found.column, done.quarantined) == (3, None, None, 1)
    assert found.message == f"Row 3: {fields} fields where the header has 3 (line 3)."


@pytest.mark.parametrize("line", ["2025-01-02,APAC,6,", "2025-01-02,APAC,6,,,", "", ",,", "   "])
def test_e16_trailing_separators_and_blank_lines_are_harmless(room: Room, line: str) -> None:
    done, rows = room.csv(HEAD + GOOD + line + "\n" + GOOD, {"key": []})
    assert ("ragged-row" in codes(done), done.quarantined) == (False, 0)
    assert len(rows) == (3 if line.startswith("2025") else 2)


def test_e16_an_empty_field_too_few_still_shifts(room: Room) -> None:
    done, rows = room.csv(HEAD + GOOD + "2025-01-02,\n")
    assert (len(rows), issue(done, "ragged-row").row) == (1, 3)


def test_e16_the_line_is_that_of_the_file_where_fields_span_lines(room: Room) -> None:
    done, _ = room.csv(HEAD + '2025-01-01,"EM\nEA",5\n' + "2025-01-02,6\n" + GOOD)
    found = issue(done, "ragged-row")
    assert (found.row, "(line 4)" in found.message) == (3, True)


def test_e16_titles_above_the_header_are_not_ragged(room: Room) -> None:
    done, rows = room.csv("Sales of January\n\n" + HEAD + GOOD * 2, {"key": []})
    assert (len(rows), "ragged-row" in codes(done)) == (2, False)


def test_e16_many_ragged_lines_are_all_refused_and_counted(room: Room) -> None:
    lines = "".join(f"2025-01-{n:02d},EMEA,{n}\n2025-01-{n:02d},{n}\n" for n in range(1, 21))
    done, rows = room.csv(HEAD + lines, {"key": []})
    assert (len(rows), done.quarantined, done.counts["ragged-row"]) == (20, 20, 20)


def test_a_sheet_has_no_ragged_rows(room: Room, sheet) -> None:  # type: ignore[no-untyped-def]
    done, table = room.convert(sheet([["Date", "Region", "Revenue"], ["2025-01-01", "x"], ["2025-01-02", "y", 5]]))
    assert (table.num_rows, "ragged-row" in codes(done)) == (2, False)
