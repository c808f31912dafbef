"""Equal rows: one of them where a key says they are one, all of them where none does - told either way."""

from __future__ import annotations

from tests.ingest.conftest import Room, codes, issue

HEAD = "order_id,date,region,revenue\n"
A, B, C = "A,2025-01-01,EMEA,5\n", "B,2025-01-02,,6\n", "C,2025-01-03,APAC,\n"
KEYED, FREE = {"key": ["order_id"]}, {"key": [], "mode": "append"}


def rows_of(room: Room, text: str, mapping: dict) -> tuple[list[int], object]:
    done, table = room.convert(room.file("a.csv", HEAD + text), mapping)
    return table.column("_row").to_pylist(), done


def test_e23_under_a_key_the_first_of_equal_rows_is_kept(room: Room) -> None:
    rows, done = rows_of(room, A + B + A + A + B, KEYED)
    assert rows == [2, 3]
    assert (done.rows, done.accepted, done.duplicates, done.quarantined, done.counts["folded"]) == (5, 2, 3, 0, 3)
    found = issue(done, "duplicate-rows")
    assert (found.severity, found.row, found.count) == ("warning", 4, 3)
    assert "3 rows repeat another row exactly and are kept once (row 4, row 5, row 6)" in found.message


def test_e23_without_a_key_all_are_kept_and_told(room: Room) -> None:
    rows, done = rows_of(room, A + B + A, FREE)
    assert rows == [2, 3, 4]
    assert (done.rows, done.accepted, done.duplicates) == (3, 3, 1)
    assert "Both are kept" in issue(done, "duplicate-rows").message


def test_e23_empty_cells_are_equal_to_empty_cells(room: Room) -> None:
    rows, done = rows_of(room, B + C + B + C, KEYED)
    assert (rows, done.duplicates) == ([2, 3], 2)


def test_e23_one_differing_cell_makes_two_rows(room: Room) -> None:
    _, done = rows_of(room, A + A.replace("EMEA", "emea") + B + B.replace("6", "6.0001"), FREE)
    assert (done.duplicates, "duplicate-rows" in codes(done)) == (0, False)


def test_e23_the_same_amount_spelled_otherwise_is_the_same_row(room: Room) -> None:
    rows, done = rows_of(room, A + A.replace(",5\n", ",5.00\n"), KEYED)
    assert (rows, done.duplicates) == ([2], 1)


def test_e23_cells_of_ignored_columns_do_not_count(room: Room) -> None:
    text = A + A.replace("EMEA", "APAC")
    rows, done = rows_of(room, text, KEYED | {"columns": {"region": {"role": "ignore"}}})
    assert (rows, done.duplicates) == ([2], 1)


def test_e23_refused_rows_are_not_called_repeats(room: Room) -> None:
    bad = "A,2025-02-30,EMEA,5\n"
    rows, done = rows_of(room, bad + bad + B, KEYED)
    assert (rows, done.duplicates, done.quarantined) == ([3 + 1], 0, 2)


def test_e23_more_than_five_are_counted_not_listed(room: Room) -> None:
    _, done = rows_of(room, A * 9, FREE)
    assert issue(done, "duplicate-rows").message.startswith(
        "8 rows repeat another row exactly (row 3, row 4, row 5, row 6, row 7, ...)"
    )


def test_the_inspection_counts_folded_rows_as_rows(room: Room) -> None:
    found = room.inspect(room.file("a.csv", HEAD + A + A + B), KEYED)
    assert (found.rows, found.refused, found.counts["folded"]) == (3, 0, 1)
