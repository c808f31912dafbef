"""Where in a file a row's cells stand: `Orders!H214` in a workbook, `line 214` in a text file.

The columns of a file are known from its dry run, or from the last inspection for uploads older than that.
"""
from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from dashapp.core.position import unpacked
from dashapp.ingest.address import letters
from dashapp.services.unit import reading
from models import Upload

_KEPT = 4096
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ADDRESS = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*|[Cc]|[Rr][0-9]*[Cc][0-9]*")
_known: OrderedDict[str, dict[str, str]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Layout:
    """letters: upload -> dataset column -> letters of its column in the sheet (`C:N` where it runs across, `C4:N4`
    within row 4). used: the columns a figure looked at."""

    letters: Mapping[str, Mapping[str, str]]
    used: tuple[str, ...]

    def addresses(self, upload: str, sheet: str | None, row: int) -> dict[str, str]:
        """Column -> address of the row's cell; empty for a row of a text file."""
        if sheet is None:
            return {}
        line, at = unpacked(row)
        return {column: _address(letter, line, at) for column, letter in self.letters.get(upload, {}).items()}

    def place(self, upload: str, sheet: str | None, row: int) -> str:
        """The cells that were used, `Orders!C7, H7`; the row, as spreadsheets count, where columns have no address."""
        line, at = unpacked(row)
        if sheet is None:
            return f"row {line}" if at is None else f"row {line}, field {at + 1}"
        cells = self.addresses(upload, sheet, row)
        used = list(dict.fromkeys(cells[c] for c in self.used if c in cells))
        return f"{sheet_prefix(sheet)}{', '.join(used)}" if used else f"{sheet}, row {line}"


def _address(letter: str, line: int, at: int | None) -> str:
    """A column's cell of one row: `B` and row 7 give B7; a column that runs across (`C:N`, or `C4:N4` within row 4) has
    it where the row's own cell stands."""
    if at is None or ":" not in letter:
        return f"{letter}{line}"
    within = letter.partition(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f"{letters(at)}{within or line}"


def sheet_prefix(name: str) -> str:
    """`Orders!`, or `'My orders'!` where Excel wants quotes."""
    plain = _PLAIN.fullmatch(name) and not _ADDRESS.fullmatch(name)
    return f"{name}!" if plain else "'{}'!".format(name.replace("'", "''"))


def letters_of(uploads: Iterable[str]) -> dict[str, dict[str, str]]:
    """Upload -> dataset column -> letters of its column; an upload of which nothing is known is left out.

    A committed upload never changes, so that what was read once is kept.
    """
    wanted = set(uploads)
    with _lock:
        found = {u: _known[u] for u in wanted if u in _known}
    missing = wanted - found.keys()
    if missing:
        with reading() as session:
            rows = session.execute(select(Upload.id, Upload.result, Upload.inspection)
                                   .where(Upload.id.in_(missing), Upload.commit.is_not(None))).all()
        fresh = {row.id: _letters(row.result, row.inspection) for row in rows}
        _keep(fresh)
        found |= fresh
    return {u: letters for u, letters in found.items() if letters}


def _letters(result: dict[str, Any] | None, inspection: dict[str, Any] | None) -> dict[str, str]:
    told = (result or {}).get("letters")
    if told is not None:
        return dict(told)
    return {c["key"]: c["letter"] for c in (inspection or {}).get("columns", ()) if c.get("role") != "ignore"}


def _keep(fresh: dict[str, dict[str, str]]) -> None:
    with _lock:
        _known.update(fresh)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
