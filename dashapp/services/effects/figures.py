"""Which figures of the past change: period by period, newest first."""
from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from dashapp.core.effect import SHOWN, Cell, Effect
from dashapp.core.kpi import Kpi, Unit
from dashapp.core.period import Period
from dashapp.core.series import Number, Point, Series, plain
from dashapp.core.words import NO_VALUE, Words
from dashapp.services.effects import Change, Kind, same

COLUMNS = (("period", "Period"), ("before", "Now"), ("after", "With the change"), ("difference", "Difference"))


def run(change: Change) -> Effect:
    """The KPI's own history by month, or by the coarser grain of its data."""
    key, grain = change.after.key, change.grain_of(change.after.key)
    before, after = (side.get(key) for side in change.answers((key,), grain))
    pairs = paired(before, after)
    told = [(p, a, b) for p, a, b in pairs if _has_value(a) or _has_value(b)]
    moved = [(p, a, b) for p, a, b in told if not same(a, b)]
    rows = tuple(_row(change, *m) for m in moved[::-1][:SHOWN])
    return Effect("figures", "Figures of the past", _summary(change, len(moved), len(told), grain.value), COLUMNS, rows,
                  len(moved), frozenset({1, 2, 3}))


def paired(before: Series | None, after: Series | None) -> list[tuple[Period, Point | None, Point | None]]:
    """Both sides by period, oldest first."""
    sides = [{p.period: p for p in s.points} if s else {} for s in (before, after)]
    return [(p, sides[0].get(p), sides[1].get(p)) for p in sorted(sides[0] | sides[1])]


def _has_value(point: Point | None) -> bool:
    return point is not None and point.value is not None


def _summary(change: Change, moved: int, told: int, grain: str) -> str:
    words = change.desk.organisation.words
    among = f"{words.number(told)} {grain}s with a figure" if told != 1 else f"1 {grain} with a figure"
    if not told:
        return "There is no figure, neither now nor with the change."
    if not moved:
        return f"No figure changes: {among} stay what they are." if told > 1 else f"No figure changes: {among} stays."
    shown = f" The latest {SHOWN} are shown." if moved > SHOWN else ""
    if change.before is None:
        return f"It is new: {among}.{shown}"
    return f"{words.number(moved)} of {among} {'changes' if moved == 1 else 'change'}.{shown}"


def _row(change: Change, period: Period, before: Point | None, after: Point | None) -> tuple[Cell, ...]:
    words = change.desk.organisation.words
    unfinished = "" if (after or before) is None or (after or before).complete else " (unfinished)"  # type: ignore[union-attr]
    return (Cell(period.label, words.period(period) + unfinished),
            *figures((before, change.before), (after, change.after), words), _difference(change, before, after))


def figures(before: tuple[Point | None, Kpi | None], after: tuple[Point | None, Kpi | None], words: Words
            ) -> tuple[Cell, Cell]:
    """Both figures, each in the unit of the definition that made it, with all digits where they would look alike."""
    one, other = _figure(*before, words.number), _figure(*after, words.number)
    if one.text == other.text and one.value != other.value:
        return _figure(*before, words.full), _figure(*after, words.full)
    return one, other


def _figure(point: Point | None, kpi: Kpi | None, told: Callable[[Number, Unit, int], str]) -> Cell:
    """A figure, or the reason why there is none."""
    if point is None or kpi is None:
        return Cell(None, NO_VALUE)
    if point.value is None:
        return Cell(None, f"{NO_VALUE} {point.reason or ''}".rstrip())
    return Cell(plain(point.value), told(point.value, kpi.unit, kpi.decimals))


def _difference(change: Change, before: Point | None, after: Point | None) -> Cell:
    if change.before is None or before is None or after is None or before.value is None or after.value is None:
        return Cell(None, NO_VALUE)
    size = _minus(after.value, before.value)
    if change.before.unit != change.after.unit:
        return Cell(plain(size), NO_VALUE)
    ratio = float(size) / abs(float(before.value)) if before.value else None
    told = change.desk.organisation.words.signed(size, change.after.unit, change.after.decimals)
    share = change.desk.organisation.words.change(size, ratio, change.after.unit, change.after.decimals)
    return Cell(plain(size), told if share == told or ratio is None else f"{told} ({share})")


def _minus(a: Number, b: Number) -> Number:
    """Exact where money takes part."""
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        return Decimal(str(a)) - Decimal(str(b))
    return a - b


ENTRY = Kind("figures", 10, run)
