"""Lists of any length: given whole or fetched in blocks, and the refused rows of a file as one of them."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dashapp.core.upload import UploadView
from dashapp.core.words import Words
from dashapp.ui.longlist import BLOCK, long_list, wanted_block
from dashapp.ui.refusals import refused_row, refused_rows
from tests.ui.tree import of_type, text

UPLOAD = UploadView(
    "a" * 32, "orders", "committed", "orders.csv", "0" * 64, 100, datetime(2026, 3, 16, tzinfo=UTC), "ann@example.org",
    "web", 90, 5000, None, None, None, None, None, True, None, {}, None, None, None)


def test_a_list_that_is_fetched_asks_block_by_block_and_keeps_few() -> None:
    grid = long_list("x", (("file", "File", 200), ("rows", "Rows", 90)), numeric=frozenset({"rows"}), pinned="file")
    assert (grid.rowModelType, grid.dashGridOptions["cacheBlockSize"]) == ("infinite", BLOCK)
    assert not hasattr(grid, "rowData") or grid.rowData is None
    assert [(c["field"], c.get("pinned"), c.get("type")) for c in grid.columnDefs] == [
        ("file", "left", None), ("rows", None, "rightAligned")]
    assert not grid.defaultColDef["sortable"], "an order of the rows in sight would be no order of the list"


def test_a_list_that_is_given_whole_can_be_sorted() -> None:
    grid = long_list("x", (("a", "A", 80),), rows=[{"id": "0", "a": "b"}])
    assert grid.defaultColDef["sortable"]
    assert grid.rowData == [{"id": "0", "a": "b"}]
    assert "cacheBlockSize" not in grid.dashGridOptions


@pytest.mark.parametrize(("asked", "first"), [
    (None, None), ({}, None), ({"startRow": 200}, 200), ({"startRow": -5}, 0), ({"startRow": "200"}, 0),
    ({"startRow": True}, 0), ({"endRow": 5}, 0)])
def test_what_a_grid_asks_for_is_a_row_or_nothing(asked: dict[str, Any] | None, first: int | None) -> None:
    assert wanted_block(asked) == first


def test_refused_rows_stand_behind_their_number_with_cell_reason_and_the_columns_of_the_file() -> None:
    shown = refused_rows(UPLOAD, ("row", "cells", "reason", "Date", "reason_"), Words())
    assert "5,000 refused rows, with cell and reason" in text(shown)
    (grid,) = of_type(shown, "AgGrid")
    assert [c["headerName"] for c in grid["columnDefs"]] == ["Row", "Cells", "Why", "Date", "reason_"]
    assert refused_row(7, ("12", "B12", "no date", "soon")) == {
        "id": "7", "c0": "12", "c1": "B12", "c2": "no date", "c3": "soon"}
    assert "1 refused row," in text(refused_rows(replace(UPLOAD, quarantined=1), ("row",), Words()))
