"""Tables whose periods run across the columns: where their header is, which columns are periods, which are labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dashapp.core.dataset import RoleOf
from dashapp.core.mapping import Mapping
from dashapp.ingest import words
from dashapp.ingest.cells import is_missing, look
from dashapp.ingest.grid import Grid
from dashapp.ingest.header import Rows, clean, first_row
from dashapp.ingest.periods import LENGTHS, Part, Span, part_of, span_of, year_of

_DEPTH, _BELOW = 60, 40
_SUMS = re.compile(
    r"^(?:total|sum|summe|gesamt|ytd|qtd|mtd|ltm|ttm|cumulated?|kumuliert|average|avg|mean|durchschnitt|schnitt|change|"
    r"[Δ∆].*|delta|var(?:iance)?|diff(?:erence)?|abw(?:eichung)?|growth|yoy|mom|trend|%|vs\.?.*)\b.*|.*\btotal$|^[%Δ∆±].*",
    re.I)


@dataclass(frozen=True, slots=True)
class Across:
    """The header of a table with periods side by side. Columns are grid columns, rows 0-based.

    row: the last header row; top: the first. periods: column -> (period, what else its header says). labels: column ->
    header of columns that say what a row is. sums: columns that repeat others (a total, a quarter among months).
    odd: columns with numbers of which nothing is known. confidence: 0-1. yearless: months without a year.
    """

    row: int
    top: int
    periods: dict[int, tuple[Span, str | None]]
    labels: dict[int, str | None]
    sums: dict[int, str] = field(default_factory=dict)
    odd: dict[int, str] = field(default_factory=dict)
    confidence: float = 0.0
    yearless: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        return self.row + 1


@dataclass(frozen=True, slots=True)
class _Heads:
    """One way to read a header: from `top` to `row`. parts: periods that lack their year."""

    row: int
    top: int
    spans: dict[int, tuple[Span, str | None]]
    parts: dict[int, Part]
    texts: tuple[str | None, ...]

    @property
    def weight(self) -> int:
        return 2 * len(self.spans) + len(self.parts)


def find_across(grid: Grid, mapping: Mapping) -> Across | None:
    """The header with the most periods in it over columns of numbers; None where fewer than two stand side by side."""
    start = first_row(grid)
    if start is None:
        return None
    declared = mapping.header_row
    if declared is not None:
        start = max(0, min(start, declared - 3))
    rows = grid.rows(start, _DEPTH + _BELOW)
    places = range(min(len(rows), _DEPTH)) if declared is None else (declared - 1 - start,)
    read = [_over_numbers(rows, h) for i in places for h in _read(grid, rows, start, i)]
    found = [h for h in read if _is_header(rows, h)]
    if not found:
        return None
    best = max(found, key=lambda h: (h.weight, h.top, h.row))
    return _sorted_out(grid, rows, start, best, mapping)


def _read(grid: Grid, rows: Rows, start: int, i: int) -> list[_Heads]:
    """The header that ends in row i, as one, two and three rows."""
    if i < 0 or i >= len(rows) or not any(rows[i]):
        return []
    out = []
    for height in (1, 2, 3):
        top = i - height + 1
        if top < 0 or (height > 1 and not any(rows[top])):
            break
        if len({j for r in range(top, i + 1) for j in _reach(grid, rows[r], start + r, is_last=r == i)}) < 2:
            continue  # rows of values, each with its date at the most
        out.append(_stacked(i, top, [_spread(grid, rows, start, r, is_last=r == i) for r in range(top, i + 1)]))
    return out


def _reach(grid: Grid, row: Sequence[str | None], at: int, *, is_last: bool) -> set[int]:
    """Columns that a period named in the row could hold for: a label spreads over merged cells, and in an upper row
    over blanks."""
    named = {j for j, c in enumerate(row) if c and (said := clean(c)) and (span_of(said) or part_of(said))}
    if not named:
        return named
    if any(m[0] <= at <= m[2] for m in grid.merges):
        return set(range(len(row)))
    return named if is_last else named | {j for j, c in enumerate(row) if not c}


def _spread(grid: Grid, rows: Rows, start: int, r: int, *, is_last: bool) -> list[str | None]:
    """The texts of a header row; in an upper one a label holds for its merged cells, or up to the next label."""
    row = [clean(c) for c in rows[r]]
    spans = {m[1]: m[3] for m in grid.merges if m[0] <= start + r <= m[2] and m[1] < len(row)}
    for left, right in spans.items():
        for j in range(left, min(right, len(row) - 1) + 1):
            row[j] = row[left]
    if is_last or spans:
        return row
    periods = sum(1 for c in row if c and (span_of(c) or part_of(c)))
    if not periods:
        return row
    held: str | None = None
    for j, c in enumerate(row):
        held = c if c and (span_of(c) or part_of(c)) else (None if c else held)
        row[j] = c or held
    return row


def _stacked(i: int, top: int, levels: Sequence[Sequence[str | None]]) -> _Heads:
    spans: dict[int, tuple[Span, str | None]] = {}
    parts: dict[int, Part] = {}
    texts: list[str | None] = []
    for j in range(len(levels[-1])):
        said = [level[j] for level in levels]
        texts.append(" / ".join(dict.fromkeys(t for t in said if t)) or None)
        if any(t and look(t) in ("number", "missing") and year_of(t) is None for t in said):
            continue  # a row of values is no part of a header
        found = _of(said)
        if isinstance(found, Part):
            parts[j] = found
        elif found:
            spans[j] = found
    return _Heads(i, top, spans, parts, tuple(texts))


def _of(said: Sequence[str | None]) -> tuple[Span, str | None] | Part | None:
    """The period that the header cells of one column name together, with the other words among them."""
    filled = [t for t in said if t]
    years = [t for t in filled if year_of(t) is not None]
    parts = [t for t in filled if part_of(t) is not None]
    whole = [t for t in filled if span_of(t) is not None and t not in years]
    other = [t for t in filled if t not in years and t not in parts and t not in whole]
    name = " ".join(dict.fromkeys(other)) or None
    if whole and (span := span_of(whole[-1])):
        return span, name
    if parts and (part := part_of(parts[-1])):
        year = year_of(years[-1]) if years else None
        return (part.of(year), name) if year is not None else part
    if years and (span := span_of(years[-1])):
        return span, name
    return None


def _over_numbers(rows: Rows, heads: _Heads) -> _Heads:
    """The header with those periods only below which numbers stand; below a year numbers that are no years."""
    below = [r for r in rows[heads.row + 1 : heads.row + 1 + _BELOW] if any(r)]

    def holds(j: int) -> bool:
        cells = [c for r in below if (c := r[j])]
        values = sum(1 for c in cells if look(c) in ("number", "missing"))
        years = sum(1 for c in cells if year_of(c) is not None)
        is_year = j in heads.spans and heads.spans[j][0].length == "year"
        return values >= 0.6 * len(cells) and not (is_year and cells and years >= 0.6 * len(cells))

    spans = {j: s for j, s in heads.spans.items() if holds(j)}
    parts = {j: p for j, p in heads.parts.items() if holds(j)}
    filled = any(r[j] for r in below for j in (*spans, *parts))
    return replace(heads, spans=spans if filled else {}, parts=parts if filled else {})


def _is_header(rows: Rows, heads: _Heads) -> bool:
    """At least two periods, the last header row filled over most of them, and no other names above."""
    columns = (*heads.spans, *heads.parts)
    filled = sum(1 for j in columns if rows[heads.row][j])
    return len(columns) >= 2 and 2 * filled >= len(columns) and _is_regular(heads) and not _is_below_names(rows, heads)


def _is_regular(heads: _Heads) -> bool:
    """Where headers name measures beside their periods, each measure stands under (nearly) each period."""
    names = {name for _, name in heads.spans.values()}
    periods = {span.text for span, _ in heads.spans.values()}
    return len(names) < 2 or len(heads.spans) >= 0.75 * len(names) * len(periods)


def _is_below_names(rows: Rows, heads: _Heads) -> bool:
    """Do the columns have other names in the row above? Then what looks like periods is the first row of values."""
    if heads.top == 0:
        return False
    above = [rows[heads.top - 1][j] for j in (*heads.spans, *heads.parts)]
    said = [c for c in above if c and look(c) == "text"]
    return len(set(said)) >= 2 and len(said) >= 0.5 * len(above)


def _sorted_out(grid: Grid, rows: Rows, start: int, heads: _Heads, mapping: Mapping) -> Across:
    """Columns of the header by what they are for."""
    titles = [c for r in rows[: heads.top] for c in r if c]
    spans = dict(heads.spans)
    yearless: tuple[str, ...] = ()
    if heads.parts:
        year = _year_in(titles)
        if year is None:
            yearless = tuple(heads.texts[j] or "" for j in sorted(heads.parts))
        spans |= {j: (part.of(year or 1900), None) for j, part in heads.parts.items()}
    labels: dict[int, str | None] = {}
    sums: dict[int, str] = {}
    odd: dict[int, str] = {}
    for j, header in enumerate(heads.texts):
        if j in spans:
            continue
        kind = _kind(grid, j, header, start + heads.row + 1, mapping)
        if kind == "label":
            labels[j] = header
        elif kind:
            (sums if kind == "sum" else odd)[j] = header or f"[{grid.letter(j)}]"
    repeated = _repeated(spans)
    sums |= {j: heads.texts[j] or "" for j in repeated}
    spans = {j: s for j, s in spans.items() if j not in repeated and not _is_ignored(mapping, heads.texts[j])}
    return Across(start + heads.row, start + heads.top, dict(sorted(spans.items())), labels, sums, odd,
                  _confidence(spans, labels, rows, heads), yearless)


def _year_in(titles: Sequence[str]) -> int | None:
    """The one year that the lines above the table name; None for none and for several."""
    years = {int(y) for t in titles for y in re.findall(r"(?<![\d.,])((?:19|20)\d\d)(?![\d.,])", t)}
    fiscal = any(re.search(r"\b(?:FY|fiscal|GJ|exercice)", t, re.I) for t in titles)
    return years.pop() if len(years) == 1 and not fiscal else None


def _is_ignored(mapping: Mapping, header: str | None) -> bool:
    column = mapping.columns.get(header or "")
    return column is not None and column.role is RoleOf.IGNORE


def _kind(grid: Grid, j: int, header: str | None, first: int, mapping: Mapping) -> str | None:
    """`label`, `sum`, `odd`, or None for a column that is empty or to be ignored."""
    cells = grid.table.column(j).slice(first, 5_000).drop_null().to_pylist()
    looks = [look(c) for c in cells if c.strip()]
    declared = mapping.columns.get(header or f"[{grid.letter(j)}]")
    if not looks or (declared and declared.role is RoleOf.IGNORE):
        return None
    if declared and declared.role is not None:
        return "label"
    if looks.count("number") <= 0.5 * len(looks):
        return "label"
    if header and _SUMS.search(header):
        return "sum"
    key = words.key_of(header or "", j)
    return "label" if words.is_id(key) or words.is_label(key) else "odd"


def _repeated(spans: dict[int, tuple[Span, str | None]]) -> set[int]:
    """Columns of longer periods that contain one of the shorter periods beside them: a quarter after its months."""
    out = set()
    for j, (span, name) in spans.items():
        if span.start is None:
            continue
        inside = [s for s, n in spans.values() if n == name and s.start is not None and _is_shorter(s, span)]
        if any(_contains(span, s) for s in inside):
            out.add(j)
    return out


def _is_shorter(a: Span, b: Span) -> bool:
    return LENGTHS.index(a.length) < LENGTHS.index(b.length)


def _contains(outer: Span, inner: Span) -> bool:
    assert outer.start is not None
    assert inner.start is not None
    if outer.start.year != inner.start.year:
        return False
    if outer.length == "year":
        return True
    if outer.length == "quarter":
        return (inner.start.month - 1) // 3 == (outer.start.month - 1) // 3
    return outer.length == "month" and inner.start.month == outer.start.month


def _confidence(spans: dict[int, tuple[Span, str | None]], labels: dict[int, str | None], rows: Rows,
                heads: _Heads) -> float:
    """Many periods of one length over numbers are sure; two years side by side are not; a column of dates beside them
    speaks for rows that are dated already."""
    if not spans:
        return 0.0
    lengths = {s.length for s, _ in spans.values()}
    periods = {s.text for s, _ in spans.values()}
    sure = 0.95 if len(periods) >= 3 else 0.75
    sure -= 0.25 if len(lengths) > 1 else 0.0
    below = [r for r in rows[heads.row + 1 : heads.row + 1 + _BELOW] if any(r)]
    for j in labels:
        cells = [r[j] for r in below if r[j] and not is_missing(r[j])]
        if cells and sum(1 for c in cells if look(c) == "date") >= 0.8 * len(cells):
            sure -= 0.4
    return max(0.0, sure)
