"""Partials: what the fused scan gives per atom and segment, and how figures are put together from it.

A window is a run of atoms. Where it is one, its partial is the figure; sums over more are differences of running
totals where these are exact, as for money, and are added up anew where they are not.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import accumulate
from typing import Any

from dashapp.query.scan import Lookup, Need, Span, Spans
from dashapp.query.split import Split, segments
from dashapp.query.tree import Agg, Cond, Node

_PARTS = {
    "sum": ("s", "m"),
    "avg": ("s", "c"),
    "min": ("mn",),
    "max": ("mx",),
    "first": ("s", "c", "fd", "fv"),
    "last": ("s", "c", "ld", "lv"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One (argument, condition) pair and the partials wanted of it: s sum, c values, m rows, mn/mx extremes,
    fd/fv ld/lv date and value of the first and last day with values."""

    index: int
    arg: Node | None
    cond: Cond | None
    parts: tuple[str, ...]

    def name(self, part: str) -> str:
        return f"{part}{self.index}"


def slots_of(aggs: Iterable[Agg]) -> dict[tuple[Node | None, Cond | None], Slot]:
    """Aggregates that share argument and condition share a slot."""
    wanted: dict[tuple[Node | None, Cond | None], set[str]] = {}
    for agg in aggs:
        parts = wanted.setdefault((agg.arg, agg.cond), set())
        if agg.func == "count":
            parts.add("m" if agg.arg is None else "c")
        else:
            parts.update(p for p in _PARTS[agg.func] if p != "m" or agg.cond is not None)
    return {key: Slot(i, *key, tuple(sorted(parts))) for i, (key, parts) in enumerate(wanted.items())}


class Partials(Lookup):
    """The result of the fused scan: per segment its rows in the order of their atoms, each with its partials."""

    def __init__(self, columns: dict[str, list[Any]], slots: dict[Any, Slot], dimensions: int) -> None:
        self.columns, self.slots = columns, slots
        self.atom: list[int] | None = columns.get("atom")
        keys = segments(columns, dimensions)
        self.rows: dict[Split, list[int]] = {}
        for row in self._in_time(range(len(columns["n"]))):
            if columns["n"][row]:
                self.rows.setdefault(keys[row], []).append(row)
        self._tracks: dict[Split | None, Track] = {}

    def _in_time(self, rows: Iterable[int]) -> list[int]:
        return list(rows) if self.atom is None else sorted(rows, key=self.atom.__getitem__)

    def splits(self) -> Iterable[Split]:
        return self.rows

    def track(self, split: Split | None) -> Track:
        """The rows of a segment, of all that a subtotal has, or (None) of the whole."""
        if split not in self._tracks:
            rows = self.rows.get(split) if split is not None else None
            if rows is None:
                under = split or ()
                rows = self._in_time(r for key, rs in self.rows.items() if key[: len(under)] == under for r in rs)
            self._tracks[split] = Track(self.columns, rows, self.atom and [self.atom[r] for r in rows])
        return self._tracks[split]

    def value(self, need: Need, split: Split | None) -> Any:
        return self.values(need.agg, need.level, Spans((Span(need.reach),)), (split,))[0]

    def values(self, agg: Agg, level: int, spans: Spans, splits: Sequence[Split | None]) -> list[Any]:
        slot, read, out = self.slots[(agg.arg, agg.cond)], _READ[agg.func], []
        for split in splits:
            track = self.track(split)
            out += read(track, slot, track.places(spans))
        return out


Place = tuple[int, int]  # the rows of a stretch of dates in a track: from the first to before the second


