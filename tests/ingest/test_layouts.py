"""Layouts: periods across the columns, one figure per line, one reading per row - turned without losing a cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.errors import Invalid
from dashapp.core.period import Grain
from dashapp.core.position import unpacked
from tests.ingest.conftest import Room, codes, issue

Sheet = Callable[..., Path]
MONTHS = [date(2025, m, 1) for m in range(1, 7)]
NORTH, SOUTH = [10.25, 20, 30, 40, 50, 60], [1, 2, 3, None, 5, 6]


def wide(*more: list[Any]) -> list[list[Any]]:
    return [["Region", *MONTHS], ["North", *NORTH], ["South", *SOUTH], *more]


def stored(table: Any, *names: str) -> dict[tuple[Any, ...], Any]:
    return {tuple(r[n] for n in names[:-1]): r[names[-1]] for r in table.to_pylist()}


def test_a_wide_table_gives_a_row_per_cell_and_keeps_where_it_stood(room: Room, sheet: Sheet) -> None:
    done, table = room.convert(sheet(wide(), at="C5"))
    want = {
        (region, day): v
        for region, values in (("North", NORTH), ("South", SOUTH))
        for day, v in zip(MONTHS, values, strict=True)
        if v is not None
    }
    assert stored(table, "region", "date", "value") == want
    assert (done.mapping.layout, done.mapping.header_row, done.mapping.grain) == ("wide", 5, Grain.MONTH)
    assert done.mapping.key == ("date", "region")
    cells = {(r["region"], r["date"]): unpacked(r["_row"]) for r in table.to_pylist()}
    assert cells == {(n, d): (6 + ("North", "South").index(n), 3 + MONTHS.index(d)) for n, d in want}
    assert done.letters == {"region": "C", "date": "D5:I5", "value": "D:I"}
    assert issue(done, "cells-empty").count == 1


def test_the_same_file_read_by_its_own_proposal_gives_the_same(room: Room, sheet: Sheet) -> None:
    path = sheet(wide(["Total", 11, 22, 33, 40, 55, 66]))
    found = room.inspect(path)
    once, first = room.convert(path)
    again, second = room.convert(path, found.mapping)
    assert first.equals(second)
    assert once.mapping == again.mapping == found.mapping


def test_newest_first_columns_are_the_same_table(room: Room, sheet: Sheet) -> None:
    _, there = room.convert(sheet(wide()))
    _, back = room.convert(sheet([[row[0], *row[:0:-1]] for row in wide()], name="back.xlsx"))
    assert stored(there, "region", "date", "value") == stored(back, "region", "date", "value")


def test_e3_totals_of_rows_and_columns_and_footnotes_are_left_out_by_name(room: Room, sheet: Sheet) -> None:
    rows = [
        ["Region", *MONTHS, "Total", "YTD %"],
        ["North", *NORTH, 210.25, 5],
        ["South", *SOUTH, 17, 6],
        ["Total", 1, 2, 3, 4, 5, 6, 7, 8],
        [],
        ["* preliminary, without returns"],
    ]
    done, table = room.convert(sheet(rows))
    assert table.num_rows == 11
    assert "G1" not in issue(done, "excluded-column").message
    assert "H (Total), I (YTD %)" in issue(done, "excluded-column").message
    assert issue(done, "excluded-total").row == 4
    assert issue(done, "excluded-note").row == 6


@pytest.mark.parametrize(
    ("head", "days", "grain"),
    [
        (["2023", "2024", "2025"], [(2023, 1, 1), (2024, 1, 1), (2025, 1, 1)], Grain.YEAR),
        (["Q1 2025", "Q2 2025", "Q3 2025"], [(2025, 1, 1), (2025, 4, 1), (2025, 7, 1)], Grain.QUARTER),
        (["3Q25", "2Q25", "1Q25"], [(2025, 7, 1), (2025, 4, 1), (2025, 1, 1)], Grain.QUARTER),
        (["Jan 25", "Feb 25", "Mrz 25"], [(2025, 1, 1), (2025, 2, 1), (2025, 3, 1)], Grain.MONTH),
        (["KW 1 2025", "KW 2 2025", "KW 3 2025"], [(2024, 12, 30), (2025, 1, 6), (2025, 1, 13)], Grain.WEEK),
        (["31.01.2025", "28.02.2025", "31.03.2025"], [(2025, 1, 31), (2025, 2, 28), (2025, 3, 31)], Grain.MONTH),
    ],
)
def test_columns_of_any_period_are_turned(
    room: Room, head: list[str], days: list[tuple[int, ...]], grain: Grain
) -> None:
    done, rows = room.csv(";".join(["Region", *head]) + "\nNorth;1;2;3\nSouth;4;5;6\n", {"delimiter": ";"})
    assert {(r["region"], r["date"]): r["value"] for r in rows} == {
        (n, date(*d)): 3 * i + j + 1 for i, n in enumerate(("North", "South")) for j, d in enumerate(days)
    }  # type: ignore[arg-type]
    assert done.mapping.grain is grain


def test_a_year_in_the_row_above_belongs_to_its_months(room: Room, sheet: Sheet) -> None:
    rows = [
        [None, "2024", None, "2025", None],
        ["Store", "Nov", "Dec", "Jan", "Feb"],
        ["A", 1, 2, 3, 4],
        ["B", 5, 6, 7, 8],
    ]
    for name, merges in (("m.xlsx", (("B1:C1", "2024"), ("D1:E1", "2025"))), ("p.xlsx", ())):
        _, table = room.convert(sheet(rows, name=name, merges=merges))
        days = [date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)]
        assert stored(table, "store", "date", "value") == {
            (s, d): 4 * i + j + 1 for i, s in enumerate("AB") for j, d in enumerate(days)
        }


def test_several_measures_per_period_become_readings(room: Room, sheet: Sheet) -> None:
    rows = [
        [None, "Jan 2025", None, "Feb 2025", None],
        ["Store", "Revenue", "Orders", "Revenue", "Orders"],
        ["A", 10, 1, 20, 2],
        ["B", 30, 3, 40, 4],
    ]
    done, table = room.convert(sheet(rows))
    assert done.mapping.key == ("date", "store", "kpi")
    assert stored(table, "store", "date", "kpi", "value")["B", date(2025, 2, 1), "Orders"] == 4
    assert table.num_rows == 8


def test_quarters_among_their_months_are_sums_of_them(room: Room, sheet: Sheet) -> None:
    rows = [
        ["Region", "Jan 2025", "Feb 2025", "Mar 2025", "Q1 2025", "2025"],
        ["North", 1, 2, 3, 6, 6],
        ["South", 1, 1, 1, 3, 3],
    ]
    done, table = room.convert(sheet(rows))
    assert sum(table.column("value").to_pylist()) == 9
    assert "E (Q1 2025), F (2025)" in issue(done, "excluded-column").message


def test_months_whose_year_nobody_names_are_refused(room: Room, sheet: Sheet) -> None:
    head, body = ["Region", "Jan", "Feb", "Mar"], ["North", 1, 2, 3]
    with pytest.raises(Invalid, match=r"Jan, Feb, Mar name no year"):
        room.inspect(sheet([head, body]))
    with pytest.raises(Invalid, match="name no year"):
        room.inspect(sheet([["FY 2025"], head, body], name="fiscal.xlsx"))
    _, table = room.convert(sheet([["Budget 2025"], head, body], name="titled.xlsx"))
    assert table.column("date").to_pylist() == [date(2025, m, 1) for m in (1, 2, 3)]


def test_e2_an_error_cell_of_a_wide_table_is_named_and_its_neighbours_come_in(room: Room, tmp_path: Path) -> None:
    from tests.hostile import xlsx

    head = xlsx.row(
        1,
        xlsx.text("A1", "Region"),
        *(xlsx.text(f"{c}1", f"{m} 2025") for c, m in zip("BCD", ("Jan", "Feb", "Mar"), strict=True)),
    )
    cells = xlsx.row(
        2, xlsx.text("A2", "North"), xlsx.number("B2", 1), '<c r="C2" t="e"><v>#DIV/0!</v></c>', xlsx.number("D2", 3)
    )
    more = xlsx.row(3, xlsx.text("A3", "South"), xlsx.number("B3", 4), xlsx.number("C3", 5), '<c r="D3"><f>1+1</f></c>')
    path = xlsx.pack(tmp_path / "e.xlsx", xlsx.parts(xlsx.sheet_xml(head + cells + more)))
    done, table = room.convert(path)
    assert {(i.code, i.cell) for i in done.issues if i.severity == "error"} == {
        ("cell-error", "C2"),
        ("cell-error", "D3"),
    }
    assert sorted(table.column("value").to_pylist()) == [1, 3, 4, 5]
    refused = Path(done.quarantine or "").read_text().splitlines()
    assert refused[1].startswith('2,C2,"the cell holds #DIV/0! instead of a value",North,Feb 2025')


def test_two_cells_for_the_same_period_and_part_name_each_other(room: Room, sheet: Sheet) -> None:
    rows = [["Region", "Jan 2025", "Feb 2025", "Jan 2025", "Mar 2025"], ["North", 1, 2, 9, 3], ["South", 4, 5, 6, 7]]
    done, table = room.convert(sheet(rows), {"key": ["date", "region"], "mode": "upsert"})
    said = [i.message for i in done.issues if i.code == "key-duplicate"]
    assert len(said) == 4
    assert any("see D2" in m for m in said)
    assert any("see B2" in m for m in said)
    assert sorted(table.column("value").to_pylist()) == [2, 3, 5, 7]


def test_e16_a_shifted_line_of_a_wide_text_file_is_refused_whole(room: Room) -> None:
    done, rows = room.csv("Region,Jan 2025,Feb 2025,Mar 2025\nNorth,1,2,3\nSouth,4,5\nEast,6,7,8\n")
    assert {(r["region"], r["value"]) for r in rows} == {
        ("North", 1),
        ("North", 2),
        ("North", 3),
        ("East", 6),
        ("East", 7),
        ("East", 8),
    }
    assert any("3 fields where the header has 4 (line 3)" in i.message for i in done.issues)


def test_a_number_column_of_unknown_meaning_is_never_dropped_silently(room: Room, sheet: Sheet) -> None:
    path = sheet([["Region", "Weight", *MONTHS[:3]], ["North", 7, 1, 2, 3], ["South", 8, 4, 5, 6]])
    with pytest.raises(Invalid, match=r"Column B \('Weight'\) holds numbers"):
        room.convert(path)
    _, table = room.convert(path, {"columns": {"Weight": {"role": "ignore"}}})
    assert table.column_names[:3] == ["region", "date", "value"]
    _, table = room.convert(path, {"columns": {"Weight": {"role": "dimension"}}})
    assert set(table.column("weight").to_pylist()) == {"7", "8"}


def test_a_group_written_once_holds_for_the_rows_below_it_and_that_is_told(room: Room, sheet: Sheet) -> None:
    rows = [
        ["Country", "City", *MONTHS[:3]],
        ["Germany", "Berlin", 1, 2, 3],
        [None, "Bonn", 4, 5, 6],
        ["France", "Paris", 7, 8, 9],
    ]
    done, table = room.convert(sheet(rows))
    assert {r["city"]: r["country"] for r in table.to_pylist()} == {
        "Berlin": "Germany",
        "Bonn": "Germany",
        "Paris": "France",
    }
    assert (issue(done, "label-filled").cell, issue(done, "label-filled").count) == ("A3", 1)


STATEMENT = [
    ["ACME 2025"],
    [None, "Jan", "Feb", "Mar", "Q1"],
    ["Revenue", 100.5, 110, 120, 330.5],
    ["COGS", 50, 55, 60, 165],
    ["Headcount", 10, 11, 12, 12],
    ["Gross profit", 50.5, 55, 60, 165.5],
]


def test_a_statement_gives_a_row_per_period_and_a_column_per_line(room: Room, sheet: Sheet) -> None:
    done, table = room.convert(sheet(STATEMENT, at="B2"))
    assert done.mapping.layout == "statement"
    assert {c.key: c.type for c in done.columns} == {
        "date": "date",
        "revenue": "money",
        "cogs": "money",
        "headcount": "number",
        "gross_profit": "money",
    }
    assert stored(table, "date", "revenue") == {
        (date(2025, 1, 1),): Decimal("100.5"),
        (date(2025, 2, 1),): 110,
        (date(2025, 3, 1),): 120,
    }
    assert done.letters["revenue"] == "C4:E4"
    assert [unpacked(r["_row"]) for r in table.to_pylist()] == [(3, 2), (3, 3), (3, 4)]


def test_lines_of_one_name_take_their_section(room: Room, sheet: Sheet) -> None:
    rows = [
        ["Account", *MONTHS[:3]],
        ["Sales"],
        ["Germany revenue", 1, 2, 3],
        ["Other costs", 1, 1, 1],
        ["Services"],
        ["Germany profit", 4, 5, 6],
        ["Other costs", 2, 2, 2],
    ]
    done, _ = room.convert(sheet(rows))
    assert [c.key for c in done.columns] == [
        "date",
        "germany_revenue",
        "sales_other_costs",
        "germany_profit",
        "services_other_costs",
    ]


def test_a_column_of_units_scales_each_line_by_its_own(room: Room, sheet: Sheet) -> None:
    rows = [
        ["KPI", "Unit", *MONTHS[:3]],
        ["Revenue", "EUR thousand", 1.5, 2, 3],
        ["Headcount", "#", 4, 5, 6],
        ["Margin", "%", 50, 51, 52],
    ]
    done, table = room.convert(sheet(rows))
    assert table.column("revenue").to_pylist() == [1500, 2000, 3000]
    assert table.column("headcount").to_pylist() == [4, 5, 6]
    assert table.column("margin_pct").to_pylist() == [0.5, 0.51, 0.52]
    assert "scale-applied" in codes(done)


def test_rows_that_could_be_figures_or_parts_are_asked_about(room: Room, sheet: Sheet) -> None:
    path = sheet(
        [["Item", *MONTHS[:3]], ["Revenue", 1, 2, 3], ["Zeta", 4, 5, 6]][:1]
        + [[None, *MONTHS[:3]]][:0]
        + [["Revenue", 1, 2, 3], ["Zeta", 4, 5, 6]]
    )
    found = room.inspect(sheet([[None, *MONTHS[:3]], ["Revenue", 1, 2, 3], ["Zeta", 4, 5, 6]], name="u.xlsx"))
    assert [q.code for q in found.questions] == ["layout"]
    assert {c.value for c in found.questions[0].choices} == {"wide", "statement"}
    assert found.mapping.layout is None
    assert room.inspect(path).mapping.layout == "statement"  # its header says so
    with pytest.raises(Invalid, match="How is the table laid out"):
        room.convert(room.folder / "u.xlsx")
    assert room.convert(room.folder / "u.xlsx", {"layout": "wide"})[0].mapping.layout == "wide"


def test_readings_are_called_as_figures_look_for_them(room: Room) -> None:
    done, rows = room.csv("Datum;Kennzahl;Wert\n2025-01-01;NPS;45\n2025-01-01;FTE;12\n2025-02-01;NPS;47\n")
    assert done.mapping.layout == "readings"
    assert done.mapping.key == ("datum", "kpi")
    assert rows[2] == {"datum": date(2025, 2, 1), "kpi": "NPS", "value": 47}


@pytest.mark.parametrize(
    "text",
    [
        "Start,End,Revenue\n2011,2013,5\n2012,2014,6\n2013,2016,7\n",
        "order_date,ship_date,due_date,qty\n2025-01-01,2025-01-03,2025-01-09,1\n2025-01-02,2025-01-04,2025-01-10,2\n",
        "Date,Units,Visits\n2025-01-01,2001,2000\n2025-01-02,1999,2001\n2025-01-03,1998,2003\n",
        "Date,Jan,Feb\n2025-01-01,1,2\n2025-01-02,3,4\n",
    ],
)
def test_rows_of_dates_and_years_are_no_header_of_periods(room: Room, text: str) -> None:
    assert room.inspect(room.file("flat.csv", text)).mapping.layout in (None, "flat")


def test_a_layout_that_the_table_does_not_have_is_refused(room: Room) -> None:
    with pytest.raises(Invalid, match="no periods across its columns"):
        room.inspect(room.file("flat.csv", "Date,Revenue\n2025-01-01,5\n2025-01-02,6\n"), {"layout": "wide"})
