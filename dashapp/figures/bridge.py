"""A restatement drawn and told: the waterfall from the earlier figure to the later one, a sentence and a table."""

from __future__ import annotations

from decimal import Decimal

from dashapp.core.bridge import KINDS, Bridge, Part, PartKind, told, total
from dashapp.core.series import Point
from dashapp.core.words import NO_VALUE, Words
from dashapp.figures.chart import Chart, Trace
from dashapp.figures.grid import Grid
from dashapp.figures.scale import bounds, ticks

NAMES: dict[PartKind, str] = {
    "time": "Time passed",
    "new": "New rows",
    "changed": "Changed rows",
    "removed": "Removed rows",
    "definition": "Definition",
}
_Bar = tuple[str, Decimal | None, Decimal | None, str]  # label, lower and upper end, tooltip


def chart(bridge: Bridge, words: Words) -> Chart | None:
    """The waterfall; None where a figure is missing on either side, because there is nothing to climb between."""
    before, after = told(bridge.before.value), told(bridge.after.value)
    if before is None or after is None:
        return None
    bars: list[_Bar] = [("Before", Decimal(0), before, _side(bridge, bridge.before, words))]
    bars += [_bar(bridge, part, words) for part in bridge.parts]
    bars.append(("After", Decimal(0), after, _side(bridge, bridge.after, words)))
    low, high = bounds([float(v) for _, a, b, _ in bars for v in (a, b) if v is not None], False)
    kpi = bridge.kpi
    heights = tuple((v, words.number(v, kpi.unit, kpi.decimals, compact=True)) for v in ticks(low, high))
    labels = tuple(label for label, *_ in bars)
    return Chart(
        title(bridge, words),
        sentence(bridge, words),
        "waterfall",
        labels,
        tuple((n, label.replace(" ", "\n", 1)) for n, label in enumerate(labels)),
        heights,
        _traces(bars),
        table(bridge, words),
    )


def _bar(bridge: Bridge, part: Part, words: Words) -> _Bar:
    label, to = name_of(bridge, part), told(part.step.value)
    if part.delta is None or to is None:
        return label, None, None, f"{label}\n{NO_VALUE} {part.step.reason or ''}".rstrip()
    hover = f"{label}\n{_signed(bridge, part.delta, words)}\n{_rows(part, words)}".rstrip()
    return label, to - part.delta, to, hover


def _traces(bars: list[_Bar]) -> tuple[Trace, ...]:
    """Invisible feet, and on them what stands there, what was gained and what was lost."""
    ends = (0, len(bars) - 1)
    kinds: dict[str, list[bool]] = {
        "actual": [n in ends for n in range(len(bars))],
        "gain": [n not in ends and a is not None and b is not None and b >= a for n, (_, a, b, _) in enumerate(bars)],
        "loss": [n not in ends and a is not None and b is not None and b < a for n, (_, a, b, _) in enumerate(bars)],
    }
    return tuple(
        Trace(
            {"actual": "Figure", "gain": "Gain", "loss": "Loss"}[part],
            part,  # type: ignore[arg-type]
            tuple(float(b - a) if on and a is not None and b is not None else None
                  for on, (_, a, b, _) in zip(shown, bars, strict=True)),
            tuple(hover if on else "" for on, (*_, hover) in zip(shown, bars, strict=True)),
            (True,) * len(bars),
            feet=tuple(float(a) if on and a is not None else None
                       for on, (_, a, _, _) in zip(shown, bars, strict=True)),
        )
        for part, shown in kinds.items()
    )


def name_of(bridge: Bridge, part: Part) -> str:
    """`New rows`, with the dataset where rows of several moved."""
    datasets = {p.step.dataset for p in bridge.parts if p.step.dataset}
    name = NAMES[part.step.kind]
    return f"{name} in {part.step.dataset}" if part.step.dataset and len(datasets) > 1 else name


def title(bridge: Bridge, words: Words) -> str:
    """The message in one line: how far the figure moved."""
    about, change = f"{bridge.kpi.name} {words.period(bridge.period)}", bridge.difference
    if change is None:
        return f"{about}: {bridge.open_because}"
    return f"{about} was not restated" if change == 0 else f"{about} was restated by {_signed(bridge, change, words)}"


def sentence(bridge: Bridge, words: Words) -> str:
    """From where to where, and which kinds of change made it."""
    kpi = bridge.kpi
    until = f"as known on {words.moment(bridge.after_at)}" if bridge.after_at else "now"
    said = f"As known on {words.moment(bridge.before_at)}: {_side(bridge, bridge.before, words)}; {until}: " \
           f"{_side(bridge, bridge.after, words)}."
    if bridge.difference is None:
        return said
    moved = [(k, total(p.delta for p in bridge.parts if p.step.kind == k and p.delta is not None)) for k in KINDS]
    shares = [f"{NAMES[k].lower()} {words.signed(d, kpi.unit, kpi.decimals)}" for k, d in moved if d]
    return f"{said} Of this, {', '.join(shares)}." if shares else said


def table(bridge: Bridge, words: Words) -> Grid:
    """Every step with its share, the figure after it and the rows that moved; the last line is their exact sum."""
    kpi = bridge.kpi
    rows = [("Before", "", _side(bridge, bridge.before, words), "")]
    for part in bridge.parts:
        share = _signed(bridge, part.delta, words) if part.delta is not None else NO_VALUE
        share += " (with the steps before it that had no value)" if part.spans else ""
        value = words.full(part.step.value, kpi.unit, kpi.decimals)
        rows.append((name_of(bridge, part), share, value if part.step.value is not None else
                     f"{NO_VALUE} {part.step.reason}", _rows(part, words)))
    whole = "" if bridge.difference is None else _signed(bridge, bridge.difference, words)
    rows.append(("After", whole, _side(bridge, bridge.after, words), ""))
    return Grid(("Step", "Change", bridge.kpi.name, "Rows of this figure"), tuple(rows), frozenset({1, 2}))


def _rows(part: Part, words: Words) -> str:
    step = part.step
    if step.kind == "changed" and (step.came or step.went):
        return f"{words.number(step.went)} before, {words.number(step.came)} after"
    return words.number(step.came or step.went) if step.came or step.went else ""


def _side(bridge: Bridge, point: Point, words: Words) -> str:
    kpi = bridge.kpi
    return words.full(point.value, kpi.unit, kpi.decimals) if point.value is not None else f"{NO_VALUE} {point.reason}"


def _signed(bridge: Bridge, delta: Decimal, words: Words) -> str:
    """The share to as many digits as figures are shown with in full, or more where it would look like nothing."""
    kpi = bridge.kpi
    decimals = kpi.decimals
    while delta and decimals < 12 and words.signed(delta, kpi.unit, decimals) == words.signed(0, kpi.unit, decimals):
        decimals += 1
    return words.signed(delta, kpi.unit, decimals)
