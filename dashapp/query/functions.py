"""The functions of the formula language in words: their signature, what each place takes, and what it does."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """One function. places: the names of its arguments in order, those after `needed` may be left out."""

    name: str
    places: tuple[str, ...]
    needed: int
    help: str

    @property
    def signature(self) -> str:
        """`rolling(figure, count[, unit])`."""
        may = "".join(f"[, {m}]" if n or self.needed else f"[{m}]" for n, m in enumerate(self.places[self.needed:]))
        return f"{self.name}({', '.join(self.places[:self.needed])}{may})"


_ROWS = ("column", "condition")
_WHAT = {
    "sum": "The sum of a column, or of an expression of the columns of a row.",
    "avg": "The average of the values that are there.",
    "min": "The smallest value.",
    "max": "The largest value.",
    "median": "The value in the middle.",
    "count": "How many rows a dataset has, or how many have a value in the column.",
    "distinct": "How many different values the column has.",
    "first": "The value of the first day with values: a balance at the start.",
    "last": "The value of the last day with values: a balance at the end.",
    "new": "How many have their first row ever in the period.",
    "returning": "How many were active before the period and are in it.",
    "lost": "How many were active in the preceding period and are not in this one.",
}
_TIMED = {
    "previous": (("figure",), "The same figure of the period before."),
    "year_ago": (("figure",), "The same figure of the same period a year before."),
    "growth": (("figure",), "The change against the period before, as a share of its size."),
    "rolling": (("figure", "count", "unit"), "The figure over some days, weeks or months, up to the period's end."),
    "to_date": (("figure", "unit"), "The figure since the start of the year, quarter, month or week."),
}
_NEEDED = {"rolling": 2, "to_date": 2, "count": 0}
FUNCTIONS = {
    **{n: Function(n, _ROWS, _NEEDED.get(n, 1), told) for n, told in _WHAT.items()},
    **{n: Function(n, places, _NEEDED.get(n, 1), told) for n, (places, told) in _TIMED.items()},
    "contains": Function("contains", ("column", "text"), 2, "In a condition: the text of the column holds this one."),
}
