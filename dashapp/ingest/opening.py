"""From a path to the grid that holds the table: kind of file, choice of sheet, header, columns."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from dashapp.core.dataset import Dataset, RoleOf
from dashapp.core.errors import Invalid, TooLarge
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping
from dashapp.core.profile import Profile
from dashapp.ingest import guess, names, recall
from dashapp.ingest.across import find_across
from dashapp.ingest.delimited import read_delimited
from dashapp.ingest.grid import Grid
from dashapp.ingest.header import Header, find_header
from dashapp.ingest.kind import identify
from dashapp.ingest.limits import MIB, FileLimits, Progress
from dashapp.ingest.model import Ask, SheetInfo
from dashapp.ingest.recognise import Recognised, recognise
from dashapp.ingest.workbook import Workbook, open_workbook

_TRIED_SHEETS, _TRIED_WEIGHT = 30, 24 * MIB
_KINDS = {
    "xlsx": "an Excel workbook (xlsx)",
    "xlsm": "an Excel workbook with macros (xlsm)",
    "xlsb": "a binary Excel workbook (xlsb)",
    "xls": "an old Excel workbook (xls)",
    "ods": "an OpenDocument sheet (ods)",
    "csv": "a text file (csv)",
}


@dataclass(slots=True)
class Opened:
    """The table as rows of one meaning with its header; where it came from; encoding and delimiter of text files."""

    kind: str
    grid: Grid
    header: Header
    place: Recognised
    sheets: tuple[SheetInfo, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    issues: list[Issue] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)


def open_file(
    path: Path,
    name: str,
    mapping: Mapping,
    limits: FileLimits,
    scratch: Path,
    progress: Progress,
    known: Dataset | None = None,
    profiles: tuple[Profile, ...] = (),
) -> Opened:
    """Open by content. known: the dataset the file goes into; of several tables the one that fits it is taken.
    profiles: the senders of the dataset; where one of them has the headers found at their place, that place is taken.

    Raises TooLarge and Invalid with one sentence for anything that is no usable table.
    """
    if path.stat().st_size > limits.max_bytes:
        raise TooLarge(
            f"The file has {path.stat().st_size / MIB:,.0f} MB; at most {limits.max_bytes / MIB:,.0f} MB can be read."
        )
    kind = identify(path)
    if kind == "csv":
        return _text(path, name, mapping, limits, progress, known, profiles)
    book = open_workbook(path, kind, limits, scratch, progress)
    place = _of_sender(book, mapping, known, limits, profiles)
    issues: list[Issue] = []
    if place is None:
        grid, issues = _sheet(book, mapping)
        place = _placed(grid, mapping, known, limits, profiles)
    progress(1.0, place.turned.grid.table.num_rows)
    return _opened(book.kind, place, book.sheets, [*_notices(book, name), *issues])


def _text(
    path: Path,
    name: str,
    mapping: Mapping,
    limits: FileLimits,
    progress: Progress,
    known: Dataset | None,
    profiles: tuple[Profile, ...],
) -> Opened:
    read = read_delimited(path, mapping, limits, progress)
    out = _opened("csv", _placed(read.grid, mapping, known, limits, profiles), (), _misnamed(name, "csv"))
    out.encoding, out.delimiter = None if read.ask else read.encoding, read.delimiter
    out.asks = [*([read.ask] if read.ask else []), *out.asks]
    return out


def _placed(
    grid: Grid, mapping: Mapping, known: Dataset | None, limits: FileLimits, profiles: tuple[Profile, ...]
) -> Recognised:
    """The table as it looks; where no sender has such headers, as one of them laid theirs out, if that fits exactly."""
    found: Recognised | None = None
    failure: Invalid | None = None
    try:
        found = recognise(grid, mapping, known, limits)
    except Invalid as error:
        failure = error
    if found is not None and (not profiles or (_is_of(found, profiles) and not found.asks)):
        return found
    for place in recall.places(profiles, mapping):
        if place.sheet in (None, grid.sheet):
            other = _tried_as(grid, place, known, limits)
            if other is not None and _is_of(other, profiles):
                return other
    if found is None:
        raise failure or Invalid("There are no data rows.")
    return found


def _tried_as(grid: Grid, mapping: Mapping, known: Dataset | None, limits: FileLimits) -> Recognised | None:
    try:
        return recognise(grid, mapping, known, limits)
    except Invalid:
        return None  # this sender's files look otherwise


def _is_of(found: Recognised, profiles: tuple[Profile, ...]) -> bool:
    named, _ = names.name_columns(found.turned.grid, found.turned.header)
    return recall.matching(profiles, [name for _, name in named]) is not None


def _of_sender(
    book: Workbook, mapping: Mapping, known: Dataset | None, limits: FileLimits, profiles: tuple[Profile, ...]
) -> Recognised | None:
    """The table in the sheet that a sender's last file had it in, if it is there with the same columns."""
    visible = [s.name for s in book.sheets if not s.hidden]
    if mapping.sheet is not None or len(visible) < 2:
        return None
    wanted = [p.mapping.sheet for p in profiles if mapping.profile in (None, p.name) and p.mapping.sheet in visible]
    for sheet in dict.fromkeys(wanted):
        if sheet is not None:
            found = _placed(book.sheet(sheet), mapping, known, limits, profiles)
            if _is_of(found, profiles):
                return found
    return None


