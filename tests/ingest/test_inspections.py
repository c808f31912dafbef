"""What a person is shown before anything is committed: sheets, preview, columns, values, and a mapping to send back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.errors import Invalid
from dashapp.core.mapping import mapping_from_json
from dashapp.ingest import inspecting, opening
from tests.ingest.conftest import Room, codes, issue

Rows = list[list[object]]


def book(path: Path, **sheets: Rows) -> Path:
    out = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        page = out.add_worksheet(name)
        for n, row in enumerate(rows):
            page.write_row(n, 0, row)
    out.close()
    return path


def sales(count: int, start: int = 1) -> Rows:
    return [["Date", "Revenue"], *([f"2025-01-{n:02d}", n + 0.5] for n in range(start, start + count))]


@pytest.mark.parametrize(
    ("sheets", "chosen", "others"),
    [
        ({"Notes": [["Figures of the year"]], "Sales": sales(9)}, "Sales", []),
        ({"Big": [["a", "b"]] + [["x", "y"]] * 400, "Sales": sales(9)}, "Sales", ["Big"]),
        ({"Old": sales(3), "New": sales(28)}, "New", ["Old"]),
        ({"Empty": [], "Sales": sales(2)}, "Sales", []),
        ({"First": sales(5), "Second": sales(5)}, "First", ["Second"]),
        ({"List": [["Name"]] + [[f"n{n}"] for n in range(500)], "Sales": sales(9)}, "Sales", []),
    ],
)
def test_e3_the_sheet_that_looks_most_like_a_table_is_proposed(
    room: Room, tmp_path: Path, sheets: dict[str, Rows], chosen: str, others: list[str]
) -> None:
    found = room.inspect(book(tmp_path / "a.xlsx", **sheets))
    assert (found.mapping.sheet, [s.name for s in found.sheets]) == (chosen, list(sheets))
    told = [i for i in found.issues if i.code == "sheet-others"]
    assert bool(told) == bool(others)
    for name in others:
        assert name in told[0].message
        assert (told[0].severity, told[0].count) == ("info", len(others))


def test_e3_a_named_sheet_is_read_whatever_the_others_hold(room: Room, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", Small=sales(2), Large=sales(28))
    found = room.inspect(path, {"sheet": "Small"})
    assert (found.mapping.sheet, found.rows, "sheet-others" in codes(found)) == ("Small", 2, False)


def test_e3_of_a_large_workbook_only_the_largest_sheet_is_tried(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path / "a.xlsx", Small=sales(3), Large=[["a", "b"]] + [["x", "y"]] * 300)
    assert room.inspect(path).mapping.sheet == "Small"
    monkeypatch.setattr(opening, "_TRIED_WEIGHT", 100)
    assert room.inspect(path, {"key": []}).mapping.sheet == "Large"


def test_e19_when_no_sheet_can_be_read_the_first_reason_is_given(room: Room, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="There are no data rows: the sheet is empty"):
        room.inspect(book(tmp_path / "a.xlsx", One=[], Two=[]))


def test_the_preview_starts_above_the_header_and_carries_row_numbers(room: Room, tmp_path: Path) -> None:
    rows: Rows = [["Report"], ["printed in January"], [], [], [], *sales(28), ["x" * 500]]
    found = room.inspect(book(tmp_path / "a.xlsx", S=rows), {"header_row": 6})
    assert [line[0] for line in found.preview] == [str(n) for n in range(2, 32)]
    assert found.preview[0] == ("2", "printed in January", "")
    assert found.preview[4] == ("6", "Date", "Revenue")
    assert found.preview[5] == ("7", "2025-01-01", "1.5")


def test_the_preview_is_small_whatever_the_file_is(room: Room) -> None:
    head = ",".join(f"c{n}" for n in range(90))
    line = ",".join(["2025-01-01", "x" * 400, *(str(n) for n in range(88))])
    found = room.inspect(room.file("a.csv", head + "\n" + f"{line}\n" * 50), {"key": []})
    assert (len(found.preview), {len(p) for p in found.preview}) == (30, {61})
    assert max(len(c) for p in found.preview for c in p) == 120
    assert (len(found.columns), found.rows) == (90, 50)


def test_values_of_labels_are_those_that_would_be_kept_in_the_order_of_the_file(room: Room) -> None:
    lines = ["2025-01-01,b,1", "2025-01-02,a,2", "2025-02-30,refused,3", "2025-01-03,,4", "2025-01-04,b,5", "Total,,15"]
    found = room.inspect(room.file("a.csv", "Date,Region,Revenue\n" + "\n".join(lines) + "\n"), {"key": []})
    day, region, revenue = found.columns
    assert (region.values, region.distinct) == (("b", "a", ""), 3)
    assert (day.values, revenue.values, revenue.distinct) == ((), (), 0)
    assert (found.rows, found.refused, found.first, found.last) == (5, 1, date(2025, 1, 1), date(2025, 1, 4))


def test_of_many_values_a_hundred_are_shown_and_all_are_counted(room: Room) -> None:
    lines = "".join(f"2025-01-01,r{n},1\n" for n in range(130))
    region = room.inspect(room.file("a.csv", "Date,Region,Revenue\n" + lines), {"key": []}).columns[1]
    assert (len(region.values), region.values[0], region.values[-1], region.distinct) == (100, "r0", "r99", 130)
    assert len(region.values) == inspecting._VALUES


def test_samples_are_distinct_short_and_as_written(room: Room) -> None:
    cells = ["1.50", "1.50", " 2 ", "3", "n/a", "4", "5", "6", "7"]
    text = "Date,Revenue,Note\n" + "".join(f'2025-01-0{n},"{c}",{"y" * 200}\n' for n, c in enumerate(cells, 1))
    found = room.inspect(room.file("a.csv", text), {"key": []})
    assert found.columns[1].samples == ("1.50", " 2 ", "3", "n/a", "4")
    assert [len(s) for s in found.columns[2].samples] == [80]


def test_a_question_lowers_the_confidence_of_its_column_only(room: Room) -> None:
    found = room.inspect(room.file("a.csv", "Date,Region,Revenue\n03/04/2025,a,1.5\n04/04/2025,b,2.5\n"))
    day, region, revenue = found.columns
    assert day.question == found.questions[0].text
    assert day.confidence <= 0.5 < revenue.confidence
    assert (region.question, revenue.question, found.is_ready) == (None, None, False)
    assert (found.first, found.mapping.columns["Date"].format) == (None, None)


def test_columns_are_new_only_to_a_dataset_that_has_some(room: Room) -> None:
    path = room.file("a.csv", "Date,Region,Revenue\n2025-01-01,a,1.5\n")
    known = Dataset("d", "D", columns=(Column("date", "Date", RoleOf.DATE, "date"),))
    assert [c.is_new for c in room.inspect(path, None, known).columns] == [False, True, True]
    assert [c.is_new for c in room.inspect(path, None, Dataset("d", "D")).columns] == [False] * 3
    assert [c.is_new for c in room.inspect(path).columns] == [False] * 3


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("Date;Region;Revenue\n13/04/2025;EMEA;1.234,50\n14/04/2025;APAC;2,5\n", {}),
        ("Report 2025\n\nDatum;Umsatz\n13.04.2025;5\n14.04.2025;6\nSumme;11\n", {}),
        ("sep=|\nDate|KPI|Value\n2025-01-31|NPS|41\n2025-02-28|NPS|40\n", {}),
        ("sku_id,name,price\nS1,Lamp,5\nS2,Chair,6\n", {}),
        ("Date,Amount,Amount\n2025-01-01,5,6\n2025-01-02,7,8\n", {"columns": {"Amount [C]": {"key": "net_amount"}}}),
        ("Date,Day\n45720,45720\n45721,45721\n", {"columns": {"Day": {"role": "measure"}}}),
        ("Week,Visits\n2025-W10,5\n2025-W11,6\n", {"mode": "append", "key": []}),
    ],
)
def test_e7_the_proposal_sent_back_as_json_reads_the_same_rows(room: Room, text: str, mapping: dict) -> None:
    """The round trip of a profile: inspect, remember as JSON, convert with what is remembered."""
    path = room.file("a.csv", text)
    found = room.inspect(path, mapping)
    again = mapping_from_json(found.mapping.to_json())
    assert again == found.mapping
    first, rows = room.convert(path, mapping)
    second, same = room.convert(path, again)
    assert same.equals(rows)
    assert (second.mapping, second.columns, second.accepted) == (first.mapping, first.columns, first.accepted)
    assert room.inspect(path, again).mapping == found.mapping


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=15)


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(names.filter(lambda n: not n.startswith(("sep=", "\ufeff")) and n.strip() and "[" not in n), max_size=5)
)
def test_e6_whatever_a_header_is_called_its_proposal_can_be_sent_back(
    tmp_path_factory: pytest.TempPathFactory, headers: list[str]
) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerows(
        [["Date", *headers], *([f"2025-01-{n:02d}", *["5"] * len(headers)] for n in (13, 14, 15))]
    )
    room = Room(tmp_path_factory.mktemp("h"))
    path = room.file("a.csv", out.getvalue())
    found = room.inspect(path, {"header_row": 1, "key": [], "delimiter": ","})
    again = room.inspect(path, mapping_from_json(found.mapping.to_json()))
    assert again.mapping == found.mapping
    assert [(c.header, c.key, c.role) for c in again.columns] == [(c.header, c.key, c.role) for c in found.columns]
    assert "mapping-column" not in codes(again)


def test_issues_are_capped_errors_of_the_file_first(room: Room) -> None:
    from dashapp.ingest.limits import FileLimits

    room.limits = FileLimits(issues=12)
    lines = "".join(f"2025-01-01,{'x' if n % 4 else n},EUR\n" for n in range(400))
    text = "Date,Revenue,Currency\n" + lines + "2025-01-01,5,USD\n"
    found = room.inspect(room.file("a.csv", text), {"key": [], "columns": {"Revenue": {"role": "measure"}}})
    assert len(found.issues) <= 12
    assert (found.issues[0].code, found.issues[0].row) == ("currency-mix", None)
    bad = [i for i in found.issues if i.code == "number-unreadable"]
    assert sum(i.count for i in bad) == found.counts["number-unreadable"] == 300
    assert bad[-1].message == f"{bad[-1].count:,} more rows like this in 'Revenue'."


def test_a_refusal_names_the_first_reason_and_how_many_more(room: Room) -> None:
    path = room.file("a.csv", "Date,Date,Cost;Net\n03/04/2025,1.5,5\n")
    with pytest.raises(Invalid, match=r"And \d+ more\.$") as refused:
        room.convert(path, {"columns": {"Nope": {"role": "measure"}}})
    assert "mapping-column" in {i.code for i in refused.value.issues}
    assert not (room.folder / "out.parquet").exists()
    assert issue(room.inspect(path), "header-duplicate").row is None
