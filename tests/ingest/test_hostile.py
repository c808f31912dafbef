"""Files that were built to harm, or are broken: refused with one sentence, in no time, by looking before parsing."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dashapp.core.errors import Invalid, TooLarge
from dashapp.ingest.archive import stream
from dashapp.ingest.limits import FileLimits
from tests.hostile import xlsx
from tests.ingest.conftest import Room


def refused(room: Room, path: Path, *words: str) -> str:
    with pytest.raises(Invalid) as caught:
        room.inspect(path)
    message = caught.value.message
    assert message.endswith((".", "!")), message
    assert "\n" not in message
    for word in words:
        assert word.lower() in message.lower(), message
    return message


def test_d1_corner_workbook_is_refused(room: Room, tmp_path: Path) -> None:
    path = xlsx.corners(tmp_path / "corner.xlsx")
    assert path.stat().st_size < 4096
    refused(room, path, "too large")


def test_d2_a_row_beyond_excel_is_refused(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.far_row(tmp_path / "a.xlsx"), "too large")


def test_d2_a_column_beyond_excel_is_refused(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.far_column(tmp_path / "a.xlsx"), "too large")


def test_d2_a_lie_about_the_number_of_texts_is_refused(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.lying_strings(tmp_path / "a.xlsx"), "more texts")


def test_d2_a_shared_string_out_of_range_is_refused(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.missing_string(tmp_path / "a.xlsx"))


def test_a_formatted_but_empty_corner_is_no_reason_to_refuse(room: Room, tmp_path: Path) -> None:
    rows = xlsx.table_rows() + xlsx.row(1_048_576, '<c r="XFD1048576" s="0"/>')
    path = xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(xlsx.sheet_xml(rows, before='<dimension ref="A1:XFD1048576"/>')))
    assert room.inspect(path).rows == 3


def test_d3_whole_sheet_merge_is_refused(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.whole_merge(tmp_path / "a.xlsx"), "merge")


def test_d4_a_part_of_blanks_is_refused_by_its_ratio(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.whitespace_bomb(tmp_path / "a.xlsx", 16 << 20), "times its size")


@pytest.mark.long
def test_d4_a_gibibyte_of_blanks_is_refused(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.whitespace_bomb(tmp_path / "a.xlsx", 1 << 30), "")


def test_d4_an_endless_shared_string_is_refused(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.string_bomb(tmp_path / "a.xlsx", 16 << 20), "times its size")


def test_d4_too_many_entries_are_refused_without_listing_them(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.many_entries(tmp_path / "a.xlsx", 2_100), "entries")


def test_d4_a_hundred_million_cells_are_refused(room: Room, tmp_path: Path) -> None:
    rows = xlsx.row(1, xlsx.text("A1", "Date")) + xlsx.row(900_000, xlsx.number("DV900000", 1))
    refused(room, xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(xlsx.sheet_xml(rows))), "too large")


@pytest.mark.parametrize("entry", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("dtd", [xlsx.LAUGHS, xlsx.EXTERNAL, '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'])
def test_d5_a_dtd_is_refused(room: Room, tmp_path: Path, entry: str, dtd: str) -> None:
    refused(room, xlsx.with_dtd(tmp_path / "a.xlsx", entry, dtd), "DTD")


def test_d5_utf16_xml_is_refused(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.utf16(tmp_path / "a.xlsx"), "DTD")


@pytest.mark.parametrize(
    "make", [xlsx.lying_sizes, xlsx.overlapping, xlsx.duplicate, xlsx.escaping, xlsx.symlink, xlsx.encrypted_entry]
)
def test_d6_a_dishonest_archive_is_refused(room: Room, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    assert any(word in refused(room, make(tmp_path / "a.xlsx")) for word in ("archive", "damaged"))


def test_d7_a_password_is_named(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.protected(tmp_path / "a.xlsx"), "protected", "save a copy without password")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xls", b"<html><body><table><tr><td>1</td></tr></table></body></html>", "web page"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG picture"),
        ("a.xlsx", b"", "0 bytes"),
        ("a.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("a.csv", gzip.compress(b"a,b\n1,2\n", mtime=0), "gzip"),
        ("a.csv", b'{"a": 1}', "JSON"),
        ("a.xml", b'<?xml version="1.0"?><x/>', "XML"),
        (
            "a.xls",
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "Excel 2003 XML",
        ),
        ("a.csv", bytes(range(256)) * 20, "binary"),
        ("a.csv", b"  \n \n", "no"),
    ],
)
def test_d8_other_content_is_named(room: Room, name: str, content: bytes, words: str) -> None:
    refused(room, room.file(name, content), words)


def test_d8_a_word_document_is_named(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.word_document(tmp_path / "a.xls"), "Word document")


def test_d8_a_truncated_workbook_is_refused(room: Room, tmp_path: Path) -> None:
    whole = xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(xlsx.sheet_xml(xlsx.table_rows()))).read_bytes()
    refused(room, room.file("b.xlsx", whole[: len(whole) // 2]), "damaged or cut off")


def test_d8_a_zip_of_other_things_is_named(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.pack(tmp_path / "a.xlsx", {"readme.txt": b"hello"}), "zip archive")


def test_d8_an_xlsx_named_xls_is_read_with_a_notice(room: Room, tmp_path: Path) -> None:
    found = room.inspect(xlsx.pack(tmp_path / "a.xls", xlsx.parts(xlsx.sheet_xml(xlsx.table_rows()))))
    assert (found.file_kind, found.rows) == ("xlsx", 3)
    assert "file-misnamed" in {i.code for i in found.issues}


def test_d8_a_csv_named_xlsx_is_read_with_a_notice(room: Room) -> None:
    found = room.inspect(room.file("a.xlsx", "Date,Revenue\n2025-01-01,5\n"))
    assert (found.file_kind, found.rows) == ("csv", 1)
    assert "file-misnamed" in {i.code for i in found.issues}


def test_d9_macros_and_links_are_told_and_only_values_read(room: Room, tmp_path: Path) -> None:
    found = room.inspect(xlsx.with_macros(tmp_path / "a.xlsm"))
    assert (found.file_kind, found.rows) == ("xlsm", 3)
    assert {"file-macros", "file-links"} <= {i.code for i in found.issues}


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_d9_hidden_sheets_are_listed_but_not_read(room: Room, tmp_path: Path, state: str) -> None:
    path = xlsx.two_sheets(tmp_path / "a.xlsx", state)
    found = room.inspect(path)
    assert [(s.name, s.hidden) for s in found.sheets] == [("Open", False), ("Secret", True)]
    assert found.mapping.sheet == "Open"
    assert "sheet-hidden" in {i.code for i in found.issues}
    with pytest.raises(Invalid, match="hidden"):
        room.inspect(path, {"sheet": "Secret"})


def test_d11_a_file_over_the_limit_is_too_large(room: Room) -> None:
    room.limits = FileLimits(max_bytes=1000)
    with pytest.raises(TooLarge):
        room.inspect(room.file("a.csv", "a,b\n" * 1000))


def test_d13_two_hundred_thousand_equal_headers_are_refused(room: Room) -> None:
    refused(room, room.file("a.csv", ",".join("a" for _ in range(200_000)) + "\n1,2\n"), "columns")


def test_d14_a_quote_storm_is_refused_with_its_line(room: Room) -> None:
    refused(room, room.file("a.csv", "a,b\n1,2\n" + '"' * 16_385), "line 3")


def test_d14_an_endless_line_is_refused_with_its_number(room: Room) -> None:
    refused(room, room.file("a.csv", "a,b\n" + "x" * (1 << 21)), "line 2", "longer")


def test_d14_an_unclosed_quote_is_refused_with_its_line(room: Room) -> None:
    text = (
        "Date,Name\n"
        + "".join(f"2025-01-01,n{i}\n" for i in range(50))
        + '2025-01-02,"open\n'
        + "2025-01-03,x\n" * 20_000
    )
    refused(room, room.file("a.csv", text), "line 52")


def test_e5_one_column_too_many_is_refused(room: Room) -> None:
    head = ",".join(f"c{i}" for i in range(1_001))
    refused(room, room.file("a.csv", f"{head}\n{','.join('1' * 1001)}\n"), "columns")


def test_e5_a_thousand_and_one_columns_of_a_workbook_are_refused(room: Room, sheet: Callable[..., Path]) -> None:
    refused(room, sheet([[f"h{i}" for i in range(1_001)], list(range(1_001))]), "1,001 columns")


@pytest.mark.long
def test_d4_two_hundred_thousand_entries_are_refused_by_their_count(room: Room, tmp_path: Path) -> None:
    refused(room, xlsx.many_entries(tmp_path / "a.xlsx", 200_000), "entries")


def test_d4_a_large_part_unpacked_ahead_is_still_counted_and_found_damaged(tmp_path: Path) -> None:
    """The next piece is unpacked while one is looked at; what comes out is the same bytes, or the same refusal."""
    content = bytes(range(256)) * (9 << 12)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as made:
        made.writestr("big", content)
    with zipfile.ZipFile(path) as archive:
        assert b"".join(stream(archive, "big")) == content
    raw = bytearray(path.read_bytes())
    raw[len(content) // 2] ^= 1  # in the middle of the data, so that only the checksum at the end can tell
    path.write_bytes(raw)
    with zipfile.ZipFile(path) as archive, pytest.raises(Invalid, match="damaged"):
        list(stream(archive, "big"))
