"""Workbooks: both writers give the same typed cells, and nothing from data is alive in them."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from dashapp.reports import xlsx
from dashapp.reports.table import ArrowRows, Column, Figure, Table
from dashapp.reports.xlsx import bulk, formatted
from tests.reports.test_csv import PAYLOADS

Writer = Callable[..., bytes]
WRITERS = [pytest.param(formatted.write, id="xlsxwriter"), pytest.param(bulk.write, id="rustpy")]
LINKS = (
    "http://evil.example",
    "https://x.y",
    "mailto:a@b.c",
    "file:///etc/passwd",
    "internal:Notes!A1",
    "external:c:\\x.xlsx",
    "ftp://x",
)


def one(cells: list[Any], type: str = "text", **more: Any) -> Table:
    return Table("Data", (Column("Head", type, **more),), tuple((c,) for c in cells))  # type: ignore[arg-type]


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {n: archive.read(n).decode() for n in archive.namelist()}


def read(data: bytes, sheet: str = "Data") -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [[c.value for c in row] for row in book[sheet].iter_rows(min_row=2)]


def calamine(data: bytes, sheet: str = "Data") -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet).to_python()[1:]


@pytest.mark.parametrize("write", WRITERS)
def test_f1_no_formula_and_no_link_comes_from_data(write: Writer) -> None:
    texts = [*PAYLOADS, *LINKS]
    table = Table(
        "=1+1",
        tuple(Column(t, "text") for t in ("=HYPERLINK(1)", "http://x.y")),
        tuple((t, t) for t in texts),
        (("=1", "=2+2"), ("http://a.b", "https://c.d")),
    )
    data = write((table,))
    for name, content in parts(data).items():
        assert not re.search(r"<f[ >/]", content), name
        assert "<hyperlink" not in content.replace("<HyperlinksChanged", ""), name
        if name.endswith(".rels"):
            assert 'TargetMode="External"' not in content
    assert "_xludf" not in str(parts(data))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert all(c.data_type in ("s", "inlineStr") and c.hyperlink is None for row in sheet.iter_rows() for c in row)


@pytest.mark.parametrize("write", WRITERS)
def test_cells_keep_their_types(write: Writer) -> None:
    columns = (
        Column("Day", "date"),
        Column("At", "datetime"),
        Column("Money", "money", 2, "EUR"),
        Column("N", "integer"),
        Column("Share", "percent", 1),
        Column("Ok", "flag"),
        Column("Text"),
        Column("Code"),
    )
    row = (
        date(2026, 3, 1),
        datetime(2026, 3, 1, 8, 40, tzinfo=UTC),
        Decimal("1461756.2500"),
        7,
        0.125,
        True,
        "x",
        "00123",
    )
    data = write((Table("Data", columns, (row, (None,) * 8)),))
    assert read(data)[0] == [
        datetime(2026, 3, 1),
        datetime(2026, 3, 1, 8, 40),
        1461756.25,
        7,
        0.125,
        "yes",
        "x",
        "00123",
    ]
    assert calamine(data)[0] == [
        date(2026, 3, 1),
        datetime(2026, 3, 1, 8, 40),
        1461756.25,
        7,
        0.125,
        "yes",
        "x",
        "00123",
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Data"]
    assert [c.number_format for c in sheet[2]] == [
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm:ss",
        "#,##0.00",
        "#,##0",
        "0.0%",
        "General",
        "General",
        "General",
    ]
    assert [c.value for c in sheet[1]][:3] == ["Day", "At", "Money (EUR)"]
    assert all(c.value is None for c in sheet[3])


@pytest.mark.parametrize("write", WRITERS)
def test_f3_what_is_no_number_is_a_blank(write: Writer) -> None:
    cells = [1.0, float("nan"), float("inf"), float("-inf"), Decimal("NaN"), None, 2.0]
    assert [row[0] for row in read(write((one(cells, "number"),)))] == [1, None, None, None, None, None, 2]


@pytest.mark.parametrize("write", WRITERS)
def test_money_is_exact_to_the_cent_up_to_fifteen_digits_and_text_beyond(write: Writer) -> None:
    cells = [
        Decimal("9999999999999.99"),
        Decimal("-0.01"),
        Decimal("12345678901234.5678"),
        Decimal("0.1") + Decimal("0.2"),
    ]
    got = [row[0] for row in read(write((one(cells, "money", decimals=2),)))]
    assert got == [9999999999999.99, -0.01, "12345678901234.5678", 0.3]


@pytest.mark.parametrize("write", WRITERS)
def test_a_long_whole_number_keeps_every_digit_as_text(write: Writer) -> None:
    got = [row[0] for row in read(write((one([2**60, 10**14], "integer"),)))]
    assert got == ["1152921504606846976", 10**14]


@pytest.mark.parametrize("write", WRITERS)
def test_f2_control_characters_and_overlong_texts_are_replaced_and_cut_with_a_mark(write: Writer) -> None:
    cells = ["a\x00b\x0bc", "x" * 40_000, "😀" * 20_000, "\ud800", "two\r\nlines", "\x1b[31mred"]
    got = [row[0] for row in read(write((one(cells),)))]
    assert got[0] == "a\ufffdb\ufffdc"
    assert len(got[1]) == 32_767
    assert got[1].endswith(" … [cut]")
    assert len(got[2].encode("utf-16-le")) // 2 <= 32_767
    assert got[2].endswith("😀 … [cut]")
    assert got[3:] == ["\ufffd", "two\nlines", "\ufffd[31mred"]


@pytest.mark.parametrize("write", WRITERS)
def test_a_text_that_looks_like_an_escape_stays_itself(write: Writer) -> None:
    assert "_x005F_x0041_" in str(parts(write((one(["_x0041_"]),))))


@pytest.mark.parametrize("write", WRITERS)
def test_dates_before_1900_are_texts(write: Writer) -> None:
    got = read(write((one([date(1899, 12, 31), date(1900, 3, 1)], "date"),)))
    assert [row[0] for row in got] == ["1899-12-31", datetime(1900, 3, 1)]


@pytest.mark.parametrize("write", WRITERS)
def test_f2_a_table_longer_than_a_sheet_goes_on_in_the_next(write: Writer) -> None:
    data = write((one(list(range(25)), "integer"),), max_rows=11)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Data", "Data (2)", "Data (3)"]
    assert [[c.value for c in s["A"]] for s in book] == [
        ["Head", *range(10)],
        ["Head", *range(10, 20)],
        ["Head", *range(20, 25)],
    ]


@pytest.mark.parametrize("write", WRITERS)
def test_a_table_of_exactly_one_sheet_stays_on_it(write: Writer) -> None:
    assert openpyxl.load_workbook(io.BytesIO(write((one([1, 2, 3]),), max_rows=4))).sheetnames == ["Data"]


@pytest.mark.parametrize("write", WRITERS)
def test_heads_are_frozen_filtered_and_repeated_in_print(write: Writer) -> None:
    data = write((Table("R&D", (Column("A"), Column("B")), (("x", "y"), ("z", None)), (("As of", "now"),)),))
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["R&D"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToHeight == 0
    assert sheet["A1"].font.b
    assert "R&amp;&amp;D" in str(parts(data))
    assert [c.value for row in book["Notes"].iter_rows() for c in row][-2:] == ["As of", "now"]


@pytest.mark.parametrize("write", WRITERS)
def test_an_empty_table_still_has_its_head(write: Writer) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write((one([]),))))
    assert [c.value for c in book["Data"][1]] == ["Head"]


def test_both_writers_give_the_same_cells() -> None:
    rows = tuple(
        (date(2026, 1, 1 + i % 28), f"order {i}", Decimal(i) / 7, i if i % 3 else None, i * 0.1) for i in range(300)
    )
    columns = (
        Column("Day", "date"),
        Column("Order"),
        Column("Money", "money", 2),
        Column("N", "integer"),
        Column("X", "number"),
    )
    table = Table("Data", columns, rows, (("Figure", "Revenue"),))
    assert read(bulk.write((table,))) == read(formatted.write((table,)))
    assert calamine(bulk.write((table,))) == calamine(formatted.write((table,)))


@pytest.mark.parametrize("write", WRITERS)
def test_every_digit_of_a_number_arrives(write: Writer) -> None:
    cells = [1 / 7, 0.1 + 0.2, 2 / 3 * 1e-9, 1e300, -1234567.891]
    assert [row[0] for row in read(write((one(cells, "number"),)))] == cells


def test_equal_tables_give_equal_bytes() -> None:
    assert xlsx.write(one(["x"])) == xlsx.write(one(["x"]))


def test_many_rows_take_the_bulk_writer_and_its_absence_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    table = one(["text"] * xlsx.BULK_FROM)
    assert "xl/sharedStrings.xml" not in parts(xlsx.write(table))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "xl/sharedStrings.xml" in parts(xlsx.write(table))


@pytest.mark.parametrize("columns", [(Column("A"), Column("A")), (Column("A", "figure"), Column("B"))])
def test_what_the_bulk_writer_cannot_express_goes_to_the_other(columns: tuple[Column, ...]) -> None:
    table = Table(
        "Data", columns, ((Figure(1, "number", 0) if columns[0].type == "figure" else "x", "y"),) * xlsx.BULK_FROM
    )
    assert not bulk.can_write((table,))
    assert len(read(xlsx.write(table))) == xlsx.BULK_FROM


def test_figures_bring_the_format_of_their_unit() -> None:
    cells = [Figure(Decimal("12.50"), "currency", 2), Figure(0.123, "percent", 1), Figure(3, "number", 0), None]
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.write(one(cells, "figure"))))["Data"]
    assert [(c.value, c.number_format) for c in sheet["A"][1:4]] == [(12.5, "#,##0.00"), (0.123, "0.0%"), (3, "#,##0")]


def test_arrow_rows_are_walked_by_batch_and_more_than_once() -> None:
    import pyarrow as pa

    source = pa.table({"a": list(range(25)), "m": pa.array([Decimal("1.2500")] * 25, pa.decimal128(18, 4))})
    rows = ArrowRows(source, batch=10)
    assert len(rows) == 25
    assert list(rows) == list(rows)
    table = Table("Data", (Column("A", "integer"), Column("M", "money", 2)), rows)
    assert read(bulk.write((table,))) == [[i, 1.25] for i in range(25)] == read(formatted.write((table,)))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
@pytest.mark.parametrize("write", WRITERS)
def test_libreoffice_opens_the_workbook_and_reads_the_same(write: Writer, tmp_path: Path) -> None:
    source = tmp_path / "book.xlsx"
    columns = (Column("Day", "date"), Column("Text"), Column("Money", "money", 2))
    source.write_bytes(write((Table("Data", columns, ((date(2026, 3, 1), "=1+1", Decimal("1234.50")),)),)))
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "csv",
        "--outdir",
        str(tmp_path),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "book.csv").read_text().splitlines() == ["Day,Text,Money", "2026-03-01,=1+1,1234.5"]
