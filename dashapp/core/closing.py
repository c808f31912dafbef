"""Closed periods: up to which day the rows of a dataset are settled, and what would change in them nevertheless."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from dashapp.core.errors import Invalid

SHOWN = 50
Deed = Literal["upload", "undo", "redo"]


@dataclass(frozen=True, slots=True)
class Closing:
    """One decision, in the order of `number`: days up to `until` are closed, or those after it are open again.

    dataset: its key, None for all. until of a reopening: the last day that stays closed, None where none does.
    """

    number: int
    dataset: str | None
    closes: bool
    until: date | None
    at: datetime
    by: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {"number": self.number, "dataset": self.dataset, "deed": "close" if self.closes else "reopen",
                "until": _iso(self.until), "at": self.at.isoformat(), "by": self.by, "reason": self.reason}


def closed_until(decisions: Iterable[Closing], dataset: str) -> date | None:
    """The last closed day of a dataset, None where nothing is closed. A later closing never opens what was closed: only
    a reopening does."""
    until: date | None = None
    for one in decisions:
        if one.dataset not in (None, dataset):
            continue
        if one.closes:
            until = one.until if until is None or (one.until is not None and one.until > until) else until
        elif until is not None:
            until = None if one.until is None else min(until, one.until)
    return until


@dataclass(frozen=True, slots=True)
class ClosedRow:
    """One row of a closed period that `comes` or `goes`; cells: header -> the value as text, None where it has none.

    upload: the vintage that holds the row; sheet and row: where it stands in that file.
    """

    deed: Literal["comes", "goes"]
    day: date | None
    upload: str
    sheet: str | None
    row: int
    cells: Mapping[str, str | None]

    def to_json(self) -> dict[str, Any]:
        return {"deed": self.deed, "day": _iso(self.day), "upload": self.upload, "sheet": self.sheet, "row": self.row,
                "cells": dict(self.cells)}


@dataclass(frozen=True, slots=True)
class Touched:
    """What a commit, an undo or a redo does to closed periods.

    until: the last closed day, None where nothing is closed. came, went: rows of closed days that come and that go; a
    row that is replaced by an equal one does neither. periods: month -> rows that come and go, oldest first. rows: the
    first of them within the data scope of who asks. is_list: the rows have no date, but closed ones are joined to them.
    """

    until: date | None = None
    came: int = 0
    went: int = 0
    periods: tuple[tuple[str, int, int], ...] = ()
    rows: tuple[ClosedRow, ...] = ()
    is_list: bool = False

    @property
    def any(self) -> bool:
        return bool(self.came or self.went)

    def to_json(self) -> dict[str, Any]:
        return {"until": _iso(self.until), "came": self.came, "went": self.went, "is_list": self.is_list,
                "periods": [{"period": p, "came": c, "went": w} for p, c, w in self.periods],
                "rows": [r.to_json() for r in self.rows]}


def touched_from_json(data: Mapping[str, Any] | None) -> Touched:
    """What `to_json` wrote; of nothing, that nothing is closed."""
    if not data:
        return Touched()
    rows = tuple(ClosedRow(r["deed"], _day(r["day"]), r["upload"], r["sheet"], r["row"], r["cells"])
                 for r in data["rows"])
    periods = tuple((p["period"], p["came"], p["went"]) for p in data["periods"])
    return Touched(_day(data["until"]), data["came"], data["went"], periods, rows, data["is_list"])


@dataclass(frozen=True, slots=True)
class Late:
    """A change of closed periods that somebody made for a reason. periods: (month, rows that came, rows that went)."""

    upload: str
    dataset: str
    file: str
    deed: Deed
    at: datetime
    by: str
    until: date
    came: int
    went: int
    periods: tuple[tuple[str, int, int], ...]
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {"upload": self.upload, "dataset": self.dataset, "file": self.file, "deed": self.deed,
                "at": self.at.isoformat(), "by": self.by, "until": self.until.isoformat(), "came": self.came,
                "went": self.went, "periods": [{"period": p, "came": c, "went": w} for p, c, w in self.periods],
                "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Closed:
    """How far one dataset is closed; until None: nowhere."""

    dataset: str
    name: str
    until: date | None

    def to_json(self) -> dict[str, Any]:
        return {"dataset": self.dataset, "name": self.name, "until": _iso(self.until)}


def told(touched: Touched) -> str:
    """`3 rows of closed periods (until 2026-02-28) come and 2 go: 2026-01, 2026-02.`"""
    if touched.is_list:
        return (f"{_rows(touched.went)} of this list would change or go that rows of closed periods (until "
                f"{touched.until}) may be joined to.")
    parts = [f"{_rows(n)} {'comes' if n == 1 else 'come'}" if verb == "come" else f"{n} {'goes' if n == 1 else 'go'}"
             for verb, n in (("come", touched.came), ("go", touched.went)) if n]
    if not touched.came:
        parts = [f"{_rows(touched.went)} {'goes' if touched.went == 1 else 'go'}"]
    months = [p for p, _, _ in touched.periods]
    shown = ", ".join(months[:6]) + (f" and {len(months) - 6} more" if len(months) > 6 else "")
    return f"In closed periods (until {touched.until}) {' and '.join(parts)}: {shown}."


def reason_of(text: str | None) -> str:
    """The reason as it is kept. Raises Invalid for one that is too long."""
    reason = " ".join((text or "").split())
    if len(reason) > 500:
        raise Invalid("A reason has at most 500 characters.")
    return reason


def refuse_unreasoned(touched: Touched, reason: str) -> None:
    """Raise Invalid where closed periods would change and nobody says why; `extra["closed"]` counts the rows."""
    if touched.any and not reason:
        counts = {**touched.to_json(), "rows": []}
        raise Invalid(f"{told(touched)} Give a reason; it is kept and listed.", closed=counts)


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
