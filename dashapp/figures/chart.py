"""A chart as a value: the message, what is drawn and how it reads. Renderers turn it into pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashapp.figures.grid import Grid

Part = Literal["actual", "comparison", "target", "split", "rest", "others", "gain", "loss"]


@dataclass(frozen=True, slots=True)
class Trace:
    """One line or row of columns. values: one per position, None for a gap; hover: texts of the same length.

    complete: same length; unfinished positions are dashed or hatched. rank: which split colour, from 0. feet: where the
    columns of a waterfall begin; () where all begin at zero. href: the address a click leads to, empty for none.
    """

    name: str
    part: Part
    values: tuple[float | None, ...]
    hover: tuple[str, ...]
    complete: tuple[bool, ...]
    rank: int = 0
    feet: tuple[float | None, ...] = ()
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """title: the message in one line; summary: one sentence that replaces the picture.

    labels: what each position is called. ticks: (position, text) of the axis that runs left to right; heights: (value,
    text) of the other one. Traces are drawn in order, the last on top. Texts are plain: renderers escape them.
    """

    title: str
    summary: str
    kind: Literal["line", "bar", "waterfall"]
    labels: tuple[str, ...]
    ticks: tuple[tuple[int, str], ...]
    heights: tuple[tuple[float, str], ...]
    traces: tuple[Trace, ...]
    grid: Grid | None = None
