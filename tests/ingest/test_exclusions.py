"""Totals, footnotes and repeated headers leave with a notice; a row of data never does."""

from __future__ import annotations

import pytest

from tests.ingest.conftest import Room, codes, issue

HEAD = "Date,Region,Channel,Revenue,Cost\n"
ROWS = [f"2025-01-{n:02d},EMEA,web,{n}.50,{n}.25" for n in range(1, 7)]


def kept(room: Room, *lines: str, head: str = HEAD, mapping: dict | None = None) -> tuple[list[int], set[str], int]:
    text = head + "\n".join(lines) + "\n"
    done, table = room.convert(room.file("x.csv", text), {"key": [], "mode": "append"} | (mapping or {}))
    return table.column("_row").to_pylist(), {c for c in codes(done) if c.startswith("excluded")}, done.quarantined


@pytest.mark.parametrize("word", ["Total", "Grand total", "Summe", "Gesamt:", "Total général", "Totale", "TOTAL 2025"])
def test_e3_a_total_of_any_language_below_the_data_is_left_out(room: Room, word: str) -> None:
    assert kept(room, *ROWS, f"{word},,,21.00,10.50") == ([2, 3, 4, 5, 6, 7], {"excluded-total"}, 0)


def test_e3_subtotals_between_the_data_are_left_out_by_their_word(room: Room) -> None:
    lines = [*ROWS[:3], "Subtotal,,,6.00,3.00", *ROWS[3:], "Total,,,21.00,10.50"]
    assert kept(room, *lines) == ([2, 3, 4, 6, 7, 8], {"excluded-total"}, 0)


def test_e3_the_word_may_stand_in_another_column(room: Room) -> None:
    assert kept(room, *ROWS, ",,Total,21.00,10.50")[1:] == ({"excluded-total"}, 0)


def test_e3_a_total_without_its_word_is_known_by_its_place_below_the_dates(room: Room) -> None:
    assert kept(room, *ROWS, ",,,21.00,10.50") == ([2, 3, 4, 5, 6, 7], {"excluded-total"}, 0)


def test_e3_between_the_dates_the_same_row_is_refused_not_dropped(room: Room) -> None:
    rows, told, refused = kept(room, *ROWS[:3], ",,,21.00,10.50", *ROWS[3:])
    assert (rows, told, refused) == ([2, 3, 4, 6, 7, 8], set(), 1)


def test_e3_a_row_that_names_its_region_but_not_its_day_is_refused_not_taken_for_a_total(room: Room) -> None:
    assert kept(room, *ROWS, ",EMEA,web,21.00,10.50") == ([2, 3, 4, 5, 6, 7], set(), 1)


def test_e3_a_dated_row_called_total_is_data(room: Room) -> None:
    lines = [*ROWS, "2025-01-07,Total,web,5.00,1.00"]
    assert kept(room, *lines) == ([2, 3, 4, 5, 6, 7, 8], set(), 0)


@pytest.mark.parametrize("note", ["Source: ERP, unaudited", "* preliminary", "printed by jane"])
def test_e3_footnotes_below_are_left_out(room: Room, note: str) -> None:
    rows, told, refused = kept(room, *ROWS, f'"{note}",,,,')
    assert (rows, told, refused) == ([2, 3, 4, 5, 6, 7], {"excluded-note"}, 0)


def test_e3_a_note_between_the_data_is_refused_not_dropped(room: Room) -> None:
    assert kept(room, *ROWS[:3], "see appendix,,,,", *ROWS[3:])[1:] == (set(), 1)


def test_e3_several_rows_of_one_kind_are_one_notice_with_the_first_row_and_the_count(room: Room) -> None:
    text = HEAD + "\n".join([*ROWS[:2], "Subtotal,,,1,1", *ROWS[2:4], "Subtotal,,,1,1", "Total,,,2,2"]) + "\n"
    done, _ = room.convert(room.file("x.csv", text), {"key": [], "mode": "append"})
    found = issue(done, "excluded-total")
    assert (found.row, found.count, found.severity, done.counts["excluded-total"]) == (4, 3, "info", 3)
    assert found.message == "Left out as totals: rows 4, 7, 8."


def test_e3_more_rows_than_can_be_listed_are_counted(room: Room) -> None:
    lines = [line for row in ROWS * 2 for line in (row, "Subtotal,,,1,1")]
    done, _ = room.convert(room.file("x.csv", HEAD + "\n".join(lines) + "\n"), {"key": [], "mode": "append"})
    assert issue(done, "excluded-total").message.endswith("rows 3, 5, 7, 9, 11, 13, 15, 17, ....")
    assert issue(done, "excluded-total").count == 12


CATALOGUE = "sku_id,name,price\n"


def test_e3_without_dates_only_the_end_of_the_table_is_looked_at(room: Room) -> None:
    lines = ["S1,Lamp,5", "S2,Total clean spray,6", "Total,,11"]
    rows, told, _ = kept(room, *lines, head=CATALOGUE, mapping={"key": ["sku_id"], "mode": "upsert"})
    assert (rows, told) == ([2, 3], {"excluded-total"})


def test_e3_a_product_called_total_that_is_not_last_stays(room: Room) -> None:
    lines = ["S1,Total,5", "S2,Lamp,6", "S3,Chair,7"]
    rows, told, _ = kept(room, *lines, head=CATALOGUE, mapping={"key": ["sku_id"], "mode": "upsert"})
    assert (rows, told) == ([2, 3, 4], set())


def test_a_single_column_has_no_footnotes(room: Room) -> None:
    rows, told, _ = kept(room, "S1", "S2", "S3", head="sku_id\n", mapping={"key": ["sku_id"], "mode": "upsert"})
    assert (rows, told) == ([2, 3, 4], set())


def test_an_excluded_row_counts_as_nothing(room: Room) -> None:
    text = HEAD + "\n".join([*ROWS, "Total,,,21.00,10.50"]) + "\n"
    done, _ = room.convert(room.file("x.csv", text), {"key": [], "mode": "append"})
    assert (done.rows, done.accepted, done.quarantined, done.duplicates) == (6, 6, 0, 0)
    assert room.inspect(room.folder / "x.csv", {"key": [], "mode": "append"}).rows == 6
    assert done.quarantine is None
    assert not (room.folder / "refused.csv").exists()
