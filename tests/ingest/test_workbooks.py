"""Archives, their parts and their sheets: what is a workbook, which sheet is read, and what is refused before."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from dashapp.core.errors import Invalid
from dashapp.ingest.archive import open_archive, read_part, stream
from dashapp.ingest.limits import STANDARD, FileLimits
from dashapp.ingest.parts import kind_of, read_parts
from tests.hostile import ods, xlsx
from tests.ingest.conftest import Room, codes, issue

BODY = xlsx.sheet_xml(xlsx.table_rows())


def archive_of(path: Path, files: dict[str, bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(xlsx.pack(path, files))


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"xl/workbook.xml": b"<x/>"}, "xlsx"),
        ({"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b""}, "xlsm"),
        ({"xl/workbook.bin": b"", "xl/worksheets/sheet1.bin": b""}, "xlsb"),
        ({"mimetype": ods.MIME.encode(), "content.xml": b"<x/>"}, "ods"),
    ],
)
def test_d8_a_workbook_is_known_by_its_parts(tmp_path: Path, files: dict[str, bytes], kind: str) -> None:
    with archive_of(tmp_path / "a", files) as archive:
        assert kind_of(archive) == kind


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"word/document.xml": b""}, "a Word document"),
        ({"ppt/presentation.xml": b""}, "a PowerPoint file"),
        ({"Index/Document.iwa": b""}, "export it as xlsx"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "not a spreadsheet"),
        ({"readme.txt": b"", "data.csv": b"a,b"}, "zip archive, not a workbook"),
        ({"[Content_Types].xml": b"<x/>"}, "zip archive, not a workbook"),
    ],
)
def test_d8_another_archive_is_named(tmp_path: Path, files: dict[str, bytes], words: str) -> None:
    with archive_of(tmp_path / "a", files) as archive, pytest.raises(Invalid, match=words):
        kind_of(archive)


@pytest.mark.parametrize("flag", ["1", "true", "on"])
@pytest.mark.parametrize(
    "target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "./worksheets/../worksheets/SHEET1.xml"]
)
def test_e10_parts_tell_sheets_their_entries_and_the_date_system(tmp_path: Path, flag: str, target: str) -> None:
    files = xlsx.parts(BODY, extra=f'<workbookPr date1904="{flag}"/>')
    rels = files["xl/_rels/workbook.xml.rels"].decode().replace("worksheets/sheet1.xml", target)
    with archive_of(tmp_path / "a", files | {"xl/_rels/workbook.xml.rels": rels.encode()}) as archive:
        parts = read_parts(archive, "xlsx")
    assert [(p.name, p.hidden, p.entry) for p in parts.sheets] == [("Sheet1", False, "xl/worksheets/sheet1.xml")]
    assert (parts.is_1904, parts.has_macros, parts.has_links) == (True, False, False)


@pytest.mark.parametrize("extra", ["", '<workbookPr date1904="0"/>', '<workbookPr date1904="false"/>', "<workbookPr/>"])
def test_e10_without_the_flag_days_count_from_1900(tmp_path: Path, extra: str) -> None:
    with archive_of(tmp_path / "a", xlsx.parts(BODY, extra=extra)) as archive:
        assert read_parts(archive, "xlsx").is_1904 is False


def test_d9_a_strict_workbook_is_read_like_any_other(room: Room, tmp_path: Path) -> None:
    files = {k: v.replace(b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                          b"http://purl.oclc.org/ooxml/officeDocument/relationships")
             for k, v in xlsx.parts(BODY).items()}  # fmt: skip
    with archive_of(tmp_path / "a", files) as archive:
        assert [p.name for p in read_parts(archive, "xlsx").sheets] == ["Sheet1"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"xl/workbook.xml": None}, "no list of its sheets"),
        ({"xl/workbook.xml": b"<workbook"}, "damaged"),
        ({"xl/workbook.xml": b"<workbook><sheets/></workbook>"}, "no worksheet"),
        ({"xl/_rels/workbook.xml.rels": None}, "no worksheet"),
        ({"xl/worksheets/sheet1.xml": None}, "no worksheet"),
    ],
)
def test_d8_a_workbook_with_a_part_missing_is_damaged(
    room: Room, tmp_path: Path, change: dict[str, bytes | None], words: str
) -> None:
    files = {k: v for k, v in (xlsx.parts(BODY) | change).items() if v is not None}
    with pytest.raises(Invalid, match=words):
        room.inspect(xlsx.pack(tmp_path / "a.xlsx", files))


def _strings(head: str) -> bytes:
    return f'<?xml version="1.0"?>{head}<si><t>Date</t></si></sst>'.encode()


@pytest.mark.parametrize(
    "head",
    [
        f'<sst {xlsx.MAIN} count="1" uniqueCount="4294967295">',
        f'<sst {xlsx.MAIN} uniqueCount="4294967295" count="1">',
        f'<sst {xlsx.MAIN} uniqueCount="4294967295">',
        f'<sst {xlsx.MAIN} count="4294967295">',
        f"<sst {xlsx.MAIN} count='1' uniqueCount = '99999999999999999999999'>",
        f'<sst {xlsx.MAIN} uniqueCount="00000000000000000000004294967295" count="1">',
        f'{" " * 5_000}<sst {xlsx.MAIN} count="1" uniqueCount="4294967295">',
    ],
)
def test_d2_a_lie_about_the_number_of_texts_is_seen_wherever_it_stands(room: Room, tmp_path: Path, head: str) -> None:
    files = xlsx.parts(BODY, shared="") | {"xl/sharedStrings.xml": _strings(head)}
    with pytest.raises(Invalid, match="declares more texts"):
        room.inspect(xlsx.pack(tmp_path / "a.xlsx", files))


@pytest.mark.parametrize("head", ['<sst {} count="900000" uniqueCount="1">', '<sst {} uniqueCount="1" count="900000">'])
def test_d2_texts_that_are_used_often_are_no_lie(room: Room, tmp_path: Path, head: str) -> None:
    files = xlsx.parts(BODY, shared="") | {"xl/sharedStrings.xml": _strings(head.format(xlsx.MAIN))}
    assert room.inspect(xlsx.pack(tmp_path / "a.xlsx", files)).rows == 3


def test_d5_a_dtd_behind_the_first_megabytes_of_texts_is_found(room: Room, tmp_path: Path) -> None:
    shared = f'<sst {xlsx.MAIN} count="1" uniqueCount="1"><si><t>{"ab12" * 3_000_000}</t></si><!DOCTYPE x></sst>'
    limits = FileLimits(ratio=100_000)
    room.limits = limits
    with pytest.raises(Invalid, match="DTD"):
        room.inspect(xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(BODY, shared=shared)))


@pytest.mark.parametrize(
    ("name", "is_refused"),
    [("xl/media/a.png", False), ("../a", True), ("xl/../../a", True), ("/etc/passwd", True), ("..\\a", True),
     ("\\a", True), ("C:\\a", True), ("xl/a..b", False), ("xl/...", False)],
)  # fmt: skip
def test_d6_a_path_that_leaves_its_folder_is_refused(tmp_path: Path, name: str, is_refused: bool) -> None:
    path = xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(BODY) | {name: b"x"})
    if is_refused:
        with pytest.raises(Invalid, match="leaves its folder"):
            open_archive(path, STANDARD)
    else:
        open_archive(path, STANDARD).close()


def test_d6_two_entries_that_differ_in_case_only_are_one_entry_twice(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="twice"):
        open_archive(xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(BODY) | {"XL/Workbook.XML": b"x"}), STANDARD)


@pytest.mark.parametrize(("mode", "is_refused"), [(stat.S_IFLNK, True), (stat.S_IFREG, False)])
def test_d6_only_a_symbolic_link_is_one(tmp_path: Path, mode: int, is_refused: bool) -> None:
    path = xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(BODY))
    entry = zipfile.ZipInfo("xl/media/x")
    entry.external_attr = (mode | 0o644) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    if is_refused:
        with pytest.raises(Invalid, match="symbolic link"):
            open_archive(path, STANDARD)
    else:
        open_archive(path, STANDARD).close()


@pytest.mark.parametrize(("count", "is_refused"), [(5, False), (4, True)])
def test_d4_the_number_of_entries_is_limited_exactly(tmp_path: Path, count: int, is_refused: bool) -> None:
    path = xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(BODY))  # five of them
    if is_refused:
        with pytest.raises(Invalid, match="more than 4 entries"):
            open_archive(path, FileLimits(entries=count))
    else:
        open_archive(path, FileLimits(entries=count)).close()


@pytest.mark.parametrize(("entries", "words"), [(2_000, "damaged or cut off"), (2_001, "more than 2,000 entries")])
def test_d4_the_size_of_a_zip64_directory_tells_its_entries(tmp_path: Path, entries: int, words: str) -> None:
    """Its own count may lie; 46 bytes is the least an entry takes, and listing a million would take seconds."""
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 5, 5, 46 * entries, 0, 0)
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"PK\x06\x07" + bytes(16) + end)
    with pytest.raises(Invalid, match=words):
        open_archive(path, STANDARD)


def test_d4_many_parts_that_are_each_allowed_are_not_allowed_together(tmp_path: Path) -> None:
    files = xlsx.parts(BODY) | {f"xl/{n}": b"a" * 1000 for n in range(20)}
    total = sum(map(len, files.values()))
    open_archive(xlsx.pack(tmp_path / "a.xlsx", files), FileLimits(unpacked=total)).close()
    with pytest.raises(Invalid, match="unpacks to more"):
        open_archive(tmp_path / "a.xlsx", FileLimits(unpacked=total - 1))


def test_a_part_is_read_whole_or_refused_in_words(tmp_path: Path) -> None:
    with archive_of(
        tmp_path / "a.zip", {"small": b"12345", "dtd": b"<x/><!ENTITY a>", "wide": "<x/>".encode("utf-16")}
    ) as archive:
        assert read_part(archive, "small", 5) == b"12345"
        for name, limit, words in (
            ("small", 4, "too large"), ("none", 9, "no part 'none'"), ("dtd", 99, "DTD"), ("wide", 99, "not UTF-8"),
        ):  # fmt: skip
            with pytest.raises(Invalid, match=words):
                read_part(archive, name, limit)


def test_d6_a_part_that_is_longer_than_it_says_is_refused_by_counting(tmp_path: Path) -> None:
    path = xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(BODY))
    archive = zipfile.ZipFile(path)
    archive.getinfo("xl/worksheets/sheet1.xml").file_size -= 1
    with archive, pytest.raises(Invalid, match="damaged"):
        list(stream(archive, "xl/worksheets/sheet1.xml"))


def test_d8_an_open_document_sheet_is_read_like_a_workbook(room: Room, tmp_path: Path) -> None:
    path = ods.pack(tmp_path / "a.ods", ods.content(ods.sales()))
    done, table = room.convert(path)
    assert (done.file_kind, done.mapping.sheet, done.sheets) == ("ods", "Sales", ("Sales",))
    assert [str(d) for d in table.column("date").to_pylist()] == ["2025-01-01", "2025-01-02", "2025-01-03"]
    assert [float(v) for v in table.column("revenue").to_pylist()] == [1.5, 2.5, 3.5]
    assert table.column("_row").to_pylist() == [2, 3, 4]


def test_d9_hidden_sheets_of_an_open_document_are_listed_not_read(room: Room, tmp_path: Path) -> None:
    hidden = ods.sales("Secret", 9, style=' table:style-name="hid"')
    path = ods.pack(tmp_path / "a.ods", ods.content(ods.sales("Open"), hidden))
    found = room.inspect(path)
    assert [(s.name, s.hidden) for s in found.sheets] == [("Open", False), ("Secret", True)]
    assert (found.mapping.sheet, found.rows) == ("Open", 3)
    assert "Secret" in issue(found, "sheet-hidden").message
    with pytest.raises(Invalid, match="hidden"):
        room.inspect(path, {"sheet": "Secret"})


def test_e12_texts_of_an_open_document_are_told_from_numbers(room: Room, tmp_path: Path) -> None:
    rows = [[ods.day("2025-01-01"), ods.text("1.234")], [ods.day("2025-01-02"), ods.number(2.345)]]
    path = ods.pack(tmp_path / "a.ods", ods.content(ods.table("S", [ods.text("Date"), ods.text("Revenue")], *rows)))
    assert [q.code for q in room.inspect(path).questions] == ["number-style"]
    mapping = {"columns": {"Revenue": {"number": {"decimal": ",", "thousands": "."}}}}
    _, table = room.convert(path, mapping)
    assert [float(v) for v in table.column("revenue").to_pylist()] == [1234.0, 2.345]


@pytest.mark.parametrize(
    ("body", "manifest", "words"),
    [
        (None, "<manifest/>", "no content"),
        ("<x", "<manifest/>", "cannot be read"),
        (ods.content(ods.sales()), "<manifest><encryption-data/></manifest>", "protected with a password"),
        (ods.content(ods.sales(), before="<!DOCTYPE x>"), "<manifest/>", "DTD"),
        (ods.content(ods.sales()), "<!DOCTYPE x><manifest/>", "DTD"),
    ],
)
def test_d5_a_harmful_open_document_is_refused_in_words(
    room: Room, tmp_path: Path, body: str | None, manifest: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        room.inspect(ods.pack(tmp_path / "a.ods", body, manifest=manifest))


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        ("a.xlsx", False),
        ("A.XLSX", False),
        ("a", False),
        ("a.dat", False),
        ("a.xls", True),
        ("a.csv", True),
        ("a.htm", True),
    ],
)
def test_d8_a_misleading_name_is_told(room: Room, tmp_path: Path, name: str, is_told: bool) -> None:
    found = room.inspect(xlsx.pack(tmp_path / name, xlsx.parts(BODY)))
    assert ("file-misnamed" in codes(found)) == is_told


@pytest.mark.parametrize(
    ("name", "is_told"), [("a.csv", False), ("a.tsv", False), ("a.txt", False), ("a", False), ("a.ods", True)]
)
def test_d8_a_text_may_be_called_many_things(room: Room, name: str, is_told: bool) -> None:
    found = room.inspect(room.file(name, "Date,Revenue\n2025-01-01,5\n"))
    assert ("file-misnamed" in codes(found)) == is_told


def test_d9_a_workbook_of_hidden_sheets_only_is_refused_in_words(room: Room, tmp_path: Path) -> None:
    files = xlsx.parts(BODY, state=' state="hidden"')
    with pytest.raises(Invalid, match="All sheets of the workbook are hidden"):
        room.inspect(xlsx.pack(tmp_path / "a.xlsx", files))


def test_e19_a_workbook_of_empty_sheets_says_so(room: Room, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no data rows"):
        room.inspect(xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(xlsx.sheet_xml(""))))


def test_d9_a_workbook_with_macro_sheets_of_old_says_what_to_do(room: Room, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="macro sheets of Excel 4, which are never opened; save a copy without them"):
        room.inspect(xlsx.with_macro_sheet(tmp_path / "a.xlsm"))
