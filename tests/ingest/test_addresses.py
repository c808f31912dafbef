"""Excel addresses: what a person finds in the message is where the cell stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from dashapp.ingest.address import cell, column_index, letters
from tests.ingest.conftest import grid


@pytest.mark.parametrize(
    ("index", "text"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")],
)
def test_letters_turn_over_where_excel_turns_over(index: int, text: str) -> None:
    assert (letters(index), column_index(text), column_index(text.lower())) == (text, index, index)


@given(st.integers(0, 1_048_575), st.integers(0, 16_383))
def test_every_address_is_the_one_another_program_writes(row: int, column: int) -> None:
    assert cell(row, column) == xl_rowcol_to_cell(row, column)
    assert letters(column) == xl_col_to_name(column)
    assert column_index(letters(column)) == column


def test_e4_a_grid_that_starts_further_right_counts_from_there() -> None:
    found = grid(["x", "y"], ["1", "2"], first_column=25)
    assert (found.cell(1, 0), found.cell(0, 1), found.letter(0), found.letter(1)) == ("Z2", "AA1", "Z", "AA")


def test_rows_of_a_grid_have_nothing_where_only_blanks_stand() -> None:
    found = grid(["a", " ", "\u200b"], [None, "\u00a0x", "\t"], ["1", "2", "3"])
    assert found.rows(0, 2) == [["a", None, None], [None, "\u00a0x", None]]
    assert found.rows(2, 50) == [["1", "2", "3"]]
    assert found.rows(3, 5) == []
    assert grid().rows(0, 5) == []
