"""Workbooks to grids: fastexcel in text mode, with the cells that text mode would turn into blanks put back as
errors.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashapp.core.errors import Invalid
from dashapp.ingest import sheetscan
from dashapp.ingest.archive import open_archive, read_part, refuse_dtd, stream
from dashapp.ingest.engine import warming
from dashapp.ingest.grid import Grid
from dashapp.ingest.limits import FileLimits, Progress
from dashapp.ingest.model import SheetInfo
from dashapp.ingest.parts import Parts, kind_of, read_parts

UNCACHED = "a formula that was never calculated"
_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_PASSWORD = "The workbook is protected with a password: save a copy without password and upload that."


def _unheard(_share: float, _rows: int | None) -> None:
    """Nobody waits for this workbook."""


@dataclass(slots=True)
class Workbook:
    """An open workbook. `sheet` reads one of its visible sheets."""

    path: Path
    kind: str
    limits: FileLimits
    sheets: tuple[SheetInfo, ...]
    archive: zipfile.ZipFile | None = None
    parts: Parts | None = None
    weights: tuple[int, ...] = ()
    progress: Progress = _unheard

    def sheet(self, name: str) -> Grid:
        """Read one sheet. Raises Invalid for a sheet that is not there, hidden, too large or damaged."""
        info = next((s for s in self.sheets if s.name == name), None)
        if info is None:
            raise Invalid(
                f"The workbook has no sheet {name[:60]!r}. It has: {', '.join(s.name[:40] for s in self.sheets[:20])}."
            )
        if info.hidden:
            raise Invalid(f"The sheet {name[:60]!r} is hidden; hidden sheets are not read. Unhide it in Excel first.")
        entry = next((p.entry for p in self.parts.sheets if p.name == name), None) if self.parts else None
        found = None
        if self.archive is not None and entry is not None:
            size = max(1, self.archive.getinfo(entry).file_size)
            # The parser itself is silent: the look through the sheet before it is told as half of the reading.
            found = sheetscan.scan(self.archive, entry, self.limits,
                                   lambda seen, rows: self.progress(0.5 * min(1.0, seen / size), rows))
        return _grid(self, name, entry, found)


def open_workbook(path: Path, kind: str, limits: FileLimits, scratch: Path,
                  progress: Progress = _unheard) -> Workbook:
    """Open by content. kind: `zip` or `xls`. Raises Invalid with one sentence.

    The parsers go by the name's ending, which may mislead, so they get a link of the right name in `scratch`.
    """
    if kind == "xls":
        path = _linked(path, kind, scratch)
        return Workbook(path, "xls", limits, _probe(path))
    archive = open_archive(path, limits)
    kind = kind_of(archive)
    path = _linked(path, kind, scratch)
    if kind in ("xlsx", "xlsm"):
        parts = read_parts(archive, kind)
        sheets = tuple(SheetInfo(p.name, p.hidden, *_declared(archive, p.entry)) for p in parts.sheets)
        weights = tuple(archive.getinfo(p.entry).file_size for p in parts.sheets)
        return Workbook(path, kind, limits, sheets, archive, parts, weights, progress)
    if kind == "ods":
        _check_ods(archive, limits)
    return Workbook(path, kind, limits, _probe(path))


def _linked(path: Path, kind: str, scratch: Path) -> Path:
    link = scratch / f"book.{kind}"
    link.unlink(missing_ok=True)
    link.symlink_to(path.resolve())
    return link


def _declared(archive: zipfile.ZipFile, entry: str) -> tuple[int, int]:
    """Rows and columns by the sheet's dimension element; (0, 0) where it has none."""
    try:
        with archive.open(entry) as part:
            head = part.read(4096)
    except Exception:  # noqa: BLE001 - a damaged part is reported when it is read
        return 0, 0
    refuse_dtd(head)
    found = re.search(rb'<(?:\w+:)?dimension\b[^>]*?ref="(?:[A-Z]{1,3}\d{1,7}:)?([A-Z]{1,3})(\d{1,7})"', head)
    from dashapp.ingest.address import column_index

    return (int(found[2]), column_index(found[1].decode()) + 1) if found else (0, 0)


