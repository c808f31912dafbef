"""Sparklines: a KPI's course as a small SVG text.

On the page they are pictures with a data address (`img-src data:`), because a strict policy leaves no other door for
markup. The stylesheet's variables do not reach inside a picture, so the component places one picture per theme and the
stylesheet shows the one that fits. Strokes do not scale with the picture; dots are zero-length strokes for that reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from urllib.parse import quote
from xml.sax.saxutils import escape

from dashapp.figures.thin import floats, kept
from dashapp.figures.tones import TONES, Theme

WIDTH, HEIGHT, MARGIN = 240, 48, 5
DRAWN_AT_MOST = 120
_SAFE = "/:=(),. '"
Run = list[tuple[float, float]]
Place = Callable[[float, float | None], tuple[float, float]]


def sparkline(
    values: Sequence[Decimal | float | int | None],
    complete: Sequence[bool],
    target: float | None = None,
    *,
    title: str = "",
    theme: Theme = "light",
    least: float = 0.0,
) -> str:
    """The SVG text of `values`, oldest first, one per period; missing ones are gaps.

    complete: same length; the stretch that leads to an unfinished period is dashed and its end is an open dot.
    target: drawn as a fine dotted line, in the unit of the values. least: what the height stands for at least, in the
    same unit, so that a hair's breadth does not look like a fall. No value at all gives an empty picture.
    """
    ys, tones = floats(values), TONES[theme]
    flags = list(complete)
    indices = kept(ys, DRAWN_AT_MOST)
    place = _placer([y for y in ys if y is not None], target, len(ys), least)
    runs = list(_runs(ys, flags, indices))
    parts = [_target(place(0, target)[1], tones.target)] if target is not None and runs else []
    for solid, points in runs:
        parts.append(_stroke([place(i, y) for i, y in points], tones.actual, solid))
    last = next((i for i in reversed(indices) if ys[i] is not None), None)
    if last is not None:
        parts += _end(place(last, ys[last]), tones.actual, None if flags[last] else tones.surface)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" '
        f'role="img" fill="none" stroke-linecap="round" stroke-linejoin="round"><title>{_text(title)}</title>'
        f"{''.join(parts)}</svg>"
    )


def data_uri(svg: str) -> str:
    """The picture's address for `html.Img(src=...)`."""
    return "data:image/svg+xml," + quote(svg.replace('"', "'"), safe=_SAFE)


def _text(title: str) -> str:
    clean = "".join(c for c in title if c.isprintable())
    return escape(clean, {'"': "&quot;", "'": "&apos;"})


def _placer(present: list[float], target: float | None, count: int, least: float) -> Place:
    lows = [*present, *([] if target is None else [target])] or [0.0]
    low, high = min(lows), max(lows)
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    half = HEIGHT / 2

    def place(index: float, value: float | None) -> tuple[float, float]:
        x = MARGIN + (WIDTH - 2 * MARGIN) * (index / (count - 1) if count > 1 else 0.5)
        share = 0.5 if high == low else ((value or 0.0) / 2 - low / 2) / (high / 2 - low / 2)
        return round(x, 1), round(half + (half - MARGIN) * (1 - 2 * share), 1)

    return place


def _runs(ys: Sequence[float | None], flags: Sequence[bool], indices: Sequence[int]) -> Iterator[tuple[bool, Run]]:
    """Stretches without a gap, each solid or dashed; a dashed one begins at the last point before it."""
    run: Run = []
    solid = True
    for i in indices:
        y = ys[i]
        if y is None:
            if run:
                yield solid, run
            run = []
            continue
        if run and flags[i] is not solid:
            yield solid, run
            run = run[-1:]
        solid = flags[i]
        run.append((i, y))
    if run:
        yield solid, run


def _stroke(points: Run, colour: str, solid: bool) -> str:
    if len(points) == 1:
        points = points * 2
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    dash = "" if solid else ' stroke-dasharray="3 3"'
    return f'<path d="{path}" stroke="{colour}" stroke-width="1.75" vector-effect="non-scaling-stroke"{dash}/>'


def _target(y: float, colour: str) -> str:
    return (
        f'<path d="M{MARGIN} {y:g}L{WIDTH - MARGIN} {y:g}" stroke="{colour}" stroke-width="1" '
        'stroke-dasharray="1 4" vector-effect="non-scaling-stroke"/>'
    )


def _end(at: tuple[float, float], colour: str, core: str | None) -> list[str]:
    """A dot at the last value: full when the period is complete, open when it is not."""
    dot = f'<path d="M{at[0]:g} {at[1]:g}h0" stroke="{{}}" stroke-width="{{}}" vector-effect="non-scaling-stroke"/>'
    return [dot.format(colour, 6.5), *([dot.format(core, 3.5)] if core else [])]
