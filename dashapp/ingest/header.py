"""Where the table is: its header (one or two rows), its columns, and what stands above it."""

from __future__ import annotations

from dataclasses import dataclass

from dashapp.core.errors import Invalid
from dashapp.ingest.cells import look
from dashapp.ingest.grid import Grid

Rows = list[list[str | None]]
_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Header:
    """row: the 0-based row whose next row is data; top: the first header row (row - 1 where two belong together).

    names: header by grid column, cleaned of line breaks and zero-width characters, None where there is none.
    confidence: 0-1 for a guess, 1 for a declared row.
    """

    row: int
    top: int
    names: tuple[str | None, ...]
    confidence: float


def clean(text: str | None) -> str | None:
    """A header without line breaks, zero-width characters and double blanks; None when nothing is left."""
    if text is None:
        return None
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip() or None  # nearly every cell
    for char in "\u200b\u200c\u200d\u2060\ufeff":
        text = text.replace(char, "")
    return " ".join(text.split()) or None


def first_row(grid: Grid) -> int | None:
    """0-based row of the first text that is not blank; None for an empty grid."""
    for start in range(0, grid.table.num_rows, 1000):
        for offset, row in enumerate(grid.rows(start, 1000)):
            if any(row):
                return start + offset
    return None


def find_header(grid: Grid, declared: int | None) -> Header:
    """The header by shape, or at the declared 1-based row. Raises Invalid for an empty sheet and a row beyond its
    end.
    """
    start = first_row(grid)
    if start is None:
        raise Invalid(
            "There are no data rows: the sheet is empty."
            if grid.sheet
            else "There are no data rows: the file is empty."
        )
    if declared is not None:
        if declared > grid.table.num_rows:
            raise Invalid(
                f"Row {declared:,} was named as the header, but the sheet ends at row {grid.table.num_rows:,}."
            )
        start = max(0, min(start, declared - 2))
    rows = grid.rows(start, _DEPTH) if declared is None else grid.rows(max(0, declared - 2), _DEPTH)
    if declared is not None:
        base = max(0, declared - 2)
        return _named(grid, rows, base, declared - 1 - base, 1.0)
    at, confidence = _best(rows)
    return _named(grid, rows, start, at, confidence)


def _best(rows: Rows) -> tuple[int, float]:
    widest = max(sum(1 for c in row if c) for row in rows)
    scores = [(_score(rows, i, widest), i) for i in range(min(len(rows), _DEPTH - 1)) if any(rows[i])]
    top, at = max(scores, key=lambda s: (s[0], -s[1]))
    if _is_second(rows, at):
        at += 1
    return at, max(0.0, min(1.0, top / 3.2))


def _score(rows: Rows, at: int, widest: int) -> float:
    """How much row `at` looks like names above values: share of texts, width, difference from what is below."""
    row = rows[at]
    filled = [i for i, c in enumerate(row) if c]
    names = [i for i in filled if look(row[i]) == "text"]
    below = [r for r in rows[at + 1 : at + 21] if any(r)]
    distinct = len({row[i] for i in filled}) / len(filled)
    long = sum(1 for i in filled if len(row[i] or "") > 60)
    score = len(names) / len(filled) + len(filled) / widest + 0.3 * distinct - 0.5 * long - 0.01 * at
    if widest > 1 and len(filled) == 1:
        score -= 1
    if not below:
        return score - 0.5
    values = [[r[i] for r in below if r[i]] for i in names]
    typed = sum(1 for v in values if v and sum(look(c) in ("number", "date", "missing") for c in v) >= 0.6 * len(v))
    supported = sum(1 for v in values if v)
    dense = sum(sum(1 for i in filled if r[i]) for r in below[:8]) / (len(filled) * min(8, len(below)))
    return score + (0.8 * typed / max(1, len(names)) if names else 0) + 0.4 * supported / len(filled) + 0.4 * dense


def _is_second(rows: Rows, at: int) -> bool:
    """Is the row below a second row of names? It is all text, and the rows below it are not."""
    if at + 2 >= len(rows) or not any(rows[at + 1]):
        return False
    lower, filled = rows[at + 1], [i for i, c in enumerate(rows[at + 1]) if c]
    if len(filled) < 2 or any(look(lower[i]) != "text" for i in filled):
        return False
    gaps = [i for i in filled if not rows[at][i]]
    below = [r for r in rows[at + 2 : at + 12] if any(r)]
    numeric = sum(1 for i in filled if any(r[i] and look(r[i]) in ("number", "date") for r in below))
    same = any(look(r[i]) == "text" and r[i] for r in below for i in filled[:1] if numeric == 0)
    repeated = len({lower[i] for i in filled}) < len(filled)
    return bool(below) and numeric >= max(1, len(filled) // 2) and (bool(gaps) or repeated) and not same


def _named(grid: Grid, rows: Rows, start: int, at: int, confidence: float) -> Header:
    row, top = [clean(c) for c in rows[at]], at
    if at > 0 and (group := _groups(grid, rows, start, at)) is not None:
        row = [f"{g} / {c}" if g and c and g != c else (c or g) for g, c in zip(group, row, strict=True)]
        top = at - 1
    return Header(start + at, start + top, tuple(row), confidence)


def _groups(grid: Grid, rows: Rows, start: int, at: int) -> list[str | None] | None:
    """Labels of the row above, spread over the columns they head; None when that row is a title or holds data.

    A label spreads over its merged cells; without merges, to the next label - but only when there are several labels,
    and names that need them: some are missing or stand twice.
    """
    above, names = rows[at - 1], rows[at]
    filled = [i for i, c in enumerate(above) if c]
    if not filled or any(look(above[i]) != "text" for i in filled):
        return None
    merges = [m for m in grid.merges if m[0] <= start + at - 1 <= m[2]]
    spans = {m[1]: m for m in merges}
    used = [i for i, c in enumerate(names) if c]
    if not used:
        return None
    if len(filled) == 1 and not (
        set(range(spans[filled[0]][1], spans[filled[0]][3] + 1)) < set(used) if filled[0] in spans else False
    ):
        return None
    if any(len(above[i] or "") > 40 for i in filled) or not any(names[i] or i in spans for i in filled):
        return None
    if not merges and len({names[i] for i in used}) == len(names):
        return None  # every column has a name of its own: what stands above are parameters (`Currency | EUR`)
    return _spread(above, filled, spans, merged=bool(merges))


def _spread(
    above: list[str | None], filled: list[int], spans: dict[int, tuple[int, int, int, int]], *, merged: bool
) -> list[str | None]:
    out: list[str | None] = [None] * len(above)
    for n, i in enumerate(filled):
        after = filled[n + 1] if n + 1 < len(filled) else len(above)
        last = spans[i][3] if i in spans else (i if merged else after - 1)
        for j in range(i, min(last, len(above) - 1) + 1):
            out[j] = clean(above[i])
    return out
