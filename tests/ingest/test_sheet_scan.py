"""The pass over a sheet's XML: its bounds, its merges, its empty formulas, its text cells - whoever wrote the file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from dashapp.core.errors import Invalid
from dashapp.ingest import archive as archives
from dashapp.ingest.limits import STANDARD, FileLimits
from dashapp.ingest.sheetscan import Scan, scan, text_cells
from tests.hostile import xlsx
from tests.ingest.conftest import Room, codes, issue

ENTRY = "xl/worksheets/sheet1.xml"


@pytest.fixture
def scanned(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(body: str, limits: FileLimits = STANDARD) -> Scan:
        with zipfile.ZipFile(xlsx.pack(tmp_path / "s.xlsx", {ENTRY: body.encode()})) as archive:
            return scan(archive, ENTRY, limits)

    return of


@pytest.fixture
def texts(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(body: str, *columns: int) -> dict[int, frozenset[int]]:
        with zipfile.ZipFile(xlsx.pack(tmp_path / "t.xlsx", {ENTRY: body.encode()})) as archive:
            return text_cells(archive, ENTRY, columns)

    return of


def prefixed(body: str) -> str:
    """The same sheet with every element in a namespace prefix, as some exporters write it."""
    for name in ("worksheet", "sheetData", "row", "c", "f", "v", "is", "t", "mergeCells", "mergeCell"):
        for opening in (f"<{name} ", f"<{name}>", f"<{name}/"):
            body = body.replace(opening, opening.replace("<", "<x:"))
        body = body.replace(f"</{name}>", f"</x:{name}>")
    return body.replace("xmlns=", "xmlns:x=")


SHEET = xlsx.sheet_xml(
    xlsx.row(2, xlsx.text("B2", "Date"), xlsx.text("AA2", "Revenue"))
    + xlsx.row(3, '<c r="B3"><f>1+1</f></c>', xlsx.number("AA3", 1))
    + xlsx.row(40, '<c r="AA40"><f>2</f><v></v></c>'),
    after='<mergeCells count="2"><mergeCell ref="B1:C1"/><mergeCell ref="Z9:AA10"/></mergeCells>',
)


@pytest.mark.parametrize("body", [SHEET, prefixed(SHEET), SHEET.replace('"', "'")], ids=["plain", "prefix", "quotes"])
def test_a_scan_finds_bounds_merges_and_formulas_without_a_value(scanned, body: str) -> None:  # type: ignore[no-untyped-def]
    found = scanned(body)
    assert (found.rows, found.columns) == (40, 27)
    assert found.uncached == [(2, 1), (39, 26)]
    assert found.merges == [(0, 1, 0, 2), (8, 25, 9, 26)]


@pytest.mark.parametrize("chunk", [64, 97, 400])
def test_a_scan_in_small_pieces_is_the_same_scan(  # type: ignore[no-untyped-def]
    scanned, texts, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    body = xlsx.sheet_xml(
        "".join(
            xlsx.row(n, xlsx.text(f"A{n}", "x"), f'<c r="B{n}"><f>1</f></c>', xlsx.number(f"C{n}", n))
            for n in range(1, 60)
        ),
        after='<mergeCells count="1"><mergeCell ref="A70:B71"/></mergeCells>',
    )
    whole, whole_texts = scanned(body), texts(body, 0, 1, 2)
    monkeypatch.setattr(archives, "_CHUNK", chunk)
    assert scanned(body) == whole
    assert texts(body, 0, 1, 2) == whole_texts
    assert (whole.rows, len(whole.uncached), whole.merges) == (59, 59, [(69, 0, 70, 1)])
    assert whole_texts == {0: frozenset(range(59)), 1: frozenset(), 2: frozenset()}


@pytest.mark.parametrize(
    ("rows", "columns", "limit", "is_refused"),
    [(10, 30, 300, False), (10, 30, 299, True), (1_048_576, 26, 1 << 40, False), (2, 16_384, 1 << 40, False)],
)
def test_d4_the_area_of_the_values_is_what_counts(  # type: ignore[no-untyped-def]
    scanned, rows: int, columns: int, limit: int, is_refused: bool
) -> None:
    from dashapp.ingest.address import letters

    last = letters(columns - 1)
    body = xlsx.sheet_xml(xlsx.row(1, xlsx.number("A1", 1)) + xlsx.row(rows, xlsx.number(f"{last}{rows}", 1)))
    if is_refused:
        with pytest.raises(Invalid, match=f"{rows:,} rows x {columns:,} columns"):
            scanned(body, FileLimits(cells=limit))
    else:
        assert scanned(body, FileLimits(cells=limit)).rows == rows


def test_d4_a_table_far_from_the_corner_counts_by_its_own_size(scanned) -> None:  # type: ignore[no-untyped-def]
    body = xlsx.sheet_xml(
        xlsx.row(900_001, xlsx.number("ZZ900001", 1)) + xlsx.row(900_002, xlsx.number("AAA900002", 1))
    )
    assert scanned(body, FileLimits(cells=100)).columns == 703


@pytest.mark.parametrize("ref", ["XFE1", "ZZZZ1", "A1048577", "A99999999999", "AAAAAAAAAA1"])
def test_d2_cells_outside_of_excel_are_refused(scanned, ref: str) -> None:  # type: ignore[no-untyped-def]
    row = "".join(c for c in ref if c.isdigit())
    with pytest.raises(Invalid, match="outside of what Excel can address"):
        scanned(xlsx.sheet_xml(xlsx.row(1, xlsx.number("A1", 1)) + xlsx.row(int(row), xlsx.number(ref, 1))))


@pytest.mark.parametrize(("ref", "is_refused"), [("A1:Z38461", False), ("A1:Z38462", True), ("A1:XFD1048576", True)])
def test_d3_a_merge_of_more_than_a_million_cells_is_refused(scanned, ref: str, is_refused: bool) -> None:  # type: ignore[no-untyped-def]
    body = xlsx.sheet_xml(xlsx.table_rows(), after=f'<mergeCells count="1"><mergeCell ref="{ref}"/></mergeCells>')
    if is_refused:
        with pytest.raises(Invalid, match="unmerge"):
            scanned(body)
    else:
        assert len(scanned(body).merges) == 1


TEXTS = (
    '<c r="A1" t="s"><v>0</v></c>',
    '<c r="A1" s="3" t="inlineStr"><is><t>x</t></is></c>',
    '<c t="str" r="A1"><v>x</v></c>',
    "<c r='A1' t='s'><v>0</v></c>",
    '<c  r="A1"  t="s"><v>0</v></c>',
)
OTHERS = ('<c r="A1"><v>1</v></c>', '<c r="A1" t="n"><v>1</v></c>', '<c r="A1" t="b"><v>1</v></c>', '<c t="e" r="A1"/>')


@pytest.mark.parametrize("cell", TEXTS)
def test_e12_a_text_cell_is_known_as_text_in_any_spelling(texts, cell: str) -> None:  # type: ignore[no-untyped-def]
    assert texts(xlsx.sheet_xml(xlsx.row(1, cell)), 0) == {0: frozenset({0})}


@pytest.mark.parametrize("cell", OTHERS)
def test_e12_other_cells_are_no_texts(texts, cell: str) -> None:  # type: ignore[no-untyped-def]
    assert texts(xlsx.sheet_xml(xlsx.row(1, cell)), 0) == {0: frozenset()}


def test_e12_one_sheet_may_mix_the_spellings(texts) -> None:  # type: ignore[no-untyped-def]
    body = xlsx.sheet_xml(
        "".join(
            xlsx.row(n, cell.replace("A1", f"A{n}"), xlsx.text(f"B{n}", "x"))
            for n, cell in enumerate((*TEXTS, *OTHERS), 1)
        )
    )
    assert texts(body, 0, 1) == {0: frozenset(range(5)), 1: frozenset(range(9))}


def test_e12_only_the_asked_columns_are_told_apart(texts) -> None:  # type: ignore[no-untyped-def]
    body = xlsx.sheet_xml(xlsx.row(1, xlsx.text("A1", "x"), xlsx.text("AA1", "x"), xlsx.text("B1", "x")))
    assert texts(body, 0, 26) == {0: frozenset({0}), 26: frozenset({0})}


def test_e12_a_text_behind_other_cells_is_still_asked_about(room: Room, tmp_path: Path) -> None:
    """The order of attributes is the writer's; an ambiguous text must not pass as a number because of it."""
    rows = xlsx.row(1, xlsx.text("A1", "Date"), xlsx.text("B1", "Revenue"))
    rows += xlsx.row(2, xlsx.text("A2", "2025-01-01"), '<c t="str" r="B2"><v>1.234</v></c>')
    rows += xlsx.row(3, xlsx.text("A3", "2025-01-02"), xlsx.number("B3", "2.5"))
    found = room.inspect(xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(xlsx.sheet_xml(rows))))
    assert [(q.code, q.column) for q in found.questions] == [("number-style", "Revenue")]


def test_e4_addresses_hold_in_a_prefixed_sheet_that_starts_further_in(room: Room, tmp_path: Path) -> None:
    rows = xlsx.row(4, xlsx.text("D4", "Date"), xlsx.text("E4", "Revenue"))
    rows += "".join(xlsx.row(n, xlsx.text(f"D{n}", f"2025-01-{n:02d}"), xlsx.number(f"E{n}", n)) for n in range(5, 12))
    rows += xlsx.row(12, xlsx.text("D12", "2025-01-12"), '<c r="E12"><f>1/1</f></c>')
    done, table = room.convert(xlsx.pack(tmp_path / "a.xlsx", xlsx.parts(prefixed(xlsx.sheet_xml(rows)))))
    assert (table.column("_row").to_pylist(), codes(done)) == ([5, 6, 7, 8, 9, 10, 11], {"cell-error"})
    assert (issue(done, "cell-error").cell, done.mapping.header_row) == ("E12", 4)
