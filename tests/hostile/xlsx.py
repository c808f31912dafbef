"""Workbooks written part by part, so that every lie a file can tell can be told."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    "</Types>"
)
_RELS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


def workbook_xml(sheets: list[tuple[str, str]], extra: str = "") -> str:
    inner = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"{s}/>' for i, (n, s) in enumerate(sheets, 1))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><workbook {MAIN} '
        f'xmlns:r="{_DOC}">{extra}<sheets>{inner}</sheets></workbook>'
    )


def rels_xml(count: int, shared: bool) -> str:
    inner = "".join(
        f'<Relationship Id="rId{i}" Type="{_DOC}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, count + 1)
    )
    if shared:
        inner += f'<Relationship Id="rId99" Type="{_DOC}/sharedStrings" Target="sharedStrings.xml"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def sheet_xml(rows: str, *, before: str = "", after: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet '
        f'{MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
    )


def text(ref: str, value: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(ref: str, value: object) -> str:
    return f'<c r="{ref}"><v>{value}</v></c>'


def row(index: int, *cells: str) -> str:
    return f'<row r="{index}">{"".join(cells)}</row>'


def table_rows(count: int = 3) -> str:
    """`Date | Revenue` with ISO dates as text."""
    out = row(1, text("A1", "Date"), text("B1", "Revenue"))
    return out + "".join(
        row(i, text(f"A{i}", f"2025-01-{i - 1:02d}"), number(f"B{i}", 10.5 * i)) for i in range(2, count + 2)
    )


def parts(sheet: str, *, shared: str | None = None, extra: str = "", state: str = "") -> dict[str, bytes]:
    out = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS,
        "xl/workbook.xml": workbook_xml([("Sheet1", state)], extra),
        "xl/_rels/workbook.xml.rels": rels_xml(1, shared is not None),
        "xl/worksheets/sheet1.xml": sheet,
    }
    if shared is not None:
        out["xl/sharedStrings.xml"] = shared
    return {k: v.encode() for k, v in out.items()}


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def corners(path: Path) -> Path:
    """Two values, one in each corner of the sheet: 17 thousand million cells for a parser that allocates the
    rectangle.
    """
    return pack(path, parts(sheet_xml(row(1, number("A1", 1)) + row(1_048_576, number("XFD1048576", 1)))))


def far_row(path: Path) -> Path:
    return pack(path, parts(sheet_xml(row(1, text("A1", "Date")) + row(4_294_967_295, number("A4294967295", 1)))))


def far_column(path: Path) -> Path:
    return pack(path, parts(sheet_xml(row(1, text("A1", "Date"), number("ZZZZZZ1", 1)) + row(2, number("A2", 1)))))


def lying_strings(path: Path) -> Path:
    shared = f'<?xml version="1.0"?><sst {MAIN} count="4294967295" uniqueCount="4294967295"><si><t>Date</t></si></sst>'
    return pack(path, parts(sheet_xml(row(1, '<c r="A1" t="s"><v>0</v></c>') + row(2, number("A2", 1))), shared=shared))


def missing_string(path: Path) -> Path:
    shared = f'<?xml version="1.0"?><sst {MAIN} count="1" uniqueCount="1"><si><t>Date</t></si></sst>'
    return pack(
        path, parts(sheet_xml(row(1, '<c r="A1" t="s"><v>99</v></c>') + row(2, number("A2", 1))), shared=shared)
    )


def whole_merge(path: Path) -> Path:
    return pack(
        path,
        parts(sheet_xml(table_rows(), after='<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    )


def whitespace_bomb(path: Path, size: int) -> Path:
    """A part of `size` blanks between elements."""
    body = sheet_xml(table_rows()).replace("<sheetData>", "<sheetData>" + " " * size)
    return pack(path, parts(body))


def string_bomb(path: Path, size: int) -> Path:
    shared = f'<?xml version="1.0"?><sst {MAIN} count="1" uniqueCount="1"><si><t>{"a" * size}</t></si></sst>'
    return pack(path, parts(sheet_xml(row(1, '<c r="A1" t="s"><v>0</v></c>')), shared=shared))


def many_entries(path: Path, count: int) -> Path:
    files = parts(sheet_xml(table_rows()))
    return pack(path, files | {f"junk/{i}": b"" for i in range(count)})


def with_dtd(path: Path, entry: str = "xl/worksheets/sheet1.xml", dtd: str = '<!DOCTYPE x [<!ENTITY a "b">]>') -> Path:
    files = parts(sheet_xml(table_rows()))
    head, _, rest = files[entry].decode().partition("?>")
    return pack(path, files | {entry: f"{head}?>{dtd}{rest}".encode()})


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{i} "{f"&lol{i - 1 if i > 1 else str()};" * 10}">' for i in range(1, 10))
    + "]>"
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'


def utf16(path: Path) -> Path:
    files = parts(sheet_xml(table_rows()))
    return pack(path, files | {"xl/worksheets/sheet1.xml": files["xl/worksheets/sheet1.xml"].decode().encode("utf-16")})


def lying_sizes(path: Path) -> Path:
    """The central directory says that the sheet is 100 bytes shorter than it is."""
    pack(path, parts(sheet_xml(table_rows())))
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    size = struct.unpack_from("<I", data, at + 24)[0]
    struct.pack_into("<I", data, at + 24, size - 100)
    path.write_bytes(bytes(data))
    return path


def overlapping(path: Path) -> Path:
    """Two directory entries that point at the same bytes."""
    pack(path, parts(sheet_xml(table_rows())))
    data = bytearray(path.read_bytes())
    last = data.rfind(b"PK\x01\x02")
    before = data.rfind(b"PK\x01\x02", 0, last)
    data[last + 42 : last + 46] = data[before + 42 : before + 46]
    path.write_bytes(bytes(data))
    return path


def duplicate(path: Path) -> Path:
    import warnings

    pack(path, parts(sheet_xml(table_rows())))
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet/>")
    return path


def escaping(path: Path) -> Path:
    return pack(path, parts(sheet_xml(table_rows())) | {"../../etc/cron.d/x": b"x"})


def symlink(path: Path) -> Path:
    pack(path, parts(sheet_xml(table_rows())))
    link = zipfile.ZipInfo("xl/media/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    return path


def encrypted_entry(path: Path) -> Path:
    pack(path, parts(sheet_xml(table_rows())))
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    return path


def protected(path: Path) -> Path:
    """The outer shape of a workbook with a password: an OLE file with the two streams, named in UTF-16."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
    names = b"".join(
        n.encode("utf-16-le").ljust(128, b"\0") for n in ("Root Entry", "EncryptionInfo", "EncryptedPackage")
    )
    path.write_bytes(head + names + b"\0" * 1024)
    return path


