"""The files of section D of the acceptance list by their rows: workbooks built by code, and plain bytes."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.hostile import xlsx

BUILT: dict[str, Callable[[Path], Path]] = {
    "d1 corner": xlsx.corners, "d2 row": xlsx.far_row, "d2 column": xlsx.far_column, "d2 lie": xlsx.lying_strings,
    "d2 missing": xlsx.missing_string, "d3 merge": xlsx.whole_merge,
    "d4 blanks": lambda p: xlsx.whitespace_bomb(p, 512 << 20), "d4 string": lambda p: xlsx.string_bomb(p, 256 << 20),
    "d4 entries": lambda p: xlsx.many_entries(p, 20_000), "d5 dtd": xlsx.with_dtd,
    "d5 laughs": lambda p: xlsx.with_dtd(p, dtd=xlsx.LAUGHS),
    "d5 external": lambda p: xlsx.with_dtd(p, dtd=xlsx.EXTERNAL),
    "d5 utf16": xlsx.utf16, "d6 sizes": xlsx.lying_sizes, "d6 overlap": xlsx.overlapping, "d6 twice": xlsx.duplicate,
    "d6 escape": xlsx.escaping, "d6 link": xlsx.symlink, "d6 encrypted": xlsx.encrypted_entry,
    "d7 password": xlsx.protected, "d8 word": xlsx.word_document,
}
WRITTEN: dict[str, bytes] = {
    "d8 page": b"<html><body><table><tr><td>1</td></tr></table></body></html>",
    "d8 picture": b"\x89PNG\r\n\x1a\n" + bytes(100), "d8 empty": b"", "d8 pdf": b"%PDF-1.7 ...", "d8 json": b'{"a": 1}',
    "d8 xml": b'<?xml version="1.0"?><x/>', "d8 binary": bytes(range(256)) * 20, "d8 blanks": b"  \n \n",
    "d13 headers": (",".join("a" for _ in range(200_000)) + "\n1,2\n").encode(),
    "d14 quotes": b"a,b\n1,2\n" + b'"' * 16_385, "d14 line": b"a,b\n" + b"x" * (20 << 20),
    "d14 open": b'Date,Name\n2025-01-01,"open\n' + b"2025-01-03,x\n" * 20_000,
    "d18 zero": b"Date,Revenue\n2025-01-01,5\x00\n", "d5 columns": b",".join([b"c"] * 1001) + b"\n",
}
