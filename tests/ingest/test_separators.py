"""Which bytes mean which characters, and which character separates the fields."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.errors import Invalid
from dashapp.ingest import delimiter, encoding
from dashapp.ingest.limits import FileLimits
from tests.ingest.conftest import Room, codes

fields = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)


@settings(max_examples=60)
@given(
    st.lists(st.lists(fields, min_size=3, max_size=3), min_size=4, max_size=12), st.sampled_from(delimiter.CANDIDATES)
)
def test_e18_what_a_csv_writer_separated_is_found_again(rows: list[list[str]], separator: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([["Date", "Region", "Revenue"], *rows])
    lines = out.getvalue().splitlines(keepends=True)
    others = [c for c in delimiter.CANDIDATES if c != separator]
    if not any(c in line for c in others for line in lines):
        assert delimiter.decide(lines, 1_000) == separator


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a;b;c", "1,5;2,5;3,5", "1,5;2,5;3,5"], ";"),
        (["a,b", "1;2,3", "4,5"], ","),
        (["a\tb", "1,2\t3,4"], "\t"),
        (["a|b", "x, y|z", "x|z, y, w"], "|"),
        (["only", "one", "column"], ","),
        (["a,b;c", "1,2;3", "4,5;6"], ","),
        (["Report, 2025", "a;b;c", "1;2;3", "4;5;6"], ";"),
        (['"a,b";c', '"1,2";3', '"4,5";6'], ";"),
    ],
)
def test_e18_the_separator_with_the_steadiest_width_wins(lines: list[str], expected: str) -> None:
    assert delimiter.decide([f"{line}\n" for line in lines], 1_000) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sep=;\r\n", ";"),
        ("SEP=|", "|"),
        ("sep=\t\n", "\t"),
        ("sep=", None),
        ("sep=;;", None),
        ("separator=;", None),
        ("x", None),
    ],
)
def test_e18_a_sep_line_is_exactly_that(line: str, expected: str | None) -> None:
    assert delimiter.declared_in(line) == expected


def test_e18_a_declared_separator_wins_over_everything(room: Room) -> None:
    path = room.file("a.csv", "sep=;\nDate|Revenue\n2025-01-01|5\n")
    done, _ = room.convert(path, {"delimiter": "|"})
    assert (done.mapping.delimiter, done.accepted) == ("|", 1)


@pytest.mark.parametrize(("count", "is_refused"), [(9, False), (10, True)])
def test_e5_the_number_of_columns_is_limited_exactly(count: int, is_refused: bool) -> None:
    line = "a," * count + "a\n"
    if is_refused:
        with pytest.raises(Invalid, match="more than 10 columns"):
            delimiter.decide([line], 10)
    else:
        assert delimiter.decide([line], 10) == ","


@pytest.mark.parametrize(("length", "is_refused"), [(100, False), (101, True)])
def test_d14_the_length_of_a_line_is_limited_exactly(room: Room, length: int, is_refused: bool) -> None:
    room.limits = FileLimits(line=100)
    path = room.file("a.csv", f"Date,Note\n2025-01-01,{'x' * (length - 12)}\n")
    if is_refused:
        with pytest.raises(Invalid, match="Line 2 is longer than 100 characters"):
            room.inspect(path)
    else:
        assert room.inspect(path).rows == 1


@pytest.mark.parametrize(("rows", "is_refused"), [(3, False), (5, True)])
def test_d4_the_number_of_rows_of_a_text_is_limited(room: Room, rows: int, is_refused: bool) -> None:
    room.limits = FileLimits(rows=2)
    path = room.file("a.csv", "Date,Revenue\n" + "2025-01-01,5\n" * (rows - 1))
    if is_refused:
        with pytest.raises(Invalid, match="split it by period"):
            room.inspect(path)
    else:
        assert room.inspect(path).rows == rows - 1


BOMS = {"utf-8-sig": "utf-8-sig", "utf-16": "utf-16"}


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        (b"a,b", None, "utf-8"),
        ("ü".encode(), None, "utf-8"),
        ("ü".encode("utf-8-sig"), None, "utf-8-sig"),
        ("ü".encode("utf-16"), None, "utf-16"),
        ("ü".encode("utf-8-sig"), "utf-8", "utf-8-sig"),
        ("ü".encode("utf-8-sig"), "UTF_8", "utf-8-sig"),
        ("ü".encode("utf-16"), "utf-8", "utf-16"),
        (b"a,b", "utf-16-le", "utf-16-le"),
        ("ü".encode("utf-8-sig"), "cp1252", "cp1252"),
        ("ü".encode("cp1252"), "cp1252", "cp1252"),
        (b"", None, "utf-8"),
    ],
)
def test_e17_a_mark_speaks_before_a_guess_and_a_declaration_before_a_question(
    tmp_path: Path, data: bytes, declared: str | None, expected: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    assert encoding.decide(path, declared) == (expected, None)


@pytest.mark.parametrize("name", ["cp1252", "iso-8859-15", "cp1250", "cp1251", "mac-roman"])
def test_e17_every_choice_of_the_question_reads_what_it_wrote(room: Room, name: str) -> None:
    word = {"cp1251": "Выручка", "cp1250": "Złoty žlutý"}.get(name, "Müller é")
    path = room.file("a.csv", f"Date,Name\n2025-01-01,{word}\n", name)
    found = room.inspect(path)
    assert [q.code for q in found.questions] == ["encoding"]
    assert name in {c.value for c in found.questions[0].choices}
    done, table = room.convert(path, {"encoding": name})
    assert (table.column("name").to_pylist(), done.mapping.encoding) == ([word], name)


@pytest.mark.parametrize("at", [0, 70_000, (1 << 20) - 1, (1 << 20) + 5])
def test_e17_one_odd_byte_anywhere_makes_the_question(tmp_path: Path, at: int) -> None:
    data = bytearray(b"a,b\n" * 300_000)
    data[at] = 0xE9
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    assert encoding.decide(path, None)[1] is not None


def test_e17_a_character_across_two_blocks_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * ((1 << 20) - 1) + "é€😀".encode() * 3)
    assert encoding.decide(path, None) == ("utf-8", None)
    path.write_bytes("é".encode()[:1])
    assert encoding.decide(path, None)[1] is not None


@pytest.mark.parametrize("line", [1, 2, 40_000])
def test_e18_a_zero_byte_is_refused_with_its_line(tmp_path: Path, line: int) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"2025-01-01,5,some more text here\n" * (line - 1) + b"a\0b\n" + b"x\n" * 9)
    with pytest.raises(Invalid, match=f"Line {line} holds a zero byte"):
        encoding.decide(path, None)


@pytest.mark.parametrize("line", [2, 3, 700])
def test_e17_a_wrong_declaration_names_the_line_it_fails_in(room: Room, line: int) -> None:
    good = b"2025-01-01,fine\n"
    path = room.file("a.csv", b"Date,Name\n" + good * (line - 2) + b"2025-01-02,M\xfcller\n" + good * 50)
    with pytest.raises(Invalid, match=f"near line {line} are not utf-8"):
        room.inspect(path, {"encoding": "utf-8"})


def test_e18_quotes_keep_separators_breaks_and_quotes(room: Room) -> None:
    text = 'Date;Note;Revenue\n2025-01-01;"a;b ""c""\r\nd";5\n2025-01-02;"";6\n2025-01-03;";";7\n'
    done, table = room.convert(room.file("a.csv", text), {"key": []})
    assert table.column("note").to_pylist() == ['a;b "c"\r\nd', None, ";"]
    assert (table.column("_row").to_pylist(), codes(done)) == ([2, 3, 4], set())


def test_e18_a_quote_inside_a_field_is_a_character(room: Room) -> None:
    _, table = room.convert(room.file("a.csv", 'Date;Size;Revenue\n2025-01-01;5" pipe;5\n2025-01-02;6";6\n'))
    assert table.column("size").to_pylist() == ['5" pipe', '6"']
