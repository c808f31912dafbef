"""A row without its key could never be corrected: it waits."""

from __future__ import annotations

import pytest

from tests.ingest.conftest import Room, codes, issue

HEAD = "order_id,sku,date,revenue\n"


@pytest.mark.parametrize("empty", ["", " ", "\u00a0"])
def test_a_row_with_an_empty_key_is_refused_at_its_cell(room: Room, empty: str) -> None:
    done, rows = room.csv(HEAD + f"A,x,2025-01-01,5\n{empty},x,2025-01-02,6\n", {"key": ["order_id"]})
    found = issue(done, "key-missing")
    assert (len(rows), found.cell, found.row, found.column) == (1, "A3", 3, "order_id")
    assert found.message.endswith("the key is missing.")


@pytest.mark.parametrize("text", ["-", "n/a", "NULL", "0"])
def test_e15_a_text_that_only_looks_empty_is_a_key(room: Room, text: str) -> None:
    done, rows = room.csv(HEAD + f"A,x,2025-01-01,5\n{text},x,2025-01-02,6\n", {"key": ["order_id"]})
    assert ([r["order_id"] for r in rows], "key-missing" in codes(done)) == (["A", text], False)


def test_every_empty_column_of_the_key_is_named(room: Room) -> None:
    done, _ = room.csv(HEAD + "A,x,2025-01-01,5\n,,2025-01-02,6\n", {"key": ["order_id", "sku"]})
    assert [i.cell for i in done.issues if i.code == "key-missing"] == ["A3", "B3"]
    assert (done.quarantined, done.counts["key-missing"]) == (1, 2)


def test_without_a_key_nothing_is_required(room: Room) -> None:
    done, rows = room.csv(HEAD + "A,x,2025-01-01,5\n,x,2025-01-02,6\n", {"key": [], "mode": "append"})
    assert (len(rows), "key-missing" in codes(done)) == (2, False)


def test_a_key_that_cannot_be_read_is_refused_once_not_twice(room: Room) -> None:
    text = "Date,Revenue\n2025-01-01,5\n2025-01-02,5\n2025-02-30,6\n2025-01-03,5\n"
    done, _ = room.csv(text, {"key": ["date"]})
    assert (done.counts, done.quarantined) == ({"date-unreadable": 1}, 1)
