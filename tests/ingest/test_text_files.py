"""Delimited text: encodings, separators, quotes and ragged lines."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from dashapp.core.errors import Invalid
from dashapp.ingest.charset import choices
from dashapp.ingest.model import Inspection
from tests.ingest.conftest import Room

TEXT = "Date;Café;Revenue\n2025-01-01;Müller €;1,5\n2025-01-02;Straße;2,5\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_e17_a_mark_or_clean_utf8_decides_the_encoding(room: Room, encoding: str) -> None:
    done, table = room.convert(room.file("a.csv", TEXT, encoding))
    assert table.column("cafe").to_pylist() == ["Müller €", "Straße"]
    assert done.columns[0].header == "Date"


@pytest.mark.parametrize(("encoding", "word"), [("cp1252", "Müller €"), ("iso-8859-15", "Müller €")])
def test_e17_other_bytes_are_shown_and_asked(room: Room, encoding: str, word: str) -> None:
    path = room.file("a.csv", TEXT, encoding)
    found = room.inspect(path)
    assert found.questions[0].code == "encoding"
    assert {"cp1252", "iso-8859-15"} <= {c.value for c in found.questions[0].choices}
    assert found.mapping.encoding is None
    assert "Müller" in found.preview[1][2]
    with pytest.raises(Invalid, match="not UTF-8"):
        room.convert(path, found.mapping)
    _, table = room.convert(path, {"encoding": encoding})
    assert table.column("cafe").to_pylist()[0] == word


def test_e17_bytes_that_do_not_fit_the_declared_encoding_are_refused_with_the_line(room: Room) -> None:
    path = room.file("a.csv", b"Date,Name\n2025-01-01,ok\n2025-01-02,M\xfcller\n")
    with pytest.raises(Invalid, match="line 3"):
        room.convert(path, {"encoding": "utf-8"})


def test_e17_an_unknown_encoding_is_refused(room: Room) -> None:
    for name in ("klingon", "zip", "base64"):
        with pytest.raises(Invalid, match="encoding"):
            room.convert(room.file("a.csv", TEXT), {"encoding": name})


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_e18_separators_and_line_ends_are_detected(room: Room, sep: str, end: str) -> None:
    lines = [
        sep.join(row)
        for row in (["Date", "Region", "Revenue"], ["2025-01-01", "EMEA", "5"], ["2025-01-02", "APAC", "6"])
    ]
    done, rows = room.csv(end.join(lines) + end)
    assert done.mapping.delimiter == sep
    assert rows == [
        {"date": date(2025, 1, 1), "region": "EMEA", "revenue": Decimal(5)},
        {"date": date(2025, 1, 2), "region": "APAC", "revenue": Decimal(6)},
    ]


def test_e18_mixed_line_ends_are_fine(room: Room) -> None:
    done, _ = room.csv("Date,Revenue\r\n2025-01-01,5\n2025-01-02,6\r2025-01-03,7")
    assert done.accepted == 3


def test_e18_a_sep_line_is_obeyed_and_keeps_row_numbers(room: Room) -> None:
    done, table = room.convert(room.file("a.csv", "sep=;\nDate;Revenue\n2025-01-01;1,5\n2025-01-02;2,5\n"))
    assert done.mapping.delimiter == ";"
    assert table.column("_row").to_pylist() == [3, 4]
    assert table.column("revenue").to_pylist() == [Decimal("1.5"), Decimal("2.5")]


def test_e18_a_decimal_comma_beside_a_semicolon_is_no_separator(room: Room) -> None:
    done, rows = room.csv("Date;Revenue;Cost\n2025-01-01;1,5;0,5\n2025-01-02;2,5;0,75\n")
    assert [c.key for c in done.columns] == ["date", "revenue", "cost"]
    assert rows[1]["cost"] == Decimal("0.75")


def test_e18_a_zero_byte_is_refused(room: Room) -> None:
    with pytest.raises(Invalid, match="zero byte"):
        room.convert(room.file("a.csv", "Date,Name\n2025-01-01,a\0b\n"))


def test_e16_ragged_lines_are_set_aside_with_their_line(room: Room) -> None:
    done, rows = room.csv(
        "Date,Region,Revenue\n2025-01-01,EMEA,5\n2025-01-02,6\n2025-01-03,EMEA,x,7\n2025-01-04,APAC,8\n"
    )
    assert [r["revenue"] for r in rows] == [Decimal(5), Decimal(8)]
    bad = [i for i in done.issues if i.code == "ragged-row"]
    assert [(i.row, "line 3" in i.message or "line 4" in i.message) for i in bad] == [(3, True), (4, True)]


def test_e16_a_trailing_separator_shifts_nothing(room: Room) -> None:
    done, _ = room.csv("Date,Revenue\n2025-01-01,5,\n2025-01-02,6,,\n")
    assert (done.accepted, done.quarantined) == (2, 0)


def test_quoted_separators_and_line_breaks_stay_in_their_field(room: Room) -> None:
    done, table = room.convert(room.file("a.csv", 'Date,Name,Revenue\n2025-01-01,"a, ""b""\nc",5\n2025-01-02,d,x\n'))
    assert table.column("name").to_pylist()[0] == 'a, "b"\nc'
    assert next(i for i in done.issues if i.code == "number-unreadable").row == 3


def test_a_text_after_a_closing_quote_is_refused_with_its_line(room: Room) -> None:
    with pytest.raises(Invalid, match="line 3"):
        room.csv('Date,Name\n2025-01-01,x\n2025-01-02,"a"b\n')


def test_blank_lines_are_skipped_and_keep_row_numbers(room: Room) -> None:
    _, table = room.convert(room.file("a.csv", "Date,Revenue\n\n2025-01-01,5\n\n2025-01-02,6\n"))
    assert table.column("_row").to_pylist() == [3, 5]


def test_a_single_column_is_a_table_too(room: Room) -> None:
    found = room.inspect(room.file("a.csv", "sku_id\nA1\nA2\n"))
    assert (found.mapping.kind, found.mapping.key) == ("reference", ("sku_id",))


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n"])
def test_a_delimiter_is_one_character(room: Room, delimiter: str) -> None:
    path = room.file("a.csv", TEXT)
    if delimiter == "":
        return  # an empty one means: detect
    with pytest.raises(Invalid, match="delimiter"):
        room.inspect(path, {"delimiter": delimiter})


def test_headers_in_other_alphabets_get_a_key_by_letter(room: Room) -> None:
    found = room.inspect(room.file("a.csv", "日期,Выручка,Umsätze %\n2025-01-01,5,3\n2025-01-02,6,4\n"))
    assert [c.key for c in found.columns] == ["column_a", "column_b", "umsatze_pct"]
    assert found.columns[0].role.value == "date"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Größe;1.234,50 €;Süd\nCafé;crème;Œuvre"),
        ("iso-8859-15", "Größe;1.234,50 €;Süd\nCafé;crème;œuvre"),
        ("cp1250", "Łódź;Kraków\nŚwiętokrzyskie;Żółw"),
        ("cp1251", "Дата;Выручка\n01.01.2026;Москва"),
        ("mac-roman", "Größe;München\nSüd;Köln"),
    ],
)
def test_e17_the_likeliest_reading_is_offered_first_with_the_texts_of_the_file(
    room: Room, encoding: str, text: str
) -> None:
    path = room.file("a.csv", f"Date;Name\n2025-01-01;5\n{text}\n", encoding)
    found = choices(path)
    assert found[0].value == encoding
    assert found[0].label.startswith(re.split("[;\n]", text)[0])
    for choice in found:
        assert isinstance(path.read_bytes().decode(choice.value), str), "a choice that cannot read the file is none"
    assert room.inspect(path).encodings == found


def test_e17_what_cannot_read_every_byte_is_not_offered_and_unprintable_characters_show(room: Room) -> None:
    offered = {c.value: c.label for c in choices(room.file("a.csv", b"Date;Name\n2025-01-01;M\x9fnchen \x8f\n"))}
    assert set(offered) == {"iso-8859-15", "mac-roman", "cp1250", "cp1251"}, "Windows-1252 has no 8F"
    assert offered["iso-8859-15"].startswith("M\ufffdnchen \ufffd")


def test_e17_the_choice_stays_open_after_it_was_made_and_is_none_where_the_file_says_itself(room: Room) -> None:
    path = room.file("a.csv", TEXT, "cp1252")
    open_, chosen = room.inspect(path), room.inspect(path, {"encoding": "cp1250"})
    assert (open_.encoding, chosen.encoding, chosen.questions) == ("cp1252", "cp1250", ())
    assert chosen.encodings == open_.encodings
    assert Inspection.from_json(chosen.to_json()) == chosen
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        said = room.inspect(room.file("b.csv", TEXT, encoding))
        assert (said.encodings, said.encoding) == ((), said.mapping.encoding)
        assert room.inspect(room.file("b.csv", TEXT, encoding), said.mapping).encodings == ()
