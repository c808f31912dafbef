"""Keys that differ in case or blanks only are told; both rows stay."""

from __future__ import annotations

import pytest

from tests.ingest.conftest import Room, codes, issue

KEYED = {"key": ["order_id"], "mode": "upsert"}


def text(*keys: str) -> str:
    return "order_id,date,revenue\n" + "".join(f"{k},2025-01-{n:02d},{n}\n" for n, k in enumerate(keys, 1))


@pytest.mark.parametrize("other", ["a1", "A1 ", " A1", "A 1", "A\u00a01", "A1\u200b"])
def test_a_key_that_is_another_but_for_case_or_blanks_is_told_with_both_cells(room: Room, other: str) -> None:
    done, rows = room.csv(text("A1", "A2", other), KEYED)
    found = issue(done, "key-alike")
    assert (found.cell, found.row, found.severity, "A2" in found.message) == ("A4", 4, "warning", True)
    assert (len(rows), done.quarantined) == (3, 0)


def test_keys_that_are_told_apart_by_more_are_silent(room: Room) -> None:
    assert "key-alike" not in codes(room.csv(text("A1", "B1", "A-1", "A11"), KEYED)[0])
    assert "key-alike" not in codes(room.csv(text("Order a", "Order b"), KEYED)[0])


def test_a_part_of_a_key_is_no_key(room: Room) -> None:
    rows = "order_id,line,date,revenue\nA1,1,2025-01-01,5\na1,2,2025-01-02,6\nA1,3,2025-01-03,7\n"
    done, _ = room.csv(rows, {"key": ["order_id", "line"], "mode": "upsert"})
    assert "key-alike" not in codes(done)
    done, _ = room.csv(rows.replace("a1,2", "a1,1"), {"key": ["order_id", "line"], "mode": "upsert"})
    assert issue(done, "key-alike").row == 3


def test_without_a_key_nothing_is_compared(room: Room) -> None:
    assert "key-alike" not in codes(room.csv(text("A1", "a1"), {"key": [], "mode": "append"})[0])


def test_more_than_twenty_are_counted(room: Room) -> None:
    done, _ = room.csv(text(*(f"A{n}" for n in range(12)), *(f"a{n}" for n in range(12))), KEYED)
    told = [i for i in done.issues if i.code == "key-alike"]
    assert (len(told), done.counts["key-alike"]) == (12, 24)
