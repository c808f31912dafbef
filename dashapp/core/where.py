"""The one filter grammar of CLI, REST, URL and data scopes: `region=EMEA|APAC`, `region!=EMEA`, `name~=text`."""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue

Op = Literal["=", "!=", "~="]
_PATTERN = re.compile(r"^\s*([A-Za-z_][\w.]*)\s*(!=|~=|=)(.*)$", re.S)
_EDGE = re.compile(r"^\s|\s$")
MAX_VALUES = 500


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """One condition on a text column: `=` any of values, `!=` none of them, `~=` contains the (single) text.

    A missing value satisfies only `!=` and an `=` with the empty text.
    """

    column: str
    op: Op
    values: tuple[str, ...]

    def __str__(self) -> str:
        escaped = "|".join(_EDGE.sub(r"\\\g<0>", v.replace("\\", "\\\\").replace("|", "\\|")) for v in self.values)
        return f"{self.column}{self.op}{escaped}"


def parse_where(text: str) -> Where:
    """Read one condition. A literal bar or backslash inside a value is written `\\|` or `\\\\`, a blank that belongs to
    the value's edge `\\ `; other blanks around values do not count.

    Raises Invalid with a position-free issue naming the text when it does not fit the grammar.
    """
    match = _PATTERN.match(text)
    if not match:
        issue = Issue("where-syntax", f"Cannot read the filter {text[:80]!r}.", help="Write region=EMEA.")
        raise Invalid(issue.message, issues=[issue])
    column, op, rest = match.groups()
    values = _split(rest)
    if len(values) > MAX_VALUES:
        raise Invalid(f"A filter may name at most {MAX_VALUES} values.")
    if op == "~=" and len(values) != 1:
        raise Invalid("A ~= filter takes one text.")
    return Where(column, op, tuple(values) if op == "~=" else tuple(sorted(set(values))))  # type: ignore[arg-type]


def parse_wheres(texts: Iterable[str]) -> tuple[Where, ...]:
    """Read several conditions, sorted so that equal filters compare equal."""
    return tuple(sorted({parse_where(t) for t in texts if t.strip()}))


def _split(text: str) -> list[str]:
    values, current, escaped, end = [], "", False, 0  # end: length of `current` without blanks that do not count
    for char in text:
        if not escaped and char in "\\|":
            escaped = char == "\\"
            if not escaped:
                values.append(current[:end])
                current, end = "", 0
        elif escaped or current or not char.isspace():
            current += char
            end = len(current) if escaped or not char.isspace() else end
            escaped = False
    return [*values, current[:end]]
