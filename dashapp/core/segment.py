"""A segment of a split as conditions of the filter grammar: what selects exactly the rows behind one line."""
from __future__ import annotations

from dashapp.core.series import Point, Series, Total
from dashapp.core.where import Where


def conditions(series: Series, figure: Point | Total) -> tuple[Where, ...]:
    """The conditions under which the whole is this segment: for "Others" none of the segments named beside it.

    A missing value is the empty text. () for the whole.
    """
    named = tuple(Where(name, "=", (_text(value),)) for name, value in figure.split)
    if figure.others is None:
        return named
    depth = len(figure.split)
    beside = {_text(part.split[depth][1]) for part in series.parts
              if len(part.split) > depth and part.split[:depth] == figure.split}
    return (*named, Where(series.by[depth], "!=", tuple(sorted(beside)))) if beside else named


def _text(value: object) -> str:
    """As the grammar writes it; numbers and dates can be split by, too."""
    return "" if value is None else str(value)
