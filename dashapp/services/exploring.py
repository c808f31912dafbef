"""From a figure back to its lines: the derivation and the source rows, within the actor's data scope."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dashapp.core.actor import Actor
from dashapp.core.derivation import Derivation, SourceRows
from dashapp.core.series import Series
from dashapp.core.where import Where
from dashapp.services.desk import Desk


def parts(series: Series) -> list[dict[str, str]]:
    """The splits of a series as options: value is a filter of the filter grammar per dimension, joined by `&`."""
    found = dict.fromkeys(t.split for t in series.totals if t.split)
    return [{"value": part_of(split), "label": " · ".join(v or "(no value)" for _, v in split)} for split in found]


def part_of(split: Sequence[tuple[str, str | None]]) -> str:
    """A split as one text that `explain` and `rows` take."""
    return "&".join(str(Where(name, "=", (value or "",))) for name, value in split)


def explain(actor: Actor, desk: Desk, kpi: str, period: str, where: tuple[Where, ...] = (), part: str | None = None,
            as_of: datetime | None = None, *, now: datetime) -> Derivation:
    """Formula, terms, statements, uploads and number of rows of one figure. Any role. Raises NotFound, Invalid."""
    raise NotImplementedError


def rows(actor: Actor, desk: Desk, kpi: str, period: str, where: tuple[Where, ...] = (), part: str | None = None,
         as_of: datetime | None = None, *, now: datetime, dataset: str | None = None, limit: int = 50,
         offset: int = 0) -> SourceRows:
    """A page of the rows behind one figure, each with file, sheet and row. Any role. Raises NotFound, Invalid."""
    raise NotImplementedError


_Any = Any
