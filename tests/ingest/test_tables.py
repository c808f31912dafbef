"""Finding the table in a sheet: titles above, two-row headers, totals and footnotes below, addresses that are real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.dataset import RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.period import Grain
from tests.hostile import xlsx
from tests.ingest.conftest import Room

Sheet = Callable[..., Path]
WEEK = [date(2025, 1, 6) + timedelta(7 * i) for i in range(6)]


def weekly(n: int = 6) -> list[list[Any]]:
    return [["Date", "Revenue", "Orders", "New Customers", "Returning Customers"]] + [
        [d, 1000.5 + i, 20 + i, 5, 15 + i] for i, d in enumerate(WEEK[:n])
    ]


def codes(found: Any) -> set[str]:
    return {i.code for i in found.issues}


def test_a_weekly_sheet_simply_works(room: Room, sheet: Sheet) -> None:
    found = room.inspect(sheet(weekly()))
    assert found.is_ready
    assert (found.rows, found.first, found.last) == (6, WEEK[0], WEEK[-1])
    assert [(c.key, c.role.value, c.type) for c in found.columns] == [
        ("date", "date", "date"),
        ("revenue", "measure", "money"),
        ("orders", "measure", "number"),
        ("new_customers", "measure", "number"),
        ("returning_customers", "measure", "number"),
    ]
    mapping = found.mapping
    assert (mapping.kind, mapping.grain, mapping.key, mapping.mode, mapping.header_row, mapping.sheet) == (
        "facts",
        Grain.WEEK,
        ("date",),
        "upsert",
        1,
        "Sheet1",
    )


def test_the_rows_carry_vintage_sheet_and_excel_row(room: Room, sheet: Sheet) -> None:
    done, table = room.convert(sheet(weekly(), at="C5", title="Q1 2025"))
    assert table.column_names[-3:] == ["_vintage", "_sheet", "_row"]
    assert table.column("_row").to_pylist() == [6, 7, 8, 9, 10, 11]
    assert set(table.column("_sheet").to_pylist()) == {"Q1 2025"}
    assert set(table.column("_vintage").to_pylist()) == {"v1"}
    assert [str(t) for t in table.schema.types] == [
        "date32[day]",
        "decimal128(18, 4)",
        "double",
        "double",
        "double",
        "string",
        "string",
        "int32",
    ]
    assert (done.rows, done.accepted, done.quarantined) == (6, 6, 0)


def test_e4_table_starting_at_c5_is_found_and_cited_by_real_addresses(room: Room, sheet: Sheet) -> None:
    rows = weekly()
    rows[3][1] = "n.n."
    found = room.inspect(sheet(rows, at="C5"))
    assert found.mapping.header_row == 5
    assert [c.letter for c in found.columns] == ["C", "D", "E", "F", "G"]
    bad = next(i for i in found.issues if i.code == "number-unreadable")
    assert (bad.cell, bad.row, bad.value, bad.column) == ("D8", 8, "n.n.", "Revenue")


def test_e3_title_rows_and_a_totals_row_are_left_out_with_a_notice(room: Room, sheet: Sheet) -> None:
    rows = [
        ["ACME GmbH - weekly report"],
        ["printed 2025-03-01"],
        [],
        *weekly(),
        ["Total", 6018, 135, 30, 105],
        [],
        ["Source: ERP, unaudited"],
    ]
    done, table = room.convert(sheet(rows))
    assert done.mapping.header_row == 4
    assert table.num_rows == 6
    assert done.quarantined == 0
    assert {"excluded-total", "excluded-note"} <= codes(done)
    assert next(i for i in done.issues if i.code == "excluded-total").row == 11


def test_e3_a_totals_row_without_the_word_is_left_out_too(room: Room, sheet: Sheet) -> None:
    done, table = room.convert(sheet([*weekly(), [None, 6018, 135, 30, 105]]))
    assert table.num_rows == 6
    assert "excluded-total" in codes(done)


def test_a_row_without_a_date_in_the_middle_is_set_aside_not_taken_for_a_total(room: Room, sheet: Sheet) -> None:
    rows = weekly()
    rows[3][0] = None
    done, table = room.convert(sheet(rows))
    assert (table.num_rows, done.quarantined) == (5, 1)
    assert next(i for i in done.issues if i.code == "date-missing").cell == "A4"


def test_e3_merged_two_row_header_is_joined(room: Room, sheet: Sheet) -> None:
    rows = [[None, None, None, None, None], ["Date", "Revenue", "Units", "Revenue", "Units"]] + [
        [d, 10.5, 3, 20.25, 4] for d in WEEK
    ]
    found = room.inspect(sheet(rows, merges=(("B1:C1", "Web"), ("D1:E1", "Store"))))
    assert found.mapping.header_row == 2
    assert [c.header for c in found.columns] == [
        "Date", "Web / Revenue", "Web / Units", "Store / Revenue", "Store / Units",
    ]
    assert not [i for i in found.issues if i.severity == "error"]


def test_a_two_row_header_without_merges_is_joined(room: Room, sheet: Sheet) -> None:
    rows = [["Date", "Web", None, "Store", None], [None, "Revenue", "Units", "Revenue", "Units"]] + [
        [d, 10.5, 3, 20.25, 4] for d in WEEK
    ]
    found = room.inspect(sheet(rows))
    assert [c.key for c in found.columns] == ["date", "web_revenue", "web_units", "store_revenue", "store_units"]


def test_a_merged_title_over_the_whole_table_is_no_header(room: Room, sheet: Sheet) -> None:
    found = room.inspect(sheet([[], *weekly()], merges=(("A1:E1", "Weekly figures"),)))
    assert [c.header for c in found.columns][:2] == ["Date", "Revenue"]


def test_a_declared_header_row_is_used(room: Room, sheet: Sheet) -> None:
    rows = [["a", "b"], ["Date", "Revenue"], [WEEK[0], 5], [WEEK[1], 6]]
    assert [c.header for c in room.inspect(sheet(rows), {"header_row": 2}).columns] == ["Date", "Revenue"]


def test_a_header_row_beyond_the_end_is_refused(room: Room, sheet: Sheet) -> None:
    with pytest.raises(Invalid, match="ends at row 7"):
        room.inspect(sheet(weekly()), {"header_row": 70})


def test_a_catalogue_is_a_reference_with_its_key(room: Room, sheet: Sheet) -> None:
    found = room.inspect(
        sheet([["sku_id", "category", "price"], ["S1", "Toys", 5], ["S2", "Toys", 7.5], ["S3", "Food", 1]])
    )
    assert (found.mapping.kind, found.mapping.key, found.mapping.mode) == ("reference", ("sku_id",), "upsert")
    assert [c.role for c in found.columns] == [RoleOf.ID, RoleOf.DIMENSION, RoleOf.MEASURE]


def test_readings_have_the_key_date_and_kpi(room: Room) -> None:
    found = room.inspect(
        room.file(
            "r.csv",
            "Date,KPI,Value\n2025-01-31,NPS,41\n2025-01-31,Satisfaction,4.2\n2025-02-28,NPS,40\n2025-02-28,Satisfaction,4.4\n",
        )
    )
    assert found.mapping.key == ("date", "kpi")
    assert [c.role.value for c in found.columns] == ["date", "dimension", "measure"]


def test_orders_with_unique_order_and_sku_are_keyed_by_them(room: Room) -> None:
    lines = "".join(f"O{i // 2},2025-01-{i % 5 + 1:02d},S{i % 2},EMEA,1,2.5,2.5\n" for i in range(20))
    found = room.inspect(room.file("o.csv", "order_id,date,sku,region,qty,price,revenue\n" + lines))
    assert (found.mapping.key, found.mapping.mode, found.mapping.grain) == (("order_id", "sku"), "upsert", Grain.EVENT)


def test_without_a_certain_key_none_is_proposed(room: Room) -> None:
    lines = "".join(f"O{i // 4},2025-01-{i % 5 + 1:02d},S{i % 2},1\n" for i in range(20))
    found = room.inspect(room.file("o.csv", "order_id,date,sku,qty\n" + lines))
    assert (found.mapping.key, found.mapping.mode) == (None, None)


@pytest.mark.parametrize(
    ("dates", "grain", "marks"),
    [
        (["2025-01-01", "2025-02-01", "2025-03-01"], Grain.MONTH, "start"),
        (["2025-01-31", "2025-02-28", "2025-03-31"], Grain.MONTH, "end"),
        (["2024-03-31", "2024-06-30", "2024-09-30"], Grain.QUARTER, "end"),
        (["2025-01-05", "2025-01-12", "2025-01-26"], Grain.WEEK, "start"),
        (["2025-01-05", "2025-01-06", "2025-01-08"], Grain.DAY, "start"),
        (["Jan 2025", "Feb 2025", "Mar 2025"], Grain.MONTH, "start"),
    ],
)
def test_the_grain_follows_the_dates(room: Room, dates: list[str], grain: Grain, marks: str) -> None:
    found = room.inspect(room.file("g.csv", "Date,Revenue\n" + "".join(f"{d},1\n" for d in dates)))
    assert (found.mapping.grain, found.mapping.marks) == (grain, marks)


def test_the_inspected_mapping_reads_the_same_again(room: Room, sheet: Sheet) -> None:
    path = sheet([["Report"], *weekly(), ["Total", 1, 1, 1, 1]], at="B3")
    found = room.inspect(path)
    again = room.inspect(path, found.mapping)
    assert again.mapping == found.mapping
    assert again.rows == found.rows


def test_e5_two_hundred_columns_are_mapped_by_name(room: Room, sheet: Sheet) -> None:
    head = ["Date", *(f"Metric {i}" for i in range(199))]
    found = room.inspect(sheet([head, *([d, *range(199)] for d in WEEK)]))
    assert len(found.columns) == 200
    assert found.columns[199].key == "metric_198"


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (["Date", "Revenue", "Revenue"], ("B", "C")),
        (["Date", "Revenue", "revenue"], ("B", "C")),
        (["Date", "Net Sales", "Net-Sales"], ("B", "C")),
        (["Date", "Revenue", "Reve\u200bnue"], ("B", "C")),
    ],
)
def test_e6_headers_that_are_one_name_twice_are_errors_naming_both_columns(
    room: Room, sheet: Sheet, head: list[str], names: tuple[str, str]
) -> None:
    path = sheet([head, [WEEK[0], 1, 2], [WEEK[1], 3, 4]])
    issue = next(i for i in room.inspect(path).issues if i.code == "header-duplicate")
    assert all(f"{n} (" in issue.message for n in names)
    with pytest.raises(Invalid, match="same name"):
        room.convert(path)


@pytest.mark.parametrize("empty", [None, " ", "\u200b"])
def test_e6_an_empty_header_above_values_is_an_error_until_it_is_ignored(
    room: Room, sheet: Sheet, empty: str | None
) -> None:
    path = sheet([["Date", empty, "Revenue"], [WEEK[0], "x", 2], [WEEK[1], "y", 4]])
    assert next(i for i in room.inspect(path).issues if i.code == "header-empty").column == "[B]"
    with pytest.raises(Invalid, match="Column B has values but no header"):
        room.convert(path)
    done, table = room.convert(path, {"columns": {"[B]": {"role": "ignore"}}})
    assert table.column_names[:2] == ["date", "revenue"]
    assert done.accepted == 2


def test_e6_one_of_two_equal_headers_can_be_ignored(room: Room, sheet: Sheet) -> None:
    path = sheet([["Date", "Revenue", "Revenue"], [WEEK[0], 1, 2], [WEEK[1], 3, 4]])
    done, table = room.convert(path, {"columns": {"Revenue [C]": {"role": "ignore"}}})
    assert done.accepted == 2
    assert [float(v) for v in table.column("revenue").to_pylist()] == [1, 3]


def test_empty_columns_and_rows_disappear_quietly(room: Room, sheet: Sheet) -> None:
    rows = weekly()
    rows.insert(3, [None] * 5)
    done, table = room.convert(sheet([[r[0], None, *r[1:]] if r else r for r in rows]))
    assert table.num_rows == 6
    assert done.quarantined == 0
    assert table.column("_row").to_pylist() == [2, 3, 5, 6, 7, 8]


@pytest.mark.parametrize("text", ["Date,Revenue\n", "Date,Revenue", "Date,Revenue\n\n\n"])
def test_e19_a_header_alone_has_no_data_rows(room: Room, text: str) -> None:
    with pytest.raises(Invalid, match="no data rows"):
        room.inspect(room.file("a.csv", text))


def test_e19_an_empty_sheet_has_no_data_rows(room: Room, sheet: Sheet) -> None:
    with pytest.raises(Invalid, match="no data rows"):
        room.inspect(sheet([]))


def test_e19_one_row_is_enough(room: Room, sheet: Sheet) -> None:
    assert room.inspect(sheet(weekly(1))).rows == 1


def test_e1_a_formula_without_a_value_is_a_cell_error(room: Room, tmp_path: Path) -> None:
    done, table = room.convert(xlsx.uncached(tmp_path / "a.xlsx"))
    bad = [i for i in done.issues if i.code == "cell-error"]
    assert [(i.cell, i.row) for i in bad] == [("B2", 2), ("B3", 3)]
    assert "never calculated" in bad[0].message
    assert [float(v) for v in table.column("revenue").to_pylist()] == [2, 7]
    assert table.column("note").to_pylist() == [None, "d"]


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!"])
def test_e2_error_values_are_cell_errors_with_their_address(room: Room, tmp_path: Path, error: str) -> None:
    rows = xlsx.table_rows() + xlsx.row(5, xlsx.text("A5", "2025-01-09"), f'<c r="B5" t="e"><v>{error}</v></c>')
    done, table = room.convert(xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(xlsx.sheet_xml(rows))))
    bad = next(i for i in done.issues if i.code == "cell-error")
    assert (bad.cell, bad.value) == ("B5", error)
    assert (table.num_rows, done.quarantined) == (3, 1)


def test_refused_rows_are_in_the_quarantine_file_with_their_reasons(room: Room, sheet: Sheet) -> None:
    rows = weekly()
    rows[2][1] = "=cmd()"
    done, _ = room.convert(sheet(rows))
    lines = (room.folder / "refused.csv").read_text().splitlines()
    assert done.quarantine == str(room.folder / "refused.csv")
    assert lines[0].startswith("row,cells,reason,Date,Revenue")
    assert lines[1].startswith("3,B3,")
    assert "'=cmd()" in lines[1]


def test_the_better_of_several_sheets_is_chosen_and_the_others_are_told(room: Room, tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet("Read me").write(0, 0, "This workbook holds the figures of 2025")
    for name, n in (("Figures", 30), ("Older", 10)):
        page = book.add_worksheet(name)
        page.write_row(0, 0, ["Date", "Revenue"])
        for i in range(n):
            page.write_row(i + 1, 0, [f"2025-01-{i + 1:02d}", 5.5])
    book.close()
    found = room.inspect(tmp_path / "a.xlsx")
    assert found.mapping.sheet == "Figures"
    assert "Older" in next(i for i in found.issues if i.code == "sheet-others").message


def test_an_unknown_sheet_is_refused_with_the_names_there_are(room: Room, sheet: Sheet) -> None:
    with pytest.raises(Invalid, match="It has: Sheet1"):
        room.inspect(sheet(weekly()), {"sheet": "Sheet9"})


def test_an_unknown_column_in_the_mapping_is_an_error_with_a_suggestion(room: Room, sheet: Sheet) -> None:
    found = room.inspect(sheet(weekly()), {"columns": {"Revenu": {"role": "measure"}}})
    issue = next(i for i in found.issues if i.code == "mapping-column")
    assert issue.help == "Did you mean 'Revenue'?"


def test_values_in_the_place_of_a_header_are_not_taken_for_names(room: Room, sheet: Sheet) -> None:
    path = sheet([[date(2025, 1, 1), 15], [date(2025, 1, 2), 16], [date(2025, 1, 3), 17]])
    found = room.inspect(path)
    assert found.mapping.header_row is None
    with pytest.raises(Invalid, match="No row looks like a header"):
        room.convert(path, found.mapping)
    done, _ = room.convert(path, {"header_row": 1})
    assert done.accepted == 2


def test_periods_side_by_side_that_shall_stay_columns_are_told(room: Room, sheet: Sheet) -> None:
    path = sheet([["Region", "Jan 2025", "Feb 2025", "Mar 2025"], ["EMEA", 1, 2, 3], ["APAC", 4, 5, 6]])
    assert "header-periods" in {i.code for i in room.inspect(path, {"layout": "flat"}).issues}


def test_an_amount_column_of_texts_is_told(room: Room) -> None:
    found = room.inspect(room.file("a.csv", "Date,Revenue\n2025-01-01,high\n2025-01-02,low\n2025-01-03,5\n"))
    assert "measure-as-text" in {i.code for i in found.issues}
