"""Two uploads side by side: which of their rows are the same, which changed, and which only one of them has."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

SHOWN = 100
Fate = Literal["changed", "first", "second"]
Sum = Decimal | float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """One row that is not the same on both sides. fate: `changed`, or the only side that has it.

    key: header -> text of the columns that identify it. cells: header -> its two texts, for the columns that differ (of
    a row that one side lacks: all others, with None on the other side). rows: where it stands in the two files.
    """

    fate: Fate
    key: tuple[tuple[str, str | None], ...]
    cells: tuple[tuple[str, str | None, str | None], ...]
    rows: tuple[int | None, int | None]

    def to_json(self) -> dict[str, Any]:
        return {"fate": self.fate, "key": dict(self.key), "rows": list(self.rows),
                "cells": {header: [one, other] for header, one, other in self.cells}}


@dataclass(frozen=True, slots=True)
class Contrast:
    """first, second: ids of the uploads, the earlier commit first. key: headers of the columns by which rows are told
    apart, () where equal rows are partners. sums: header -> total of a measure in each; columns: headers that only one
    of the files has. pairs: the first of the rows that differ.
    """

    first: str
    second: str
    key: tuple[str, ...]
    rows: tuple[int, int]
    same: int
    changed: int
    only_first: int
    only_second: int
    sums: tuple[tuple[str, Sum, Sum], ...] = ()
    columns: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    pairs: tuple[Pair, ...] = ()

    @property
    def differing(self) -> int:
        return self.changed + self.only_first + self.only_second

    def to_json(self) -> dict[str, Any]:
        return {
            "first": self.first, "second": self.second, "key": list(self.key), "rows": list(self.rows),
            "same": self.same, "changed": self.changed, "only_first": self.only_first,
            "only_second": self.only_second,
            "sums": {header: [_exact(one), _exact(other)] for header, one, other in self.sums},
            "columns": [list(side) for side in self.columns], "pairs": [p.to_json() for p in self.pairs],
        }


def difference(one: Sum, other: Sum) -> Sum:
    """The second total less the first, exact for money; None where one side has none."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return other - one
    return None if one is None or other is None else float(other) - float(one)


def _exact(value: Sum) -> str | None:
    """All digits, as a text: a JSON number may lose some."""
    return None if value is None else str(value)
