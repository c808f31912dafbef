"""What each column is for: role and type by header words and by a sample of its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dashapp.core.dataset import Column, ColumnType, Dataset, RoleOf
from dashapp.core.mapping import ColumnMapping, Mapping, NumberStyle
from dashapp.ingest import words
from dashapp.ingest.cells import CODES, SIGNS, fold, is_plain, look
from dashapp.ingest.grid import Grid
from dashapp.ingest.names import key_for

_HEAD, _SCATTERED = 300, 300
_LARGE = 1_000  # numbers under `customer` that reach this are names; smaller ones could be counts
_SCATTER = 2_654_435_761  # Knuth's multiplier: an even step would fall in with patterns of the rows


@dataclass(frozen=True, slots=True)
class Field:
    """One column on its way: where it stands, what it is called, how it will be read.

    index: grid column. declared: what the mapping says of it. known: the dataset's column of that key, if any. looked:
    sample cells.
    """

    index: int
    header: str
    letter: str
    key: str
    role: RoleOf
    type: ColumnType
    confidence: float = 1.0
    format: str | None = None
    number: NumberStyle | None = None
    scale: float | None = None
    samples: tuple[str, ...] = ()
    declared: ColumnMapping | None = None
    known: Column | None = None
    looked: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        return f"c{self.index}"


def sample(grid: Grid, first: int, last: int, column: int, columns: int) -> list[str]:
    """Texts of up to 600 cells of a column, from the head and scattered over the rest; empty cells left out."""
    head, scattered = (_HEAD, _SCATTERED) if columns <= 60 else (100, 100)
    cells = grid.table.column(column)
    texts = cells.slice(first, min(head, last - first)).to_pylist()
    rest = last - first - head
    if rest > 0:
        texts += cells.take(sorted({first + head + i * _SCATTER % rest for i in range(scattered)})).to_pylist()
    return [t for t in texts if t and t.strip()]


def guess_fields(
    grid: Grid, names: Sequence[tuple[int, str]], first: int, last: int, mapping: Mapping, known: Dataset | None
) -> list[Field]:
    """A field per named column, in source order. names: (grid column, header); rows first..last (exclusive) are
    data.
    """
    fields = []
    for index, header in names:
        declared = mapping.columns.get(header)
        key = (declared.key if declared and declared.key else None) or key_for(header, grid.first_column + index, known)
        texts = sample(grid, first, last, index, len(names))
        field = Field(
            index,
            header,
            grid.letter(index),
            key,
            RoleOf.DIMENSION,
            "text",
            samples=_distinct(texts),
            declared=declared,
            known=known.column(key) if known else None,
            looked=tuple(texts[:100]),
        )
        fields.append(_decided(field, texts))
    return _one_date(fields)


def _distinct(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t[:80] for t in texts[:200]))[:5]


def _decided(field: Field, texts: Sequence[str]) -> Field:
    role, kind, confidence = _guess(field.key, texts)
    if field.known is not None:
        role, kind, confidence = field.known.role, field.known.type, 1.0
    if (declared := field.declared) is not None:
        if declared.role is not None and field.known is None:
            role, kind, confidence = declared.role, _type_for(declared.role, kind, field.key, texts), 1.0
        elif declared.format and not declared.type and kind != "date" and field.known is None:
            role, kind, confidence = RoleOf.DATE, "date", 1.0  # nothing but a date is written in a date's format
        if declared.role is RoleOf.IGNORE:
            role = RoleOf.IGNORE
        if declared.type is not None and field.known is None:
            kind, confidence = declared.type, 1.0
    return replace(field, role=role, type=kind, confidence=round(confidence, 2))


def guess_again(field: Field) -> ColumnType | None:
    """What the sample cells look like, whatever the dataset knows of the column; None where that is not sure."""
    _, kind, confidence = _guess(field.key, list(field.looked))
    return kind if field.looked and confidence >= 0.85 else None


def _type_for(role: RoleOf, guessed: ColumnType, key: str, texts: Sequence[str]) -> ColumnType:
    if role is RoleOf.DATE:
        return "date"
    if role is RoleOf.MEASURE:
        return guessed if guessed in ("money", "number") else _measure(key, texts)
    return guessed if guessed == "date" and role is RoleOf.ID else "text"


def _guess(key: str, texts: Sequence[str]) -> tuple[RoleOf, ColumnType, float]:  # noqa: PLR0911 - a ladder of evidence, best first
    looks = Counter(look(t) for t in texts)
    seen = sum(n for kind, n in looks.items() if kind != "missing")
    if not seen:
        return _by_name(key)
    dates, numbers = looks["date"] / seen, looks["number"] / seen
    if dates >= 0.8 or (dates >= 0.5 and words.is_date(key)):
        return RoleOf.DATE, "date", 0.5 + dates / 2
    if words.is_date(key) and numbers >= 0.8 and (form := numeric_date(key, texts)):
        return RoleOf.DATE, "date", 0.8 if form == "excel-serial" else 0.9
    if words.is_currency(key) and sum(t.strip().upper() in CODES for t in texts) >= 0.8 * seen:
        return RoleOf.CURRENCY, "text", 0.95
    if words.is_entity(key) and (sure := _as_entity(key, texts, numbers)):
        return RoleOf.ENTITY, "text", sure
    if words.is_id(key) and not words.is_entity(key):
        return RoleOf.ID, "text", 0.9
    if numbers >= 0.8 or (numbers >= 0.5 and (words.is_money(key) or words.is_reading(key))):
        return _numeric(key, texts, numbers)
    unique = len(set(texts)) / len(texts)
    if len(texts) >= 100 and unique > 0.95:
        return RoleOf.ID, "text", 0.6
    return RoleOf.DIMENSION, "text", 0.9 - numbers / 2


def _as_entity(key: str, texts: Sequence[str], numbers: float) -> float:
    """How sure it is that a column called like customers names them; 0.0 for one that counts them."""
    if numbers < 0.8 or words.is_identifier(key):
        return 0.95
    plain = [t.strip() for t in texts if look(t) == "number"]
    if not all(t.isdigit() for t in plain):
        return 0.0
    if any(len(t) > 1 and t[0] == "0" for t in plain):
        return 0.95
    if not words.is_one(key) or min(map(int, plain)) < 1:
        return 0.0
    return 0.95 if max(map(int, plain)) >= _LARGE else 0.6


def _by_name(key: str) -> tuple[RoleOf, ColumnType, float]:
    if words.is_entity(key):
        return RoleOf.ENTITY, "text", 0.6
    if words.is_id(key):
        return RoleOf.ID, "text", 0.6
    if words.is_money(key):
        return RoleOf.MEASURE, "money", 0.5
    return RoleOf.DIMENSION, "text", 0.2


def _numeric(key: str, texts: Sequence[str], share: float) -> tuple[RoleOf, ColumnType, float]:
    if any(len(t) > 1 and t[0] == "0" and t.isdigit() for t in texts) or any(
        t.isdigit() and len(t) > 15 for t in texts
    ):
        return RoleOf.ID, "text", 0.8  # leading zeros and digits beyond a double's precision are names, not amounts
    if words.is_label(key) and all(t.strip().lstrip("-").isdigit() for t in texts if look(t) == "number"):
        return RoleOf.DIMENSION, "text", 0.7
    return RoleOf.MEASURE, _measure(key, texts), 0.5 + share / 2


def _measure(key: str, texts: Sequence[str]) -> ColumnType:
    signed = any(sign in t for t in texts for sign in SIGNS)
    if not (words.is_money(key) or (signed and not any("%" in t for t in texts))):
        return "number"
    return "number" if any("%" in t for t in texts) else "money"


def numeric_date(key: str, texts: Sequence[str]) -> str | None:
    """How a date column of bare numbers is written: `%Y%m%d`, `%Y%m`, `%Y`, `excel-serial`, or None when it is none."""
    plain = [fold(t) for t in texts if look(t) == "number"]
    if not plain or not all(is_plain(t) for t in plain):
        return None
    if all(len(t) == 8 and t.isdigit() and t[:2] in ("19", "20") for t in plain):
        return "%Y%m%d"
    if all(len(t) == 6 and t.isdigit() and t[:2] in ("19", "20") and "01" <= t[4:] <= "12" for t in plain):
        return "%Y%m"
    values = [float(t) for t in plain]
    if min(values) >= 20_000 and max(values) <= 80_000 and not key.endswith(("no", "number", "count", "s")):
        return "excel-serial"
    return None


def _one_date(fields: list[Field]) -> list[Field]:
    """Only one column dates the rows; the others are kept as dates that identify."""
    dates = [f for f in fields if f.role is RoleOf.DATE]
    if len(dates) < 2:
        return fields

    def rank(field: Field) -> tuple[bool, bool, bool, int]:
        fixed = field.known is not None or (field.declared is not None and field.declared.role is RoleOf.DATE)
        return (
            not fixed,
            field.key not in ("date", "day", "month", "week", "order_date", "invoice_date"),
            not words.is_date(field.key),
            field.index,
        )

    chosen = min(dates, key=rank)
    return [
        replace(f, role=RoleOf.ID)
        if f.role is RoleOf.DATE and f is not chosen and (f.declared is None or f.declared.role is None)
        else f
        for f in fields
    ]
