"""Counts per window: the result of a scan over entities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dashapp.query.scan import Lookup, Need
from dashapp.query.split import Split, segments
from dashapp.query.tree import Agg
from dashapp.query.windows import Reach


class Counted(Lookup):
    """Counts per window; level says how many dimensions a row is of."""

    def __init__(
        self, columns: dict[str, list[Any]], dimensions: int, keys: Sequence[Any], names: dict[Agg, str]
    ) -> None:
        self.window = {key: i for i, key in enumerate(keys)}
        self.names = names
        keys = segments(columns, dimensions, columns["level"])
        self.found: dict[tuple[str, int, Split], Any] = {}
        for row, (window, split) in enumerate(zip(columns["window"], keys, strict=True)):
            for name in names.values():
                if columns[name][row] is not None:
                    self.found[(name, window, split)] = int(columns[name][row])

    def value(self, need: Need, split: Split | None) -> Any:
        return self.found.get((self.names[need.agg], self.window[(need.reach, need.before)], split or ()))

    def covers(self, need: Need) -> bool:
        return need.agg in self.names and (need.reach, need.before) in self.window


def is_months(span: Reach) -> bool:
    """Does the span consist of whole calendar months?"""
    return span.start.day == 1 and (span.end + timedelta(1)).day == 1
