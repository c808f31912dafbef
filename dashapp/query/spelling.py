"""How names are written in a formula: any key is a name, also one that means something to Python's parser.

Only four words mean something in the language itself: `and`, `or`, `in`, `not`. A column, dataset or KPI of that name
stands in backticks (`` sum(`in`) ``) or, a column, behind its dataset (`sum(orders.in)`). Before the parser sees a
text, such names and Python's other keywords (`class`, `from`, `lambda` ...) are written in letters no formula uses, one
for one, so that all offsets stay.
"""

from __future__ import annotations

import keyword
import re

from dashapp.query.problems import error

WORDS = ("and", "or", "in", "not")
_TAKEN = frozenset(keyword.kwlist) - set(WORDS)
_TEXT = r""" "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' """
_TOKEN = re.compile(rf"{_TEXT} | `(?P<quoted>[^`]*)`? | (?P<dot>\.\s*)?\b(?P<name>[^\W\d]\w*)", re.X)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_ALPHABET = 0xA000  # letters of a script of its own: no keyword, and not changed when the parser folds look-alikes
_HIDE = {n: chr(_ALPHABET + n) for n in range(128) if chr(n).isalnum() or chr(n) == "_"}
_SHOW = {ord(v): chr(k) for k, v in _HIDE.items()}


def hidden(text: str, offset: int = 0) -> str:
    """The text with every name the parser would misread hidden, each character by one.

    offset: where the text begins in what the user wrote. Raises FormulaError for backticks around anything else.
    """

    def replaced(found: re.Match[str]) -> str:
        quoted, name = found["quoted"], found["name"]
        if quoted is not None:
            if not _NAME.match(quoted) or not found[0].endswith("`") or len(found[0]) < 3:
                raise error("formula-name", f"{found[0][:40]!r} is no name.", found.start() + offset,
                            "backticks stand around one name: `in`")
            return f"{quoted.translate(_HIDE)}  "
        if name and (name in _TAKEN or (found["dot"] and name in WORDS)):
            return f"{found['dot'] or ''}{name.translate(_HIDE)}"
        return found[0]

    return _TOKEN.sub(replaced, text)


def shown(name: str) -> str:
    """A name as the parser read it, in its own letters again."""
    return name.translate(_SHOW)


def spelled(name: str) -> str:
    """A name, or names joined by dots, as it is written in a formula."""
    first, dot, rest = name.partition(".")
    return f"`{first}`{dot}{rest}" if first in WORDS else name
