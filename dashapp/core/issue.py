"""Problems as values: what a check found, where, and what helps. Users can fix issues; errors they can only read."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about input.

    code: stable word for tests and filters (`date-unreadable`); severity: `error` refuses the row (or the file when
    `row` is None), `warning` keeps it, `info` only tells. `sheet`, `cell` (Excel address such as `C7`), `row` (1-based
    row in the source) and `column` (header as written) say where; `value` is the offending text, cut to 80 characters;
    `position` is a 0-based offset for formulas; `count` is how many places the issue stands for;
    `suggestion` is the text that would probably be right in its place.
    """

    code: str
    message: str
    severity: Severity = "error"
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    help: str | None = None
    position: int | None = None
    count: int = 1
    suggestion: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The issue without its empty members."""
        return {k: v for k, v in asdict(self).items() if v is not None}