class Track:
    """Rows in the order of their atoms. days: the first day of each row's atom, None for data without dates."""

    def __init__(self, columns: dict[str, list[Any]], rows: list[int], days: list[int] | None) -> None:
        self.columns, self.rows, self.days = columns, rows, days
        self._places: dict[Spans, list[Place]] = {}
        self._parts: dict[str, list[Any]] = {}
        self._running: dict[str, tuple[list[Decimal], list[int]]] = {}

    def places(self, spans: Spans) -> list[Place]:
        """Where the rows of every span stand; nowhere for one that is a reason."""
        if spans not in self._places:
            self._places[spans] = [self._place(n) if n else (0, 0) for n in spans.numbers]
        return self._places[spans]

    def _place(self, days: tuple[int, int]) -> Place:
        if self.days is None:
            return 0, len(self.rows)
        return bisect_left(self.days, days[0]), bisect_right(self.days, days[1])

    def part(self, name: str) -> list[Any]:
        """A column of partials, None where a row has none."""
        if name not in self._parts:
            values = self.columns[name]
            self._parts[name] = [values[r] for r in self.rows]
        return self._parts[name]

    def known(self, name: str, place: Place) -> list[Any]:
        """The partials of a place that are there."""
        return [v for v in self.part(name)[slice(*place)] if v is not None]

    def counted(self, name: str, places: Iterable[Place]) -> list[int]:
        """The sums of a column of counts."""
        counts = self.part(name)
        return [int(counts[i] or 0) if j - i == 1 else sum(int(n) for n in counts[i:j] if n) for i, j in places]

    def added(self, name: str, places: Iterable[Place]) -> list[Any]:
        """The sums of a column, as `plus` has them; None where nothing is there."""
        values = self.part(name)
        kind = next((type(v) for v in values if v is not None), None)
        if kind is Decimal:
            return [values[i] if j - i == 1 else self._difference(name, i, j) for i, j in places]
        return [values[i] + 0.0 if j - i == 1 and values[i] is not None else self._total(name, (i, j))
                for i, j in places]

    def _total(self, name: str, place: Place) -> Any:
        found = self.known(name, place)
        return plus(found) if found else None

    def _difference(self, name: str, start: int, end: int) -> Decimal | None:
        """The sum of decimals as the difference of two running totals, which are exact."""
        if name not in self._running:
            values = self.part(name)
            running = accumulate((_ZERO if v is None else v for v in values), EXACTLY.add, initial=_ZERO)
            self._running[name] = list(running), list(accumulate((v is not None for v in values), initial=0))
        totals, known = self._running[name]
        return EXACTLY.subtract(totals[end], totals[start]) if known[end] > known[start] else None


Reader = Callable[[Track, Slot, list[Place]], list[Any]]


class _Empty:
    """Rows are there, values are not."""


EMPTY_CELL = _Empty()
EXACTLY = Context(prec=60)  # 38 digits, over more rows than there are
_ZERO = Decimal(0)


def plus(values: list[Any]) -> Any:
    """The exact sum of decimals, the correctly rounded sum of doubles."""
    if isinstance(values[0], Decimal):
        *_, total = accumulate(values, EXACTLY.add, initial=_ZERO)
        return total
    return math.fsum(values)


# per function: the figures of a track at some places, None where it has no rows, EMPTY_CELL where they have no values
def _counts(track: Track, slot: Slot, places: list[Place]) -> list[Any]:
    counts = track.counted(slot.name("m" if slot.arg is None else "c"), places)
    return [n if j > i else None for n, (i, j) in zip(counts, places, strict=True)]


def _sums(track: Track, slot: Slot, places: list[Place]) -> list[Any]:
    sums = track.added(slot.name("s"), places)
    return [v if v is not None else _without_values(track, slot, p) for v, p in zip(sums, places, strict=True)]


def _without_values(track: Track, slot: Slot, place: Place) -> Any:
    """What a sum without values is: 0 where rows are there and none meets the condition."""
    if place[0] == place[1]:
        return None
    return 0 if slot.cond is not None and not any(track.counted(slot.name("m"), [place])) else EMPTY_CELL


def _means(track: Track, slot: Slot, places: list[Place]) -> list[Any]:
    sums, counts = track.added(slot.name("s"), places), track.counted(slot.name("c"), places)
    return [s / n if s is not None else _hollow(p) for s, n, p in zip(sums, counts, places, strict=True)]


def _hollow(place: Place) -> Any:
    return EMPTY_CELL if place[1] > place[0] else None


def _extremes(part: str, chosen: Callable[[Iterable[Any]], Any]) -> Reader:
    def read(track: Track, slot: Slot, places: list[Place]) -> list[Any]:
        name = slot.name(part)
        values = track.part(name)
        return [values[i] if j - i == 1 and values[i] is not None else among(track.known(name, (i, j)), (i, j))
                for i, j in places]

    def among(values: list[Any], place: Place) -> Any:
        return chosen(values) if values else _hollow(place)

    return read


def _edges(day: str, value: str, chosen: Callable[[Iterable[Any]], Any]) -> Reader:
    """First and last: the values of the first or last day that has some, added up over segments."""
    def read(track: Track, slot: Slot, places: list[Place]) -> list[Any]:
        days, values = track.part(slot.name(day)), track.part(slot.name(value))
        found = (_of_edge(days[i:j], values[i:j], chosen) for i, j in places)
        return [plus(on) if on else _hollow(p) for on, p in zip(found, places, strict=True)]

    return read


def _of_edge(days: list[Any], values: list[Any], chosen: Callable[[Iterable[Any]], Any]) -> list[Any]:
    known = [d for d in days if d is not None]
    edge = chosen(known) if known else None
    return [v for d, v in zip(days, values, strict=True) if d == edge] if known else []


_READ: dict[str, Reader] = {
    "count": _counts, "sum": _sums, "avg": _means, "min": _extremes("mn", min), "max": _extremes("mx", max),
    "first": _edges("fd", "fv", min), "last": _edges("ld", "lv", max),
}