def _check_ods(archive: zipfile.ZipFile, limits: FileLimits) -> None:
    manifest = read_part(archive, "META-INF/manifest.xml") if "META-INF/manifest.xml" in archive.namelist() else b""
    if b"encryption-data" in manifest:
        raise Invalid(_PASSWORD)
    if "content.xml" not in archive.namelist():
        raise Invalid("The ODS file has no content: it is damaged.")
    carry = b""
    for chunk in stream(archive, "content.xml"):
        if b"<!" in carry + chunk and re.search(rb"<!(?:DOCTYPE|ENTITY)", carry + chunk):
            raise Invalid("The workbook's XML declares a DTD, which no workbook needs: it is built to harm.")
        carry = chunk[-16:]


def _probe(path: Path) -> tuple[SheetInfo, ...]:
    """Sheets of the older and rarer formats, by the parser itself."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        metadata = book.sheets_metadata
    except calamine.PasswordError:
        raise Invalid(_PASSWORD) from None
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise Invalid(f"The workbook cannot be read: {_reason(error)}.") from None
    sheets = tuple(
        SheetInfo(m.name, m.visible != calamine.SheetVisibleEnum.Visible)
        for m in metadata
        if m.typ == calamine.SheetTypeEnum.WorkSheet
    )
    if not sheets:
        raise Invalid("The workbook has no worksheet.")
    return sheets


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split()).partition(" Context:")[0]
    for prefix in ("calamine error: ", "Xlsx error: ", "Xls error: ", "Xlsb error: ", "Ods error: "):
        text = text.removeprefix(prefix)
    if "password" in text.lower():
        return "it is protected with a password"
    if "macrosheets/" in text:
        return "the workbook holds macro sheets of Excel 4, which are never opened; save a copy without them"
    return text[:160].rstrip(".") or type(error).__name__


def _grid(book: Workbook, name: str, entry: str | None, found: sheetscan.Scan | None) -> Grid:
    import fastexcel

    try:
        with warming():
            reader = fastexcel.read_excel(str(book.path))
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        import pyarrow as pa

        batch, errors = sheet.to_arrow_with_errors()
        infos = sheet.available_columns()
    except fastexcel.FastExcelError as error:
        raise Invalid(f"The sheet {name[:60]!r} cannot be read: {_reason(error)}.") from None
    if len(infos) > book.limits.columns:
        raise Invalid(
            f"The sheet {name[:60]!r} has {len(infos):,} columns; at most {book.limits.columns:,} can be read."
        )
    first = infos[0].absolute_index if infos else 0
    table = pa.table({f"c{i}": batch.column(i) for i in range(batch.num_columns)})
    cells = {e.position: _error_text(e.detail) for e in errors.errors} if errors else {}
    merges: tuple[tuple[int, int, int, int], ...] = ()
    if found is not None:
        cells |= {(r, c - first): UNCACHED for r, c in found.uncached if first <= c < first + table.num_columns}
        merges = tuple((t, lo - first, b, hi - first) for t, lo, b, hi in found.merges)
    return Grid(
        table,
        name,
        first,
        cells,
        merges,
        text_cells=_texts(book, name, entry, first),
        is_1904=bool(book.parts and book.parts.is_1904),
    )


def _error_text(detail: str) -> str:
    found = re.search(r"Error\((\w+)\)", detail)
    return _ERRORS.get(found[1], f"#{found[1].upper()}") if found else "unreadable cell"


def _texts(book: Workbook, name: str, entry: str | None, first: int) -> Any:
    def of(columns: tuple[int, ...]) -> Mapping[int, frozenset[int] | None]:
        if book.archive is not None and entry is not None:
            found = sheetscan.text_cells(book.archive, entry, tuple(first + c for c in columns))
            return {c - first: rows for c, rows in found.items()}
        return _calamine_texts(book.path, name, first, columns)

    return of


def _calamine_texts(path: Path, name: str, first: int, columns: tuple[int, ...]) -> dict[int, frozenset[int] | None]:
    import python_calamine as calamine

    rows = calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python(skip_empty_area=False)
    return {
        c: frozenset(i for i, row in enumerate(rows) if first + c < len(row) and isinstance(row[first + c], str))
        for c in columns
    }
