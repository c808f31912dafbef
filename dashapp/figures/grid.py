"""A table of texts: what `View as table` shows and what a renderer of documents prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """head: column names; rows: texts, as many as columns each; numeric: indices of right-aligned columns."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
