"""What a file that replaces whole periods takes away and what it brings, in sentences."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dashapp.core.join import EMPTY
from dashapp.core.period import DateRange
from dashapp.core.words import Words

SHOWN = 12


def replaced_words(span: tuple[date, date] | None, slices: Mapping[str, Sequence[str] | None], words: Words) -> str:
    """`Replaces the rows of 1–31 Mar 2026 where Region is APAC or EMEA; all others stay.`

    span: whole periods, None while the dates are not known. slices: header -> the values in the file, None where they
    are not known yet. Without slices everything in the periods goes, which is said.
    """
    when = words.span(DateRange(*span)) if span else "the periods of the file"
    if not slices:
        return f"Replaces all rows of {when}, also those of which the file says nothing."
    told = " and ".join(f"{header} is {_values(values)}" for header, values in slices.items())
    return f"Replaces the rows of {when} where {told}; all others stay."


def exchange_words(effect: Mapping[str, Any], headers: Mapping[str, str], words: Words) -> str:
    """What a commit replaces, how many rows come beside how many go, and how many of those do not come back."""
    replaced = effect["replaced"]
    first, last = (date.fromisoformat(d) for d in replaced["span"])
    slices = {headers.get(column, column): values for column, values in replaced["slices"].items()}
    come, go, lost = (int(effect.get(k) or 0) for k in ("rows", "hidden", "vanishing"))
    verbs = "comes" if come == 1 else "come", "goes" if go == 1 else "go"
    rows = f"{words.counted(come, 'row')} {verbs[0]}, {words.counted(go, 'known row')} {verbs[1]}"
    lose = f"; {words.number(lost) if lost else 'none'} of those would not be there any more"
    return f"{replaced_words((first, last), slices, words)} {rows}{lose}."


def _values(values: Sequence[str] | None) -> str:
    """Values joined by `or`, the first twelve by name."""
    if values is None:
        return "any value in the file (the check names them)"
    shown = [v or EMPTY for v in values[:SHOWN]]
    if len(values) > SHOWN:
        return f"{', '.join(shown)} or one of {len(values) - SHOWN} more"
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else "".join(shown) or "none"
