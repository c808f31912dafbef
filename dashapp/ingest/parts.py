"""The parts of a zip-based workbook: what kind it is, its sheets in order, their visibility, its date system."""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from dashapp.core.errors import Invalid
from dashapp.ingest.archive import read_part, stream

_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REL_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


@dataclass(frozen=True, slots=True)
class Part:
    """One worksheet: its name, whether it is hidden, and the archive entry that holds it."""

    name: str
    hidden: bool
    entry: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What the workbook part says."""

    kind: str
    sheets: tuple[Part, ...]
    is_1904: bool = False
    has_macros: bool = False
    has_links: bool = False


def kind_of(archive: zipfile.ZipFile) -> str:
    """xlsx, xlsm, xlsb or ods. Raises Invalid naming what else the archive is."""
    names = set(archive.namelist())
    if "mimetype" in names:
        mime = read_part(archive, "mimetype", 1024)
        if b"opendocument.spreadsheet" in mime:
            return "ods"
        raise Invalid("This is an OpenDocument file, but not a spreadsheet.")
    if any(n.startswith("xl/") and n.endswith("workbook.bin") for n in names):
        return "xlsb"
    if any(n.startswith("xl/") for n in names) or ("[Content_Types].xml" in names and _workbook_entry(archive)):
        return "xlsm" if any(n.endswith("vbaProject.bin") for n in names) else "xlsx"
    for prefix, word in (
        ("word/", "a Word document"),
        ("ppt/", "a PowerPoint file"),
        ("Index/", "an Apple Numbers or Pages file; export it as xlsx"),
    ):
        if any(n.startswith(prefix) for n in names):
            raise Invalid(f"This is {word}, not a workbook.")
    raise Invalid("This is a zip archive, not a workbook: unpack it and upload the table inside.")


def _xml(data: bytes) -> ET.Element:
    try:
        return ET.fromstring(data)  # noqa: S314 - a DTD was refused when the part was read
    except ET.ParseError:
        raise Invalid("The workbook's description of its sheets is damaged.") from None


def _workbook_entry(archive: zipfile.ZipFile) -> str | None:
    if "_rels/.rels" not in archive.namelist():
        return next((n for n in archive.namelist() if n.lower() == "xl/workbook.xml"), None)
    for rel in _xml(read_part(archive, "_rels/.rels")):
        if str(rel.get("Type", "")).endswith("/officeDocument"):
            return str(rel.get("Target", "")).replace("\\", "/").lstrip("/")
    return None


def read_parts(archive: zipfile.ZipFile, kind: str) -> Parts:
    """Sheets and settings of an xlsx or xlsm. Raises Invalid for a workbook without worksheets."""
    names = {n.lower(): n for n in archive.namelist()}
    entry = names.get((_workbook_entry(archive) or "xl/workbook.xml").lower())
    if entry is None:
        raise Invalid("The workbook has no list of its sheets: it is damaged.")
    root = _xml(read_part(archive, entry))
    targets = _targets(archive, names, entry)
    sheets = tuple(_sheets(root, targets, names))
    if not sheets:
        raise Invalid("The workbook has no worksheet.")
    is_1904 = any(_local(e) == "workbookPr" and e.get("date1904") in ("1", "true", "on") for e in root)
    _check_shared(archive, names)
    return Parts(
        kind,
        sheets,
        is_1904,
        any(n.endswith("vbaproject.bin") for n in names),
        any("externallinks/" in n for n in names),
    )


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _targets(archive: zipfile.ZipFile, names: dict[str, str], entry: str) -> dict[str, str]:
    folder, _, leaf = entry.rpartition("/")
    rels = names.get(f"{folder}/_rels/{leaf}.rels".lstrip("/").lower())
    if rels is None:
        return {}
    out = {}
    for rel in _xml(read_part(archive, rels)):
        if str(rel.get("Type", "")).endswith("/worksheet"):
            target = str(rel.get("Target", "")).replace("\\", "/")
            full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            out[str(rel.get("Id"))] = full
    return out


def _sheets(root: ET.Element, targets: dict[str, str], names: dict[str, str]) -> list[Part]:
    out = []
    for group in root:
        for sheet in group if _local(group) == "sheets" else ():
            entry = targets.get(str(sheet.get(_REL) or sheet.get(_REL_STRICT)), "")
            if entry.lower() in names:
                hidden = sheet.get("state") in ("hidden", "veryHidden")
                out.append(Part(str(sheet.get("name", "")), hidden, names[entry.lower()]))
    return out


def _check_shared(archive: zipfile.ZipFile, names: dict[str, str]) -> None:
    """The parser reserves memory for as many texts as the part says it holds; a lie there aborts it."""
    entry = next((v for k, v in names.items() if k.endswith("sharedstrings.xml")), None)
    if entry is None:
        return
    size, carry = archive.getinfo(entry).file_size, b""
    for number, chunk in enumerate(stream(archive, entry)):
        if number == 0:
            _refuse_head(chunk[:4])
            if _declared_texts(chunk) > size:
                raise Invalid("The workbook declares more texts than it can hold: it is damaged or built to harm.")
        if b"<!" in carry + chunk and re.search(rb"<!(?:DOCTYPE|ENTITY)", carry + chunk):
            raise Invalid("The workbook's XML declares a DTD, which no workbook needs: it is built to harm.")
        carry = chunk[-16:]


def _declared_texts(chunk: bytes) -> int:
    """How many texts the part says it holds, wherever before the first of them it says so. Cells that use them may be
    more than there are texts, so `count` speaks only where `uniqueCount` is not said."""
    head = re.split(rb"<(?:\w+:)?si\b", chunk, maxsplit=1)[0]
    said = [
        re.findall(rb"\b" + name + rb"\s*=\s*[\"']\s*\+?0*(\d{1,19})", head) for name in (b"uniqueCount", b"count")
    ]
    return max((int(n) for n in said[0] or said[1]), default=0)


def _refuse_head(head: bytes) -> None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        raise Invalid("The workbook's XML is not UTF-8, so a DTD could hide in it; save it anew with Excel.")
