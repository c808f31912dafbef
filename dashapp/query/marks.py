"""Marks: texts that stand in a statement where the values of filters will, so that it is compiled once for all values.

Compiling a statement costs a hundred times what running it does, and people filter by a new value all day. A mark
contains a digest over everything the statement was compiled from, so nothing typed into a formula can pass for one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dashapp.core.where import Where

Conditions = tuple[Where, ...]


def shapes(groups: Iterable[Conditions], is_text: Callable[[str], bool]) -> tuple[list[Conditions], tuple[str, ...]]:
    """The groups of conditions with a number in place of every value, and the values by number.

    The empty text stays: it means that values may be missing, which makes another statement. So do the values of
    columns that are no texts, which are read before they are compared. is_text: of a column by its written name.
    """
    values: list[str] = []

    def shape(where: Where) -> Where:
        if not is_text(where.column):
            return where
        kept = []
        for value in where.values:
            kept.append(str(len(values)) if value else value)
            values.extend([value] if value else ())
        return replace(where, values=tuple(kept))

    return [tuple(map(shape, group)) for group in groups], tuple(values)


def seal_of(parts: object) -> str:
    """The digest that marks of a statement contain; parts: everything it is compiled from, with a telling `repr`."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]  # short, or it breaks lines where no value would


def marked(wheres: Conditions, is_text: Callable[[str], bool], seal: str) -> Conditions:
    """The conditions of a shape with marks in place of numbers: what is compiled."""
    return tuple(replace(w, values=tuple(f"{seal}:{v}" if v else v for v in w.values)) if is_text(w.column) else w
                 for w in wheres)


def filled(sql: str, seal: str, values: Sequence[str], dialect: str) -> str:
    """The statement with the values in place of their marks, written as its dialect writes texts."""
    from sqlglot import exp

    def written(found: re.Match[str]) -> str:
        return exp.Literal.string(values[int(found.group(1))]).sql(dialect=dialect)

    return re.sub(f"'{seal}:([0-9]+)'", written, sql)
