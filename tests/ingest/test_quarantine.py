"""The file of refused rows: every refused row once, as it was written, with its place and all of its reasons."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.conftest import Room

GOOD = "".join(f"A{n},2025-01-{n:02d},EMEA,{n}.5,{n}\n" for n in range(1, 9))
HEAD = "order_id,date,region,revenue,units\n"


def refused(room: Room, text: str, mapping: dict | None = None) -> list[dict[str, str]]:
    room.convert(room.file("q.csv", text), {"key": ["order_id"]} | (mapping or {}))
    with (room.folder / "refused.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_refused_row_is_there_as_it_was_written(room: Room) -> None:
    (row,) = refused(room, HEAD + GOOD + '0009,2025-02-30," a, ""b""\nc ", 1.50 ,７\n')
    assert row == {
        "row": "10",
        "cells": "B10",
        "reason": "there is no such day in the calendar",
        "order_id": "0009",
        "date": "2025-02-30",
        "region": ' a, "b"\nc ',
        "revenue": " 1.50 ",
        "units": "７",
    }


def test_all_cells_and_reasons_of_a_row_stand_in_one_line_in_the_order_of_the_columns(room: Room) -> None:
    (row,) = refused(room, HEAD + GOOD + ",2025-02-30,x,oops,many\n")
    assert row["cells"] == "A10 B10 D10 E10"
    assert row["reason"].split("; ") == [
        "the key is missing",
        "there is no such day in the calendar",
        "not a number written like 1,234.5",
        "not a number written like 1,234.5",
    ]


def test_a_ragged_row_has_a_reason_but_no_cell(room: Room) -> None:
    rows = refused(room, HEAD + GOOD + "A9,2025-01-09\nA10,2025-01-10,x,oops\n")
    assert [(r["row"], r["cells"]) for r in rows] == [("10", ""), ("11", "D11")]
    assert rows[0]["reason"] == "2 fields where the header has 5 (line 10)"
    assert rows[1]["reason"].startswith("4 fields where the header has 5 (line 11); not a number")
    assert (rows[0]["region"], rows[0]["revenue"]) == ("", "")


def test_ignored_columns_are_shown_too(room: Room) -> None:
    (row,) = refused(room, HEAD + GOOD + "A9,soon,secret,1,1\n", {"columns": {"region": {"role": "ignore"}}})
    assert row["region"] == "secret"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(1)", "'@SUM(1)"),
        ("＝1+1", "'＝1+1"),
        ("＠x", "'＠x"),
        ("-5.25", "-5.25"),
        ("+7", "+7"),
        ("'x", "'x"),
        (" =1", " =1"),
        ("a=b", "a=b"),
    ],
)
def test_f1_no_cell_of_the_refused_rows_is_a_formula(room: Room, text: str, shown: str) -> None:
    (row,) = refused(room, HEAD + GOOD + f'A9,soon,"{text}",1,1\n')
    assert row["region"] == shown


def test_f1_a_tab_or_return_in_front_is_no_way_around(room: Room) -> None:
    rows = refused(room, HEAD + GOOD + 'A9,soon,"\t=1+1",1,1\nA10,soon,"\r=1+1",1,1\n')
    assert [r["region"] for r in rows] == ["'\t=1+1", "'\r=1+1"]


def test_f1_no_header_is_a_formula(room: Room) -> None:
    text = "order_id,date,=cmd(),revenue\n" + "".join(f"A{n},2025-01-{n:02d},x,{n}\n" for n in range(1, 9))
    (row,) = refused(room, text + "A9,soon,y,1\n")
    assert list(row)[5] == "'=cmd()"


def test_headers_that_are_taken_or_stand_twice_get_names_of_their_own(room: Room) -> None:
    text = "Row,reason,Cells,date,revenue\n" + "".join(f"r{n},a,b,2025-01-{n:02d},{n}\n" for n in range(1, 9))
    room.convert(room.file("q.csv", text + "r9,a,b,soon,1\n"), {"key": []})
    head = (room.folder / "refused.csv").read_text().splitlines()[0]
    assert head == "row,cells,reason,Row_,reason_,Cells_,date,revenue"


def test_letters_are_those_of_the_sheet(room: Room, sheet) -> None:  # type: ignore[no-untyped-def]
    rows = [["Date", "Revenue"], *([f"2025-01-{n:02d}", n] for n in range(1, 9)), ["2025-01-09", "x"]]
    room.convert(sheet(rows, at="Z3"))
    assert (room.folder / "refused.csv").read_text().splitlines()[1].startswith("12,AA12,")


def test_without_a_refused_row_there_is_no_file(room: Room) -> None:
    done, _ = room.convert(room.file("q.csv", HEAD + GOOD))
    assert (done.quarantine, (room.folder / "refused.csv").exists()) == (None, False)


BAD = st.sampled_from(["", "date", "revenue", "key", "short", "both", "units"])


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(BAD, min_size=4, max_size=40))
def test_every_row_is_accepted_or_refused_and_never_both(
    tmp_path_factory: pytest.TempPathFactory, plan: list[str]
) -> None:
    """Each source row, by its row number, stands in exactly one of the two files, with its own values."""
    folder = tmp_path_factory.mktemp("q")
    lines = []
    for n, bad in enumerate(plan, 2):
        cells = [f"K{n}", "2025-01-15", f"r{n}", f"{n}.25", str(n)]
        cells[1] = "2025-02-30" if bad in ("date", "both") else cells[1]
        cells[3] = "n.n." if bad in ("revenue", "both") else cells[3]
        cells[0] = "" if bad == "key" else cells[0]
        cells[4] = "x" if bad == "units" else cells[4]
        lines.append(",".join(cells[:3] if bad == "short" else cells))
    room = Room(folder)
    roles = {
        "date": {"role": "date", "format": "iso"},
        "region": {"role": "dimension"},
        "revenue": {"role": "measure", "type": "money"},
        "units": {"role": "measure", "type": "number"},
    }
    mapping = {"key": ["order_id"], "mode": "upsert", "header_row": 1, "columns": roles}
    done, table = room.convert(room.file("q.csv", HEAD + "\n".join(lines) + "\n"), mapping)
    out = folder / "refused.csv"
    set_aside = [int(r["row"]) for r in csv.DictReader(out.read_text().splitlines())] if out.exists() else []
    assert set_aside == [n for n, bad in enumerate(plan, 2) if bad]
    assert table.column("_row").to_pylist() == [n for n, bad in enumerate(plan, 2) if not bad]
    assert table.column("revenue").to_pylist() == [Decimal(f"{n}.25") for n, bad in enumerate(plan, 2) if not bad]
    assert (done.rows, done.accepted, done.quarantined) == (len(plan), plan.count(""), len(plan) - plan.count(""))
