"""What is wrong with a formula: issues with the offset in the text, the reason and what helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue


class FormulaError(Invalid):
    """A formula that cannot be used; `issues` carry position, message and help."""


def error(code: str, message: str, at: int | None = None, help: str | None = None) -> FormulaError:
    """One problem as an exception; its message is the issue's, with the help behind it."""
    return combined([Issue(code, message, position=at, help=help)])


def combined(issues: Sequence[Issue]) -> FormulaError:
    """Several problems as one exception."""
    texts = [
        f"{i.message[:-1] if i.help and i.message.endswith('.') else i.message}{' - ' + i.help if i.help else ''}"
        for i in issues
    ]
    return FormulaError(" ".join(texts), issues=issues)


def did_you_mean(word: str, known: Sequence[str], written: Callable[[str], str] = str) -> str | None:
    """The suggestion for a misspelt word, or None when nothing is close. written: how a name is written there."""
    close = get_close_matches(word, sorted(set(known)), n=1, cutoff=0.6)
    return f"did you mean {written(close[0])!r}?" if close else None
