"""Different rows of one key: nobody knows which is right, so all of them wait."""

from __future__ import annotations

from tests.ingest.conftest import Room, codes, issue

HEAD = "order_id,sku,date,revenue\n"


def test_e23_every_row_of_a_clash_is_refused_and_points_at_the_first(room: Room) -> None:
    text = HEAD + "A,x,2025-01-01,5\nB,x,2025-01-01,6\nA,x,2025-01-01,7\nA,x,2025-01-02,5\n"
    done, rows = room.csv(text, {"key": ["order_id"]})
    assert [r["order_id"] for r in rows] == ["B"]
    found = [i for i in done.issues if i.code == "key-duplicate"]
    assert [(i.row, i.cell, i.column, i.value) for i in found] == [
        (2, "A2", "order_id", "A"),
        (4, "A4", "order_id", "A"),
        (5, "A5", "order_id", "A"),
    ]
    assert found[0].message.endswith("another row has the same key (order_id): see A4, A5.")
    assert [f.message.endswith("(order_id): see A2.") for f in found[1:]] == [True, True]
    assert (done.quarantined, done.counts["key-duplicate"]) == (3, 3)


def test_all_columns_of_a_key_count(room: Room) -> None:
    text = HEAD + "A,x,2025-01-01,5\nA,y,2025-01-01,6\nA,y,2025-01-01,7\n"
    done, rows = room.csv(text, {"key": ["order_id", "sku"]})
    assert [(r["order_id"], r["sku"]) for r in rows] == [("A", "x")]
    assert "(order_id, sku)" in issue(done, "key-duplicate").message


def test_equal_rows_are_folded_not_refused(room: Room) -> None:
    done, rows = room.csv(HEAD + "A,x,2025-01-01,5\n" * 2, {"key": ["order_id"]})
    assert (len(rows), "key-duplicate" in codes(done)) == (1, False)


def test_a_repeat_and_a_clash_of_one_key_leave_none(room: Room) -> None:
    done, rows = room.csv(
        HEAD + "A,x,2025-01-01,5\n" * 2 + "A,x,2025-01-01,6\nB,x,2025-01-01,6\n", {"key": ["order_id"]}
    )
    assert ([r["order_id"] for r in rows], done.quarantined, done.duplicates, done.rows) == (["B"], 2, 1, 4)


def test_a_row_that_is_refused_already_clashes_with_nobody(room: Room) -> None:
    done, rows = room.csv(
        HEAD + "A,x,2025-01-01,5\nA,x,2025-01-01,oops\nB,x,2025-01-02,6\nC,x,2025-01-02,7\n", {"key": ["order_id"]}
    )
    assert ([r["order_id"] for r in rows], done.counts) == (["A", "B", "C"], {"number-unreadable": 1})


def test_keys_are_texts_as_written(room: Room) -> None:
    text = HEAD + "007,x,2025-01-01,5\n7,x,2025-01-01,6\na,x,2025-01-01,7\nA,x,2025-01-01,8\n"
    done, rows = room.csv(text, {"key": ["order_id"]})
    assert ([r["order_id"] for r in rows], done.quarantined) == (["007", "7", "a", "A"], 0)


def test_a_day_can_be_the_key_however_it_is_written(room: Room) -> None:
    done, rows = room.csv(
        "Date,Revenue\n2025-01-13,5\n13/01/2025,6\n14/01/2025,7\n",
        {"key": ["date"], "columns": {"Date": {"format": "dmy"}}},
    )
    assert (len(rows), done.counts["key-duplicate"]) == (1, 2)


def test_a_long_clash_names_three_addresses_and_that_there_are_more(room: Room) -> None:
    rows = "".join(f"x,A,2025-01-0{n},{n}\n" for n in range(1, 7))
    done, _ = room.csv("sku,order_id,date,revenue\n" + rows, {"key": ["order_id"]})
    told = [i.message.rpartition("see ")[2] for i in done.issues if i.code == "key-duplicate"]
    assert told == ["B3, B4, B5 and 2 more.", *["B2."] * 5]