def _opened(kind: str, place: Recognised, sheets: tuple[SheetInfo, ...], issues: list[Issue]) -> Opened:
    turned = place.turned
    return Opened(kind, turned.grid, turned.header, place, sheets, issues=[*issues, *place.issues], asks=place.asks)


def _misnamed(name: str, kind: str) -> list[Issue]:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    texts = ("csv", "tsv", "txt", "tab")
    if ending == kind or (kind == "csv" and ending in texts) or ending not in (*_KINDS, *texts, "html", "htm", "png"):
        return []
    return [
        Issue(
            "file-misnamed",
            f"The name ends in .{ending[:10]}, but the file is {_KINDS[kind]} and was read as that.",
            "warning",
        )
    ]


def _notices(book: Workbook, name: str) -> list[Issue]:
    out = _misnamed(name, book.kind)
    if book.parts and book.parts.has_macros:
        out.append(
            Issue("file-macros", "The workbook has macros; they were not run, only values were read.", "warning")
        )
    if book.parts and book.parts.has_links:
        out.append(
            Issue("file-links", "The workbook links to other workbooks; their last saved values were read.", "warning")
        )
    hidden = [s.name for s in book.sheets if s.hidden]
    if hidden:
        out.append(
            Issue(
                "sheet-hidden",
                f"Hidden sheets are not read: {', '.join(h[:40] for h in hidden[:10])}.",
                "warning",
                count=len(hidden),
            )
        )
    return out


def _sheet(book: Workbook, mapping: Mapping) -> tuple[Grid, list[Issue]]:
    """The declared sheet, or the visible one that looks most like a table."""
    if mapping.sheet is not None:
        return book.sheet(mapping.sheet), []
    visible = [s.name for s in book.sheets if not s.hidden]
    if not visible:
        raise Invalid("All sheets of the workbook are hidden; hidden sheets are not read. Unhide one in Excel first.")
    found, errors = _candidates(book, visible, mapping)
    if not found:
        raise errors[0]
    best = max(found, key=lambda item: item[0])
    others = [g.sheet for score, g in found if g is not best[1] and score > 2.5 and g.sheet]
    issues = (
        [
            Issue(
                "sheet-others",
                f"Other sheets hold tables, too: {', '.join(o[:40] for o in others[:10])}. Only {best[1].sheet!r} "
                f"is read.",
                "info",
                count=len(others),
            )
        ]
        if others
        else []
    )
    return best[1], issues


def _candidates(
    book: Workbook, visible: list[str], mapping: Mapping
) -> tuple[list[tuple[float, Grid]], list[Invalid]]:
    found: list[tuple[float, Grid]] = []
    errors: list[Invalid] = []
    for name in _tried(book, visible):
        try:
            grid = book.sheet(name)
            header = find_header(grid, mapping.header_row)
            found.append((_score(grid, header), grid))
        except Invalid as error:
            errors.append(error)
    return found, errors


def _tried(book: Workbook, visible: list[str]) -> list[str]:
    """Sheets worth reading to choose among them: all of a small workbook, only the largest of a large one."""
    weights = dict(zip((s.name for s in book.sheets), book.weights, strict=False))
    total = sum(weights.get(n, 0) for n in visible) if weights else book.path.stat().st_size * 4
    if len(visible) == 1 or total <= _TRIED_WEIGHT:
        return visible[:_TRIED_SHEETS]
    return [max(visible, key=lambda n: weights.get(n, 0))] if weights else visible[:1]


def _score(grid: Grid, header: Header) -> float:
    first, last = header.row + 1, grid.table.num_rows
    if last <= first:
        return 0.0
    named, _ = names.name_columns(grid, header)
    fields = guess.guess_fields(grid, named[:60], first, min(last, first + 500), Mapping(), None)
    roles = {f.role for f in fields if f.samples}
    across = find_across(grid, Mapping())
    if across is not None and across.confidence >= 0.7:
        roles |= {RoleOf.DATE, RoleOf.MEASURE}
    score = (
        math.log10(last - first + 1)
        + header.confidence
        + 1.5 * (RoleOf.DATE in roles)
        + 0.7 * (RoleOf.MEASURE in roles)
    )
    return score - (1.5 if len(fields) < 2 else 0)
