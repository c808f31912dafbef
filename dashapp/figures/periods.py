"""The chart of a series over its periods: columns or lines, with its comparison, or one line per split."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from dashapp.core import digits
from dashapp.core.kpi import Unit
from dashapp.core.period import Period
from dashapp.core.series import Number, Point, Segment, Series
from dashapp.core.words import COMPACT_FROM, MINUS, Words
from dashapp.figures import tell
from dashapp.figures.chart import Chart, Part, Trace
from dashapp.figures.grid import Grid
from dashapp.figures.scale import bounds, ticks
from dashapp.figures.thin import floats

COLUMNS_UP_TO = 26
NAMED_SPLITS = 7
_TICKS = 7
NAMED_OTHERS = 2
Splits = dict[Segment, list[Point]]


def chart(series: Series, words: Words, targets: Mapping[Period, Number] | None = None,
          href: Callable[[Point], str] | None = None) -> Chart:
    """Columns for amounts over few periods, else lines; one line per split, the largest seven named and coloured.

    targets: by period, drawn as an outline where there are any; a comparison with targets brings its own. href: where
    the line of a split leads, by one of its points.
    """
    splits = _splits(series)
    periods = [p.period for p in next(iter(splits.values()), [])]
    is_bar = (
        len(splits) == 1 and not series.by and len(periods) <= COLUMNS_UP_TO and series.unit in ("currency", "number")
    )
    traces = _by_split(series, splits, words, href) if series.by else _single(series, words, targets or {})
    low, high = bounds([v for t in traces for v in t.values if v is not None], is_bar)
    marks = ticks(low, high)
    places = _places(high - low, series.unit)
    heights = tuple((v, _height(v, max(map(abs, marks)), series.unit, places, words)) for v in marks)
    return Chart(
        tell.title(series, words),
        tell.summary(series, words),
        "bar" if is_bar else "line",
        tuple(words.period(p) for p in periods),
        _axis(periods, words),
        heights,
        tuple(traces),
        table(series, words),
    )


def table(series: Series, words: Words) -> Grid:
    """The figures as texts: a row per period; a column per split, or value, comparison and change."""
    return _split_table(series, words) if series.by else _plain_table(series, words)


def _splits(series: Series) -> Splits:
    out: Splits = {}
    for point in series.points:
        out.setdefault(point.segment, []).append(point)
    return out


def _single(series: Series, words: Words, targets: Mapping[Period, Number]) -> list[Trace]:
    points = series.points
    flags, texts = tuple(p.whole for p in points), tuple(_hover(series, p, words) for p in points)
    traces = []
    compared = [p.compare for p in points]
    other = next((c for c in compared if c), None)
    if other and any(c and c.value is not None for c in compared):
        part: Part = "target" if other.kind == "target" else "comparison"
        values = tuple(floats([c.value if c else None for c in compared]))
        traces.append(Trace(tell.against(other), part, values, ("",) * len(points), (True,) * len(points)))
    aims = [targets.get(p.period) for p in points]
    if any(aim is not None for aim in aims) and (other is None or other.kind != "target"):
        traces.append(Trace("Target", "target", tuple(floats(aims)), ("",) * len(points), (True,) * len(points)))
    return [*traces, Trace(series.name, "actual", tuple(floats([p.value for p in points])), texts, flags)]


def _by_split(series: Series, splits: Splits, words: Words, href: Callable[[Point], str] | None) -> list[Trace]:
    """The largest first; all that has no name of its own follows in grey, so that it is drawn beneath."""
    size = {t.segment: Decimal(t.value) for t in series.parts if t.value is not None}
    names = {s: tell.segment_name(points[0]) for s, points in splits.items()}
    ordered = sorted(splits, key=lambda s: (s[1], s not in size, -size.get(s, Decimal(0)), names[s]))
    parts = _parts_of(ordered)
    traces = [
        Trace(
            names[s],
            parts[s],
            tuple(floats([p.value for p in splits[s]])),
            tuple(f"{names[s]}: {_hover(series, p, words)}" for p in splits[s]),
            tuple(p.whole for p in splits[s]),
            rank if parts[s] == "split" else 0,
            href=href(splits[s][0]) if href else "",
        )
        for rank, s in enumerate(ordered)
    ]
    return traces[::-1]


def _parts_of(ordered: Sequence[Segment]) -> dict[Segment, Part]:
    """The first seven have colours, the others' lines are grey, and the rest is paler."""
    own, others = [s for s in ordered if not s[1]], [s for s in ordered if s[1]]
    coloured: dict[Segment, Part] = dict.fromkeys(own[:NAMED_SPLITS], "split")
    return coloured | dict.fromkeys(others[:NAMED_OTHERS], "others") | dict.fromkeys(
        [*own[NAMED_SPLITS:], *others[NAMED_OTHERS:]], "rest")


