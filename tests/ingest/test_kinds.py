"""What a file is, by its first bytes: tables pass, everything else is named in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.core.errors import Invalid
from dashapp.ingest.kind import identify

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def stream(*names: str) -> bytes:
    return OLE + b"".join(n.encode("utf-16-le").ljust(128, b"\0") for n in names)


@pytest.fixture
def kind(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(content: bytes) -> str:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return identify(path)

    return of


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PK\x03\x04rest", "zip"),
        (b"PK\x05\x06" + bytes(18), "zip"),
        (stream("Workbook"), "xls"),
        (stream("Book"), "xls"),
        (b"\x09\x08\x10\x00\x00\x06\x10\x00", "xls"),
        (b"a,b\n1,2\n", "csv"),
        ("Überschrift;Wert\n".encode("cp1252"), "csv"),
        ("a\tb\n".encode("utf-16"), "csv"),
        ("\ufeffa,b\n".encode(), "csv"),
        (b"PKW,Preis\n", "csv"),
        (b"<5,>5\n1,2\n", "csv"),
        (b"BZ,Betrag\n", "csv"),
        (b"name\x1b[0m,b\n" * 9, "csv"),
    ],
)
def test_d8_tables_pass(kind, content: bytes, expected: str) -> None:  # type: ignore[no-untyped-def]
    assert kind(content) == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty (0 bytes)"),
        (b"\x89PNG\r\n\x1a\n", "PNG picture"),
        (b"\xff\xd8\xff\xe0", "JPEG picture"),
        (b"GIF89a", "GIF picture"),
        (b"%PDF-1.7", "PDF document"),
        (b"\x1f\x8b\x08", "gzip archive; unpack it first"),
        (b"7z\xbc\xaf\x27\x1c", "7z archive"),
        (b"Rar!\x1a\x07", "RAR archive"),
        (b"PAR1....PAR1", "Parquet file"),
        (b"SQLite format 3\0", "SQLite database"),
        (b"{\\rtf1", "RTF document"),
        (b"\x7fELF\x02", "a program"),
        (b"MZ\x90\x00", "a program"),
        (b"\x28\xb5\x2f\xfd", "Zstandard archive"),
        (b"BZh91AY", "bzip2 archive"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf\r\n  <HTML><body>", "web page"),
        (b"<table><tr><td>1</td></tr></table>", "web page"),
        (b'<?xml version="1.0"?><feed/>', "an XML file"),
        (
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="...:spreadsheet">',
            "Excel 2003 XML",
        ),
        (b'  [{"a": 1}]', "JSON file"),
        (b'{"a": 1}', "JSON file"),
        (bytes(range(1, 9)) * 100, "binary file"),
        (b"ab\0\0" * 500, "binary file"),
        (stream("WordDocument"), "Word document"),
        (stream("PowerPoint Document"), "PowerPoint file"),
        (stream("__properties_version1.0"), "Outlook message"),
        (stream("Root Entry"), "old Office file without a workbook"),
        (stream("EncryptionInfo", "EncryptedPackage"), "protected with a password"),
        (stream("Workbook", "EncryptedPackage"), "protected with a password"),
    ],
)
def test_d8_everything_else_is_named(kind, content: bytes, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Invalid) as refused:
        kind(content)
    assert words in refused.value.message
    assert refused.value.message.endswith(".")


@settings(max_examples=200)
@given(st.binary(min_size=1, max_size=400))
def test_d8_no_bytes_are_without_an_answer(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes"
    path.write_bytes(content)
    answer = _answer(path)
    assert answer in ("zip", "xls", "csv") or (answer.startswith("Th") and answer.endswith(".") and "\n" not in answer)


def _answer(path: Path) -> str:
    try:
        return identify(path)
    except Invalid as refused:
        return refused.message
