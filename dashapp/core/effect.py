"""What a change of a definition does to what is there: one table for each kind of thing, and a sentence above it."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashapp.core.difference import Difference
from dashapp.core.kpi import Kpi

SHOWN = 24


@dataclass(frozen=True, slots=True)
class Cell:
    """value: what a program reads (a JSON value); text: what people read; status: of the core's words, where it is one.

    """

    value: Any
    text: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to one kind of thing.

    title: the heading; summary: one sentence, also where nothing changes. columns: (key, heading); rows: at most 24 of
    `total`, a cell per column. numeric: positions of columns that are right-aligned.
    """

    name: str
    title: str
    summary: str
    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    total: int = 0
    numeric: frozenset[int] = frozenset()

    def to_json(self) -> dict[str, Any]:
        rows = [{key: cell.value for (key, _), cell in zip(self.columns, row, strict=True)} for row in self.rows]
        return {"kind": self.name, "title": self.title, "summary": self.summary, "total": self.total, "rows": rows}

    def kept(self) -> dict[str, Any]:
        """`to_json` with what people read beside it, so that `effect_from` gives the same table later."""
        return {**self.to_json(), "columns": [list(c) for c in self.columns], "numeric": sorted(self.numeric),
                "shown": [[[cell.text, cell.status] for cell in row] for row in self.rows]}


def effect_from(data: dict[str, Any]) -> Effect:
    """The effect that `kept` wrote."""
    columns = tuple((key, heading) for key, heading in data["columns"])
    rows = tuple(tuple(Cell(values[key], text, status) for (key, _), (text, status) in zip(columns, shown, strict=True))
                 for values, shown in zip(data["rows"], data["shown"], strict=True))
    return Effect(data["kind"], data["title"], data["summary"], columns, rows, data["total"],
                  frozenset(data["numeric"]))


@dataclass(frozen=True, slots=True)
class Effects:
    """before: the definition in force, None for a new one; after: the draft, its names bound."""

    before: Kpi | None
    after: Kpi
    differences: tuple[Difference, ...]
    effects: tuple[Effect, ...]

    def to_json(self) -> dict[str, Any]:
        return {"key": self.after.key, "version": self.after.version, "formula": self.after.formula,
                "differences": [d.to_json() for d in self.differences],
                "effects": [e.to_json() for e in self.effects]}