def _hover(series: Series, point: Point, words: Words) -> str:
    """Lines of the tooltip, separated by newlines."""
    unit, decimals = series.unit, series.decimals
    if point.value is None:
        return f"{words.period(point.period)}\n— {point.reason or ''}".rstrip()
    said = [
        words.period(point.period) + (f", {point.state}" if point.state else ""),
        words.full(point.value, unit, decimals),
    ]
    compared = point.compare
    if compared and compared.value is not None:
        change = words.change(compared.change, compared.change_ratio, unit, decimals)
        share = tell.reached(point.value, compared, point.whole, words)
        said.append(share or f"{change} vs {tell.against(compared).lower()}")
        other = words.full(compared.value, unit, decimals)
        said.append(f"{tell.other_side(compared, words)}: {other}".removeprefix(": "))
        said += [like] if (like := tell.until(compared, words)) else []
    elif compared and compared.reason:
        said.append(f"{tell.against(compared)}: — {compared.reason}")
    return "\n".join(said)


def _axis(periods: Sequence[Period], words: Words) -> tuple[tuple[int, str], ...]:
    """About seven labels, evenly spaced. Each year is named where it begins, and at the left end if there is room."""
    step = max(1, -(-len(periods) // _TICKS))
    places = range(0, len(periods), step)
    years = [periods[i].label.removeprefix("FY")[:4] for i in places]
    out = []
    for n, i in enumerate(places):
        begins = years[n] != years[n - 1] if n else years[:2].count(years[0]) == len(years[:2])
        out.append((i, _stacked(words.tick(periods[i]), years[n] if begins else "")))
    return tuple(out)


def _stacked(text: str, year: str) -> str:
    """A narrow label: day above month, year below them, so that labels stay level on a phone."""
    lines = [*text.rsplit(" ", 1), *([year] if year and year not in text else [])]
    return "\n".join(lines)


def _height(value: float, top: float, unit: Unit, places: int, words: Words) -> str:
    """One scale on one axis: where the highest label is short (`100K`), the others are too."""
    if unit != "percent" and top >= COMPACT_FROM and 1_000 <= abs(value) < COMPACT_FROM:
        return digits.compact(Decimal(value), unit, words.locale, words.currency).replace("-", MINUS)
    return words.number(value, unit, places, compact=True)


def _places(size: float, unit: Unit) -> int:
    """Decimals that tell neighbouring height labels apart."""
    size = size * 100 if unit == "percent" else size
    return 0 if size >= 5 else 1 if size >= 0.5 else 2 if size >= 0.05 else 4


def _plain_table(series: Series, words: Words) -> Grid:
    label = next((tell.against(p.compare) for p in series.points if p.compare), "")
    rows = [
        (
            words.period(p.period),
            words.full(p.value, series.unit, series.decimals),
            *(_compared(series, p, words) if label else ()),
            _note(p, words),
        )
        for p in series.points
    ]
    head = ("Period", series.name, *((label, "Change") if label else ()), "Note")
    return Grid(head, tuple(rows), frozenset(range(1, len(head) - 1)))


def _compared(series: Series, point: Point, words: Words) -> tuple[str, str]:
    compared = point.compare
    if compared is None:
        return words.full(None), words.full(None)
    change = words.change(compared.change, compared.change_ratio, series.unit, series.decimals)
    return (
        words.full(compared.value, series.unit, series.decimals),
        tell.reached(point.value, compared, point.whole, words) or change,
    )


def _note(point: Point, words: Words) -> str:
    if point.value is None:
        return point.reason or "no value"
    said = [point.state] if point.state else []
    if point.compare and point.compare.value is not None and (like := tell.until(point.compare, words)):
        said.append(like)
    if point.compare and point.compare.value is None and point.compare.reason:
        said.append(f"not compared: {point.compare.reason}")
    return ", ".join(said)


def _split_table(series: Series, words: Words) -> Grid:
    """A column per segment; with subtotals also for each of them and the whole, in the order of the totals."""
    points = (*series.sums, *series.points)
    names = {p.segment: tell.segment_name(p, series.by) for p in points}
    ordered = [s for t in series.totals if (s := t.segment) in names] or list(names)
    periods = list(dict.fromkeys(p.period for p in points))
    cells = {(p.segment, p.period): words.full(p.value, series.unit, series.decimals) for p in points}
    rows = tuple((words.period(p), *(cells.get((s, p), words.full(None)) for s in ordered)) for p in periods)
    return Grid(("Period", *(names[s] for s in ordered)), rows, frozenset(range(1, len(ordered) + 1)))
