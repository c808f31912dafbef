"""How many rows of a file find their row in another dataset: what is told of a join before it is committed."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from dashapp.core.words import NO_VALUE, Words

EMPTY = "(empty)"


@dataclass(frozen=True, slots=True)
class JoinMatch:
    """column: of the file; target: `dataset.column`. rows: looked up, of which `matched` are found there.

    missing: up to ten keys that are not there, the most frequent first (an empty one as the empty text); distinct:
    how many such keys there are. is_there: False while the target itself does not exist yet.
    """

    column: str
    target: str
    rows: int
    matched: int
    missing: tuple[str, ...] = ()
    distinct: int = 0
    is_there: bool = True

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "missing": list(self.missing)}


def match_from_json(data: dict[str, Any]) -> JoinMatch:
    """The value that `to_json` wrote."""
    return JoinMatch(**{**data, "missing": tuple(data["missing"])})


def found_words(match: JoinMatch, words: Words) -> str:
    """`98.5% of 1,000 rows find their row in catalogue.` Never rounded up to all, nor down to none."""
    dataset = match.target.partition(".")[0]
    if not match.is_there:
        return f"{dataset} is not there yet: no row finds its row until {match.target} is."
    if not match.rows:
        return f"No row looks into {dataset}."
    share = words.number(_share(match), "percent", 1) if match.matched else words.number(0, "percent")
    verb = "finds its" if match.rows == 1 else "find their"
    return f"{share} of {words.counted(match.rows, 'row')} {verb} row in {dataset}."


def missing_words(match: JoinMatch, words: Words) -> str:
    """The keys without a row: `Not there: S9, (empty) and 3 more.`; the empty text when none is missing."""
    if not match.missing or not match.is_there:
        return ""
    told = ", ".join(k or EMPTY for k in match.missing) or NO_VALUE
    more = match.distinct - len(match.missing)
    return f"Not there: {told}{f' and {words.number(more)} more' if more > 0 else ''}."


def _share(match: JoinMatch) -> float:
    """Matched of all, cut to a tenth of a percent, and at least one tenth where any row is found."""
    return max(1, match.matched * 1000 // match.rows) / 1000
