"""A few percents among plain numbers are told; a column of percents, and one without any, are not."""

from __future__ import annotations

import pytest

from tests.ingest.conftest import Room, codes, issue


def table(values: list[str]) -> str:
    return "Date,Discount\n" + "".join(f"2025-01-{n:02d},{v}\n" for n, v in enumerate(values, 1))


def test_percents_among_plain_numbers_are_told_with_their_cells(room: Room) -> None:
    done, rows = room.csv(table(["12", "12 %", "8", "5%"]))
    found = issue(done, "percent-mixed")
    assert (found.severity, found.count, found.column) == ("warning", 2, "Discount")
    assert "2 numbers in 'Discount' carry a percent sign" in found.message
    assert "(B3, B5)" in found.message
    assert [float(r["discount"]) for r in rows] == pytest.approx([12, 0.12, 8, 0.05])


def test_a_single_one_is_told_as_one(room: Room) -> None:
    assert "1 number in 'Discount' carries a percent sign" in issue(
        room.csv(table(["12", "12 %", "8"]))[0], "percent-mixed").message


@pytest.mark.parametrize("values", [["12 %", "8 %", "5%"], ["12", "8", "5"], ["0", "8 %", "5 %"], ["", "8 %", "5 %"]])
def test_a_column_of_one_kind_is_told_nothing(room: Room, values: list[str]) -> None:
    assert "percent-mixed" not in codes(room.csv(table(values))[0])
