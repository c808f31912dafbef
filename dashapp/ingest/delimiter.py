"""Which character separates the fields of a text file: the one that gives the most rows the same number of fields."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from dashapp.core.errors import Invalid

CANDIDATES = (",", ";", "\t", "|")


def declared_in(line: str) -> str | None:
    """The separator of a leading `sep=;` line, as Excel writes it."""
    text = line.strip("\r\n")
    return text[4:5] if text[:4].lower() == "sep=" and len(text) == 5 else None


def decide(lines: Sequence[str], limit: int) -> str:
    """The separator of a file by its first lines. Raises Invalid when the widest reading has more than `limit`
    columns.
    """
    for line in lines[:1]:
        if min(limit, max(line.count(c) for c in CANDIDATES)) >= limit:
            raise Invalid(f"The first line has more than {limit:,} columns; at most {limit:,} can be read.")
    scored = [(_score(lines, c), -i, c) for i, c in enumerate(CANDIDATES)]
    (share, _, _), _, best = max(scored)
    return best if share > 0 else ","


def _score(lines: Sequence[str], delimiter: str) -> tuple[float, int, int]:
    """(share of rows with the usual width, does the first row have it, the width); (0, 0, 0) for a single column."""
    widths: list[int] = []
    with suppress(csv.Error):  # what was read before the broken quote still speaks for or against the candidate
        widths += [len(row) for row in csv.reader(lines, delimiter=delimiter) if any(row)]
    counts = Counter(w for w in widths if w > 1)
    if not counts:
        return 0.0, 0, 0
    width, rows = max(counts.items(), key=lambda item: (item[1], item[0]))
    return rows / len(widths), int(widths[0] == width), width
