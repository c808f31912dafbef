"""A table of texts: what `View as table` shows and what a renderer of documents prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Grid:
    """head: column names; rows: texts, as many as columns each; numeric: indices of right-aligned columns.

    reasons: (row, column) -> why nothing stands there.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    reasons: Mapping[tuple[int, int], str] = field(default_factory=dict)