def word_document(path: Path) -> Path:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
    path.write_bytes(head + "WordDocument".encode("utf-16-le").ljust(512, b"\0"))
    return path


def uncached(path: Path) -> Path:
    """Formulas as a program writes them that cannot calculate: no value, an empty value, and a calculated empty
    text.
    """
    rows = row(1, text("A1", "Date"), text("B1", "Revenue"), text("C1", "Note"))
    rows += row(2, text("A2", "2025-01-01"), '<c r="B2"><f>1+1</f></c>', text("C2", "a"))
    rows += row(3, text("A3", "2025-01-02"), '<c r="B3"><f>1+1</f><v></v></c>', text("C3", "b"))
    rows += row(
        4, text("A4", "2025-01-03"), '<c r="B4"><f>1+1</f><v>2</v></c>', '<c r="C4" t="str"><f>""</f><v></v></c>'
    )
    rows += row(5, text("A5", "2025-01-04"), number("B5", 7), text("C5", "d"))
    return pack(path, parts(sheet_xml(rows)))


def date_1904(path: Path, *, serials: bool = False) -> Path:
    """The Macintosh date system: serial 0 is 1 January 1904."""
    rows = row(1, text("A1", "Date"), text("B1", "Revenue"))
    style = "" if serials else ' s="1"'
    rows += "".join(row(i, f'<c r="A{i}"{style}><v>{44_258 + i}</v></c>', number(f"B{i}", i)) for i in range(2, 5))
    files = parts(sheet_xml(rows), extra='<workbookPr date1904="1"/>')
    styles = (
        f'<?xml version="1.0"?><styleSheet {MAIN}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" '
        f'applyNumberFormat="1"/></cellXfs></styleSheet>'
    )
    rels = (
        files["xl/_rels/workbook.xml.rels"]
        .decode()
        .replace(
            "</Relationships>", f'<Relationship Id="rId98" Type="{_DOC}/styles" Target="styles.xml"/></Relationships>'
        )
    )
    return pack(path, files | {"xl/styles.xml": styles.encode(), "xl/_rels/workbook.xml.rels": rels.encode()})


def two_sheets(path: Path, state: str) -> Path:
    """A visible table and a sheet in `state` (`hidden`, `veryHidden`)."""
    files = parts(sheet_xml(table_rows()))
    files["xl/workbook.xml"] = workbook_xml([("Open", ""), ("Secret", f' state="{state}"')]).encode()
    files["xl/_rels/workbook.xml.rels"] = rels_xml(2, False).encode()
    files["xl/worksheets/sheet2.xml"] = sheet_xml(table_rows(9)).encode()
    return pack(path, files)


def with_macros(path: Path) -> Path:
    return pack(
        path,
        parts(sheet_xml(table_rows()))
        | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0", "xl/externalLinks/externalLink1.xml": b"<externalLink/>"},
    )


def with_macro_sheet(path: Path) -> Path:
    """A table beside a macro sheet of Excel 4."""
    files = parts(sheet_xml(table_rows()))
    files["xl/workbook.xml"] = workbook_xml([("Open", ""), ("Macro1", "")]).encode()
    rels = rels_xml(2, False).replace(f'{_DOC}/worksheet" Target="worksheets/sheet2.xml"',
                                      'http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet" '
                                      'Target="macrosheets/sheet1.xml"')
    files["xl/_rels/workbook.xml.rels"] = rels.encode()
    files["xl/macrosheets/sheet1.xml"] = sheet_xml("").encode()
    return pack(path, files)
