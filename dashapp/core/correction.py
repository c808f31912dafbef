"""A value of a file that a person corrects: named by its cell, bound to what stands there, kept with the upload."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue

MOST = 500  # corrections of one file: whoever needs more mends the source


@dataclass(frozen=True, slots=True)
class Correction:
    """row: 1-based, as in the source; column: header as written; was: the number that stands there; value: the number
    it becomes, None where it is left out. Both are plain decimal texts. why: the reason, for the record."""

    row: int
    column: str
    was: str
    value: str | None = None
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"row": self.row, "column": self.column, "was": self.was, "value": self.value}
        return {**out, "why": self.why} if self.why else out


def corrections_from_json(data: Any) -> tuple[Correction, ...]:
    """Read the member `corrections` of a mapping. Raises Invalid naming the first that cannot be meant."""
    if data is None:
        return ()
    if not isinstance(data, list) or len(data) > MOST:
        raise _invalid(f"corrections must be a list of at most {MOST} objects")
    found = tuple(map(_correction, data))
    if len({(c.row, c.column) for c in found}) != len(found):
        raise _invalid("corrections name one cell twice")
    return found


def _correction(data: Any) -> Correction:
    if not isinstance(data, dict) or set(data) - {"row", "column", "was", "value", "why"}:
        raise _invalid("a correction holds only row, column, was, value and why")
    row, column, was, value, why = (data.get(k) for k in ("row", "column", "was", "value", "why"))
    if isinstance(row, bool) or not isinstance(row, int) or row < 1:
        raise _invalid("the row of a correction is counted from 1")
    if not isinstance(column, str) or not isinstance(why, str | None):
        raise _invalid("column and why of a correction are texts")
    if number(was) is None or (value is not None and number(value) is None):
        raise _invalid("was and value of a correction are numbers written as plain texts, such as 123.45")
    return Correction(row, column, str(was), value, (why or "")[:200])


def number(text: Any) -> Decimal | None:
    """The finite number of a plain decimal text; None for anything else."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _invalid(problem: str) -> Invalid:
    return Invalid(f"The mapping cannot be used: {problem}.", issues=[Issue("mapping", problem)])
