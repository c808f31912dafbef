"""Where a figure comes from: formula, terms, the engine's statements, uploads, and the rows themselves."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dashapp.core.kpi import Kpi
from dashapp.core.period import Period
from dashapp.core.series import Number, Point, plain


@dataclass(frozen=True, slots=True)
class Term:
    """One aggregate of the formula with the value that was used; None with a reason.

    formula: the aggregate within the time functions that apply to it, `previous(sum(orders.revenue))`: a formula of its
    own. start, end: the dates it covers, both inside; None where it covers none.
    """

    formula: str
    value: Number | None
    reason: str | None = None
    start: date | None = None
    end: date | None = None

    def to_json(self) -> dict[str, Any]:
        return {"formula": self.formula, "value": plain(self.value), "reason": self.reason,
                "start": self.start.isoformat() if self.start else None,
                "end": self.end.isoformat() if self.end else None}


@dataclass(frozen=True, slots=True)
class Origin:
    """An upload that holds rows of the figure; for rows of a warehouse `upload` is empty and `file` names the table."""

    upload: str
    dataset: str
    file: str
    committed_at: datetime
    rows: int


@dataclass(frozen=True, slots=True)
class Derivation:
    """One figure explained. expanded: the formula with other KPIs put in, except for those in `left`, with
    which it would be too long. statements: (scan, SQL) pairs."""

    kpi: Kpi
    period: Period
    split: tuple[tuple[str, str | None], ...]
    point: Point
    expanded: str
    terms: tuple[Term, ...]
    statements: tuple[tuple[str, str], ...]
    origins: tuple[Origin, ...]
    rows: int
    as_of: datetime | None = None
    left: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What `GET /kpis/{key}/explain` answers."""
        return {
            "kpi": self.kpi.key, "name": self.kpi.name, "unit": self.kpi.unit, "formula": self.kpi.formula,
            "definition_version": self.kpi.version, "expanded": self.expanded, "period": self.period.label,
            "start": self.period.start.isoformat(), "end": self.period.end.isoformat(), "split": dict(self.split),
            "value": plain(self.point.value), "reason": self.point.reason, "complete": self.point.complete,
            "partial": self.point.partial,
            "terms": [t.to_json() for t in self.terms], "left": list(self.left),
            "sql": [{"scan": name, "sql": sql} for name, sql in self.statements],
            "vintages": [{"upload": o.upload, "dataset": o.dataset, "file": o.file, "rows": o.rows,
                          "committed_at": o.committed_at.isoformat()} for o in self.origins],
            "rows": self.rows, "as_of": self.as_of.isoformat() if self.as_of else None,
        }


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as it came: upload, file, sheet and row number in the source, and its cells by column.

    place: the cells the figure looked at, `Orders!H214`, or the row of a text file, `row 214`. addresses: column of
    the row -> address in the sheet, `H214`; empty for text files. A row of a warehouse has no upload and no number;
    `file` names its table.
    """

    upload: str
    file: str
    sheet: str | None
    row: int | None
    cells: tuple[Any, ...]
    place: str = ""
    addresses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceRows:
    """A page of the rows of one dataset behind a figure. total: how many there are; datasets: all that take part."""

    dataset: str
    columns: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    total: int
    datasets: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What `GET /kpis/{key}/rows` answers."""
        return {"dataset": self.dataset, "datasets": list(self.datasets), "total": self.total, "rows": [
            {"upload": r.upload, "file": r.file, "sheet": r.sheet, "row": r.row, "place": r.place,
             "addresses": r.addresses,
             "cells": {c: _json(v) for c, v in zip(self.columns, r.cells, strict=True)}} for r in self.rows]}


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else plain(value)
