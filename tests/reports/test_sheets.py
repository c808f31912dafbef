"""Names of sheets and widths of columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.reports.table import Column, Table
from dashapp.reports.xlsx.sheets import MAX_COLUMNS, sheet_name, sheets, widths


def test_f2_a_sheet_name_is_made_acceptable() -> None:
    assert sheet_name("a/b:c*?[]", set()) == "a b c"
    assert sheet_name("x" * 40, set()) == "x" * 31
    assert sheet_name("'quoted'", set()) == "quoted"
    assert sheet_name("  ", set()) == "Sheet"
    assert sheet_name("History", set()) == "History of"


def test_f2_names_that_fall_together_are_numbered_whatever_their_case() -> None:
    taken: set[str] = set()
    assert [sheet_name(n, taken) for n in ("Rows", "rows", "ROWS", "x" * 40, "x" * 40)] == [
        "Rows",
        "rows (2)",
        "ROWS (3)",
        "x" * 31,
        "x" * 27 + " (2)",
    ]


def test_the_name_of_the_notes_is_kept_free() -> None:
    assert sheets((Table("Notes", (Column("A"),), ()),))[0].name == "Notes (2)"


@given(st.text(max_size=60))
def test_f2_any_title_gives_a_name_excel_accepts(title: str) -> None:
    name = sheet_name(title, set())
    assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
    assert not set(name) & set("[]:*?/\\")
    assert not name.startswith("'")
    assert not name.endswith("'")
    name.encode()


def test_widths_follow_the_content_within_bounds() -> None:
    table = Table(
        "T",
        (Column("A"), Column("B"), Column("C", width=20), Column("Day", "date")),
        (("x" * 100, "hello world", "y", None),),
    )
    assert widths(table) == [60, 13, 20, 11]


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="16384"):
        sheets((Table("T", (Column("A"),) * (MAX_COLUMNS + 1), ()),))
