"""What a file is, by its content. The name's ending only serves to say that it misleads."""

from __future__ import annotations

from pathlib import Path

from dashapp.core.errors import Invalid

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
_NAMED = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
)
_WANTED = "Upload an Excel workbook (xlsx, xlsm, xlsb, xls), an ODS sheet or a CSV file."


def identify(path: Path) -> str:
    """`zip` for what may be an xlsx, xlsm, xlsb or ods, `xls` or `csv`. Raises Invalid with one sentence that names
    what the file is instead."""
    with path.open("rb") as file:
        head = file.read(65536)
    if not head:
        raise Invalid("The file is empty (0 bytes).")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith(_OLE):
        return _ole(path)
    if head.startswith(_BIFF):
        return "xls"
    for magic, name in _NAMED:
        if head.startswith(magic):
            raise Invalid(f"This is {name}, not a table. {_WANTED}")
    return _text(head)


def _ole(path: Path) -> str:
    data = path.read_bytes().lower()

    def has(name: str) -> bool:
        return name.lower().encode("utf-16-le") in data

    if has("EncryptedPackage") or has("EncryptionInfo"):
        raise Invalid("The workbook is protected with a password: save a copy without password and upload that.")
    if has("Workbook") or has("Book"):
        return "xls"
    other = next(
        (
            w
            for s, w in (
                ("WordDocument", "a Word document"),
                ("PowerPoint Document", "a PowerPoint file"),
                ("__properties_version1.0", "an Outlook message"),
            )
            if has(s)
        ),
        "an old Office file without a workbook in it",
    )
    raise Invalid(f"This is {other}, not a table. {_WANTED}")


def _text(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body")) or b"<html" in start:
        raise Invalid("This is a web page (HTML), whatever its name says: open it in Excel and save it as xlsx.")
    if start.startswith(b"<?xml") or start.startswith(b"<workbook"):
        word = (
            "an Excel 2003 XML sheet: open it in Excel and save it as xlsx"
            if b"spreadsheet" in head.lower()
            else "an XML file, not a table"
        )
        raise Invalid(f"This is {word}.")
    if start[:1] in (b"{", b"["):
        raise Invalid(f"This is a JSON file, not a table. {_WANTED}")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    controls = sum(head.count(bytes([b])) for b in (*range(1, 9), *range(14, 32)) if b != 27)
    if controls > len(head) // 50 or head.count(b"\0") > len(head) // 20:
        raise Invalid(f"This is a binary file of a kind that is not a table. {_WANTED}")
    return "csv"
