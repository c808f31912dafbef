"""Whether a file as a whole fits: the dataset it goes into, the kind it claims, the names of its columns."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.errors import Invalid
from tests.ingest.conftest import Room, codes, issue

SALES = Dataset(
    "sales",
    "Sales",
    key_columns=("order_id",),
    mode="upsert",
    columns=(
        Column("order_id", "Order ID", RoleOf.ID, "text"),
        Column("date", "Date", RoleOf.DATE, "date"),
        Column("region", "Region", RoleOf.DIMENSION, "text"),
        Column("revenue", "Revenue", RoleOf.MEASURE, "money"),
        Column("note", "Note", RoleOf.IGNORE, "text"),
    ),
)
FULL = "Order ID,Date,Region,Revenue\nA,2025-01-01,EMEA,5\nB,2025-01-02,APAC,6\n"


def without(header: str) -> str:
    rows = [line.split(",") for line in FULL.splitlines()]
    at = rows[0].index(header)
    return "".join(",".join(cells[:at] + cells[at + 1 :]) + "\n" for cells in rows)


def test_a_file_with_all_columns_fits_in_silence(room: Room) -> None:
    done, _ = room.csv(FULL, known=SALES)
    assert codes(done) == set()


@pytest.mark.parametrize("header", ["Order ID", "Date"])
def test_e5_a_file_without_the_key_or_the_date_is_refused(room: Room, header: str) -> None:
    found = issue(room.inspect(room.file("a.csv", without(header)), known=SALES), "column-missing")
    assert (found.severity, found.column, found.row) == ("error", header, None)
    assert found.message == f"The column {header!r} of Sales is not in the file; without it rows cannot be placed."
    with pytest.raises(Invalid):
        room.csv(without(header), known=SALES)


@pytest.mark.parametrize("header", ["Region", "Revenue"])
def test_e5_a_file_without_another_column_has_no_values_for_it(room: Room, header: str) -> None:
    done, rows = room.csv(without(header), known=SALES)
    found = issue(done, "column-missing")
    assert (found.severity, found.column) == ("warning", header)
    assert found.message.endswith("its values will be missing.")
    assert list(rows[0]) == ["order_id", "date", "region", "revenue"]
    assert rows[0][header.lower()] is None


def test_e5_new_columns_are_listed_and_come_last(room: Room) -> None:
    text = "Channel,Order ID,Date,Region,Revenue,Units\nweb,A,2025-01-01,EMEA,5,1\nweb,B,2025-01-02,APAC,6,2\n"
    done, rows = room.csv(text, known=SALES)
    found = issue(done, "column-new")
    assert (found.severity, found.count, found.column) == ("warning", 2, "Channel")
    assert "Channel, Units" in found.message
    assert list(rows[0]) == ["order_id", "date", "region", "revenue", "channel", "units"]


def test_the_order_of_columns_is_that_of_the_dataset_not_of_the_file(room: Room) -> None:
    text = "Revenue,Region,Date,Order ID\n5,EMEA,2025-01-01,A\n"
    _, rows = room.csv(text, known=SALES)
    assert next(iter(rows[0].values())) == "A"
    assert list(rows[0].values())[3] == Decimal(5)


def test_a_known_reference_needs_no_date(room: Room) -> None:
    known = replace(SALES, kind="reference", columns=(SALES.columns[0], SALES.columns[2]))
    done, rows = room.csv("Order ID,Region\nA,EMEA\n", known=known)
    assert (codes(done), len(rows), done.mapping.kind) == (set(), 1, "reference")


@pytest.mark.parametrize(
    ("text", "mapping", "code", "words"),
    [
        ("Region,Revenue\na,5\na,6\n", {"kind": "facts"}, "date-column", "No column holds the date of the rows"),
        ("Region,Revenue\na,5\na,6\n", {}, "no-date-no-key", "choose the date column, or a key"),
        ("Region,Revenue\na,5\na,6\n", {"kind": "reference"}, "key-needed", "A reference table needs a key"),
        (FULL, {"key": ["nope", "order_id"]}, "key-column", "does not have: nope"),
    ],
)
def test_what_a_kind_needs_is_said(room: Room, text: str, mapping: dict, code: str, words: str) -> None:
    found = issue(room.inspect(room.file("a.csv", text), mapping), code)
    assert (found.severity, found.row) == ("error", None)
    assert words in found.message
    with pytest.raises(Invalid):
        room.csv(text, mapping)


def test_a_snapshot_needs_neither(room: Room) -> None:
    done, rows = room.csv("Region,Headcount\na,5\na,6\n", {"kind": "snapshot", "key": [], "mode": "append"})
    assert (len(rows), done.mapping.kind) == (2, "snapshot")


AMOUNTS = "Date,Revenue\n2025-01-01,high\n2025-01-02,low\n2025-01-03,5\n"


def test_amounts_read_as_texts_are_told_with_examples(room: Room) -> None:
    found = issue(room.inspect(room.file("a.csv", AMOUNTS)), "measure-as-text")
    assert (found.severity, found.column) == ("warning", "Revenue")
    assert "(high, low, 5)" in found.message


@pytest.mark.parametrize("declared", [{"role": "dimension"}, {"type": "text"}])
def test_amounts_declared_as_texts_are_not_told(room: Room, declared: dict) -> None:
    found = room.inspect(room.file("a.csv", AMOUNTS), {"columns": {"Revenue": declared}})
    assert "measure-as-text" not in codes(found)


def test_amounts_known_as_amounts_are_refused_cell_by_cell(room: Room) -> None:
    known = Dataset("d", "D", columns=(Column("date", "Date", RoleOf.DATE, "date"), SALES.columns[3]))
    done, rows = room.csv(AMOUNTS, {"mode": "append"}, known)
    assert ([r["revenue"] for r in rows], done.quarantined) == ([Decimal(5)], 2)
