"""What reading a file gives: an inspection (what is in it, how it would be read) or a conversion (rows written)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dashapp.core.change import Change
from dashapp.core.dataset import Column, ColumnType, RoleOf
from dashapp.core.issue import Issue
from dashapp.core.join import JoinMatch
from dashapp.core.mapping import Mapping, NumberStyle
from dashapp.ingest.wire import decode, encode


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet of a workbook; rows and columns as the file declares them, 0 where it does not. Hidden ones stay
    shut.
    """

    name: str
    hidden: bool = False
    rows: int = 0
    columns: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: the value that goes into the mapping, and how it reads to a person."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Something the file does not decide and nobody may guess.

    code: `date-order`, `number-style`, `encoding`; column: header, or None for the whole file. The answer goes into
    the mapping: `columns[column].format`, `columns[column].number.decimal`, `encoding`.
    """

    code: str
    text: str
    column: str | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """How one source column would be read.

    header is the name to use in a mapping; letter its Excel column; key the dataset column. confidence: 0-1, 1 for
    what was declared. samples: distinct texts as written; question: text of an open question; unreadable, missing:
    number of cells. values: of a dimension, customer or identifier, distinct texts of the kept rows as they would be
    stored (a missing one as the empty text), at most 100 of `distinct`.
    """

    header: str
    letter: str
    key: str
    role: RoleOf
    type: ColumnType
    format: str | None = None
    number: NumberStyle | None = None
    confidence: float = 1.0
    samples: tuple[str, ...] = ()
    question: str | None = None
    scale: float | None = None
    unreadable: int = 0
    missing: int = 0
    is_new: bool = False
    values: tuple[str, ...] = ()
    distinct: int = 0


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file holds and how it would be read.

    file_kind: word for the content (`xlsx`, `csv`, ...). mapping: the complete proposal; what nobody may guess stays
    None. preview: first rows as text, each led by its row number. rows: data rows found, without excluded ones.
    suggestions: joins to other datasets that sample values speak for, added by who knows those. encodings: of a text
    file whose bytes do not say it, the encodings in question, the likeliest first, also after one was chosen.
    tables: of a sheet with several. changes: since the sender's last file. recognised: first rows of the table as they
    would be read, led by their place; the first of them holds the headers.
    absent: columns of the dataset (key, header) that the file does not have. senders: names of those known so far.
    """

    file_kind: str
    sheets: tuple[SheetInfo, ...]
    mapping: Mapping
    columns: tuple[ColumnGuess, ...]
    preview: tuple[tuple[str, ...], ...]
    issues: tuple[Issue, ...]
    questions: tuple[Ask, ...]
    rows: int
    refused: int = 0
    sha256: str = ""
    first: date | None = None
    last: date | None = None
    counts: dict[str, int] = field(default_factory=dict)
    suggestions: tuple[JoinMatch, ...] = ()
    encodings: tuple[Choice, ...] = ()
    tables: tuple[Choice, ...] = ()
    changes: tuple[Change, ...] = ()
    recognised: tuple[tuple[str, ...], ...] = ()
    absent: tuple[Choice, ...] = ()
    senders: tuple[str, ...] = ()

    @property
    def encoding(self) -> str | None:
        """How the text was read: as chosen, else as is likeliest; None for a workbook."""
        return self.mapping.encoding or next((c.value for c in self.encodings), None)

    @property
    def is_ready(self) -> bool:
        """True when nothing is left to answer and no issue refuses the whole file."""
        return not self.questions and not any(i.severity == "error" and i.row is None for i in self.issues)

    def to_json(self) -> dict[str, Any]:
        return encode(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Inspection:
        return decode(cls, data)


@dataclass(frozen=True, slots=True)
class Conversion:
    """Rows written. rows = accepted + quarantined + folded duplicates.

    duplicates: rows that repeat another row of the file exactly; with a key only the first of them is kept.
    counts: code of an issue -> number of places, complete even where `issues` is capped. mapping: as applied.
    sheets: names of a workbook's visible sheets. letters: dataset column -> Excel column of the source it was read
    from; empty for a text file. sha256: of the source file. quarantine: path of the CSV of refused
    rows, None when there are none.
    """

    rows: int
    accepted: int
    quarantined: int
    duplicates: int
    columns: tuple[Column, ...]
    mapping: Mapping
    sha256: str
    out: str
    quarantine: str | None = None
    first: date | None = None
    last: date | None = None
    issues: tuple[Issue, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    file_kind: str = ""
    sheets: tuple[str, ...] = ()
    letters: dict[str, str] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return encode(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Conversion:
        return decode(cls, data)
