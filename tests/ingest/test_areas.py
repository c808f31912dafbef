"""Several tables in one sheet: each is found and offered, none is read in silence of the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.errors import Invalid
from tests.ingest.conftest import Room, codes, issue

Sheet = Callable[..., Path]
SALES = [["Date", "Revenue"], *([date(2025, 1, n), 10 * n] for n in range(1, 7))]
COSTS = [["Day", "Cost", "Team"], *([date(2025, 2, n), n, "A"] for n in range(1, 5))]


def stacked() -> list[list[object]]:
    return [["Sales"], *SALES, [], ["Costs"], *COSTS]


def beside() -> list[list[object]]:
    right = [*COSTS, *([[None] * 3] * (len(SALES) - len(COSTS)))]
    return [[*a, None, *b] for a, b in zip(SALES, right, strict=True)]


@pytest.mark.parametrize(("rows", "addresses"), [(stacked(), ["A1:B8", "A10:C15"]), (beside(), ["A1:B7", "D1:F5"])])
def test_two_tables_are_a_question_and_each_can_be_chosen(
    room: Room, sheet: Sheet, rows: list, addresses: list[str]
) -> None:
    path = sheet(rows)
    found = room.inspect(path)
    assert [(q.code, [c.value for c in q.choices]) for q in found.questions] == [("table", addresses)]
    with pytest.raises(Invalid, match="holds 2 tables"):
        room.convert(path)
    done, table = room.convert(path, {"table": addresses[0], "key": ["date"], "mode": "upsert"})
    assert table.column("revenue").to_pylist() == [10, 20, 30, 40, 50, 60]
    assert done.mapping.table == addresses[0]
    other, table = room.convert(path, {"table": addresses[1], "key": ["day"], "mode": "upsert"})
    assert table.column("cost").to_pylist() == [1, 2, 3, 4]
    row = int(addresses[1].partition(":")[0].lstrip("AD")) + (1 if "10" in addresses[1] else 0)
    assert table.column("_row").to_pylist() == [row + n for n in range(1, 5)]
    assert other.letters["cost"] == ("B" if "10" in addresses[1] else "E")


def test_a_corner_names_the_table_that_begins_there(room: Room, sheet: Sheet) -> None:
    path = sheet(stacked())
    _, table = room.convert(path, {"table": "A10", "key": ["day"], "mode": "upsert"})
    assert table.num_rows == 4
    with pytest.raises(Invalid, match="No table begins at C2"):
        room.convert(path, {"table": "C2"})
    with pytest.raises(Invalid, match="There is no table at Z90"):
        room.convert(path, {"table": "Z90:ZZ99"})


def test_the_table_that_fits_the_dataset_is_taken_and_the_other_told(room: Room, sheet: Sheet) -> None:
    known = Dataset(
        "costs",
        "Costs",
        key_columns=("day",),
        mode="upsert",
        columns=(
            Column("day", "Day", RoleOf.DATE, "date"),
            Column("cost", "Cost", RoleOf.MEASURE, "money"),
            Column("team", "Team", RoleOf.DIMENSION, "text"),
        ),
    )
    done, table = room.convert(sheet(stacked()), {}, known)
    assert table.column("cost").to_pylist() == [1, 2, 3, 4]
    assert "only A10:C15 is read. Others: A1:B8" in issue(done, "table-others").message


def test_a_declared_header_row_chooses_its_table(room: Room, sheet: Sheet) -> None:
    done, table = room.convert(sheet(stacked()), {"header_row": 11, "key": ["day"], "mode": "upsert"})
    assert table.num_rows == 4
    assert "table-others" in codes(done)


@pytest.mark.parametrize(
    "rows",
    [
        [*SALES[:4], [], *SALES[4:]],  # an empty row within
        [*SALES[:4], [], *SALES[:1], *SALES[4:]],  # the same names again, as after a page break
        [["Currency", "EUR"], ["Unit", 1], [], *SALES],  # parameters above
        [*SALES, [], ["Total", 210], [], ["* preliminary"]],
        [[a, None, b] for a, b in SALES],  # an empty column within
        [["Report"], [], [], *SALES],
    ],
)
def test_one_table_with_gaps_stays_one(room: Room, sheet: Sheet, rows: list) -> None:
    done, table = room.convert(sheet(rows), {"key": ["date"], "mode": "upsert"})
    assert table.column("revenue").to_pylist() == [10, 20, 30, 40, 50, 60]
    assert done.mapping.table is None


def test_several_tables_of_a_text_file_are_told_apart_as_well(room: Room) -> None:
    sales = "Date,Revenue,\n2025-01-01,5,\n2025-01-02,6,\n2025-01-03,7,\n"
    found = room.inspect(room.file("two.csv", f"{sales},,\nSku,Name,Price\nS1,Lamp,5\nS2,Table,6\nS3,Chair,7\n"))
    assert [c.value for q in found.questions for c in q.choices] == ["A1:B4", "A6:C9"]
