"""OpenDocument sheets written by hand: the rarer way into the same room."""

from __future__ import annotations

import zipfile
from pathlib import Path

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = " ".join(
    f'xmlns:{p}="{_OFFICE}{n}:1.0"' for p, n in (("office", "office"), ("table", "table"), ("text", "text"))
)
MIME = "application/vnd.oasis.opendocument.spreadsheet"


def text(value: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


def number(value: float) -> str:
    cell = f'<table:table-cell office:value-type="float" office:value="{value}">'
    return f"{cell}<text:p>{value}</text:p></table:table-cell>"


def day(iso: str) -> str:
    cell = f'<table:table-cell office:value-type="date" office:date-value="{iso}">'
    return f"{cell}<text:p>{iso}</text:p></table:table-cell>"


def table(name: str, *rows: list[str], style: str = "") -> str:
    body = "".join(f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in rows)
    return f'<table:table table:name="{name}"{style}>{body}</table:table>'


def content(*tables: str, before: str = "") -> str:
    hidden = (
        '<office:automatic-styles><style:style xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'style:name="hid" style:family="table"><style:table-properties table:display="false"/></style:style>'
        "</office:automatic-styles>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {_SPACES}>{hidden}'
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )


def pack(path: Path, body: str | None, *, mime: str = MIME, manifest: str = "<manifest/>") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), mime)
        archive.writestr("META-INF/manifest.xml", manifest)
        if body is not None:
            archive.writestr("content.xml", body)
    return path


def sales(name: str = "Sales", count: int = 3, style: str = "") -> str:
    rows = [[day(f"2025-01-{n:02d}"), text(f"r{n}"), number(n + 0.5)] for n in range(1, count + 1)]
    return table(name, [text("Date"), text("Region"), text("Revenue")], *rows, style=style)
