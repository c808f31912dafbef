"""The two sides of a comparison that is being written: the column on its left, and how a value is written on its right.

Reads any text, finished or not; nothing here ever fails.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashapp.core.dataset import Dataset
from dashapp.query.caret import Caret, Frame, Token, tokens
from dashapp.query.columns import Field, find
from dashapp.query.tree import AGGREGATES
from dashapp.query.written import SIGNS

EQUAL = ("==", "!=", "<>")
ORDERED = ("<", ">", "<=", ">=")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_FOLDED = {chr(c) for c in SIGNS} - {"\n", "\r", "\t"}  # typed for other signs, so that no formula holds them


@dataclass(frozen=True)
class Wanted:
    """A value of `field` is written at text[start:end]; typed: its letters so far, without the quote."""

    field: Field
    start: int
    end: int
    typed: str


def wanted_value(text: str, position: int, caret: Caret, datasets: Mapping[str, Dataset]) -> Wanted | None:
    """The text column whose value the caret is in: `region == "E`, `region in ["EMEA", "`. None where there is none."""
    call = caret.call
    if call is None or call.name not in AGGREGATES or call.place != 1 or caret.kind not in ("text", ""):
        return None
    parts = list(tokens(text))
    before = _left(caret, [t for t in parts if t.end <= caret.start])
    field = _field(call, before[-1:], datasets)
    if field is None or field.column.type != "text":
        return None
    is_open = any(t.kind == "text" and not _is_closed(t) for t in parts)
    end = max(caret.start, min(position, caret.end)) if is_open else caret.end  # an open text swallows what follows
    return Wanted(field, caret.start, end, caret.word[1:])


def compared_column(text: str, caret: Caret, datasets: Mapping[str, Dataset]) -> Field | None:
    """The column in front of the caret that nothing is compared with yet: `sum(revenue, region |`."""
    call = caret.call
    if call is None or call.name not in AGGREGATES or call.place != 1 or caret.is_in_list:
        return None
    before = [t for t in tokens(text) if t.end <= caret.start]
    if len(before) > 1 and not _begins_condition(before[-2]):
        return None
    return _field(call, before[-1:], datasets)


def ends_condition(text: str, caret: Caret) -> bool:
    """Stands the caret behind a whole comparison, where `and` and `or` go on?"""
    call = caret.call
    if call is None or call.name not in AGGREGATES or call.place != 1 or caret.is_in_list:
        return False
    before = [t for t in tokens(text) if t.end <= caret.start]
    if before and before[-1].text == "]":
        return True
    return (len(before) > 2 and before[-1].kind in ("text", "number") and before[-2].text in (*EQUAL, *ORDERED)
            and before[-3].kind == "name")


def literal(value: str) -> str | None:
    """A text as a formula holds it, in quotes; None for one that no formula can hold."""
    if "\x00" in value or _FOLDED & set(value):
        return None
    return f'"{value.translate(_ESCAPES)}"'


def fitting(call: Frame, datasets: Mapping[str, Dataset]) -> list[Dataset]:
    """The datasets that have all columns the aggregate names already; all of them where none has."""
    named = [p for p in call.names if any(find(d, p, datasets) for d in datasets.values())]
    found = [d for d in datasets.values() if all(find(d, p, datasets) for p in named)]
    return found or list(datasets.values())


def _left(caret: Caret, before: list[Token]) -> list[Token]:
    """The tokens up to the left side of the comparison whose right side the caret is in; [] where it is in none."""
    if not caret.is_in_list:
        return before[:-1] if before and before[-1].text in EQUAL else []
    while before and before[-1].kind in ("text", "number", "comma"):
        before = before[:-1]
    if [t.text for t in before[-2:]] != ["in", "["]:
        return []
    return before[:-3] if before[-3:-2] and before[-3].text == "not" else before[:-2]


def _field(call: Frame, last: Sequence[Token], datasets: Mapping[str, Dataset]) -> Field | None:
    if not last or last[0].kind != "name" or last[0].is_word:
        return None
    found = (find(d, last[0].path, datasets) for d in fitting(call, datasets))
    return next((f for f in found if f), None)


def _begins_condition(token: Token) -> bool:
    return token.kind in ("comma", "open") or token.is_word


def _is_closed(token: Token) -> bool:
    return len(token.text) > 1 and token.text[-1] == token.text[0]
