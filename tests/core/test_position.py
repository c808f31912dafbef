"""The number a vintage keeps of where a row stands: a row, or a cell of a table that was turned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.core.position import COLUMNS, ROWS, line_of, packed, unpacked

CELLS = st.tuples(st.integers(1, ROWS), st.integers(0, COLUMNS - 1))


@given(CELLS)
def test_a_cell_is_read_back_as_it_was_written(cell: tuple[int, int]) -> None:
    number = packed(*cell)
    assert unpacked(number) == cell
    assert line_of(number) == cell[0]
    assert -(2**31) <= number < 0  # a whole number of four bytes, and never that of a whole row


@given(CELLS, CELLS)
def test_cells_are_in_the_order_of_the_sheet(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (packed(*one) < packed(*other)) == (one < other)


@pytest.mark.parametrize("row", [1, 2, 1_048_577, 2_097_152])
def test_a_whole_row_is_its_own_number_also_beyond_what_a_sheet_holds(row: int) -> None:
    assert unpacked(row) == (row, None)
    assert line_of(row) == row


@pytest.mark.parametrize("cell", [(0, 1), (ROWS + 1, 0), (1, COLUMNS), (1, -1)])
def test_what_no_sheet_holds_has_no_number(cell: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no cell"):
        packed(*cell)
