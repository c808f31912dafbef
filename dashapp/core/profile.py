"""Who sends files of a dataset: each sender's habits under a name, told by the headers of what they send."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashapp.core.dataset import snake_case
from dashapp.core.mapping import ColumnMapping, Mapping


@dataclass(frozen=True, slots=True)
class Profile:
    """One sender. mapping: how their last file was read; fingerprint: of its headers; the empty name is nobody's yet.
    """

    name: str
    fingerprint: str
    mapping: Mapping = field(default_factory=Mapping)


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A sender as people see it. columns: the headers of its last file, ignored ones left out."""

    name: str
    columns: tuple[str, ...]
    sheet: str | None
    layout: str | None
    used_at: datetime
    uses: int

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "columns": list(self.columns), "sheet": self.sheet, "layout": self.layout,
                "used_at": self.used_at.isoformat(), "uses": self.uses}


def with_answers(now: Mapping, before: Mapping) -> Mapping:
    """How a file was read, with what people once said of columns that needed no word this time: a file whose dates
    begin with the year does not make anybody forget that the others are written day first."""
    columns = {h: _answered(c, before.columns[h]) if h in before.columns else c for h, c in now.columns.items()}
    return replace(now, columns=columns)


def _answered(now: ColumnMapping, before: ColumnMapping) -> ColumnMapping:
    is_open = now.format in (None, "iso") and before.format in ("dmy", "mdy")
    return replace(now, format=before.format if is_open else now.format, number=now.number or before.number)


def fingerprint(headers: Iterable[str]) -> str:
    """32 hex digits that two files share whose columns are called the same, in whatever order, case or spacing."""
    words = sorted({snake_case(h) or h.strip() for h in headers})
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def likeness(one: Iterable[str], other: Iterable[str]) -> float:
    """Share of the columns that two files have in common, 0 to 1."""
    a, b = ({snake_case(h) or h.strip() for h in headers} for headers in (one, other))
    return len(a & b) / len(a | b) if a | b else 0.0
