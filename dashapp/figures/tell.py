"""What a series says, in words: titles that carry the message and summaries that replace the picture."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dashapp.core.filters import COMPARES
from dashapp.core.kpi import Unit
from dashapp.core.period import DateRange, Grain, Period
from dashapp.core.series import Compared, Number, Point, Series, Total
from dashapp.core.words import Words, counted


def course(name: str, points: Sequence[Point], unit: Unit, decimals: int, words: Words) -> str:
    """One sentence about a sparkline: where it runs, between what, and whether its end is unfinished."""
    known = [p for p in points if p.value is not None]
    if not known:
        return f"{name}: no values."
    lowest, highest = min(known, key=_size), max(known, key=_size)
    last = known[-1]
    said = (
        f"{name} from {words.period(known[0].period)} to {words.period(last.period)}: lowest "
        f"{words.number(lowest.value, unit, decimals, compact=True)} {when(lowest.period, words)}, highest "
        f"{words.number(highest.value, unit, decimals, compact=True)} {when(highest.period, words)}, last "
        f"{words.number(last.value, unit, decimals, compact=True)}"
    )
    return said + (f", {last.state}." if last.state else ".")


def against(compared: Compared) -> str:
    """What a comparison is held against: `Previous year`, `Previous period`, `Target`."""
    word = {str(k): v for k, v in COMPARES.items()}.get(compared.kind) or compared.label
    return word[:1].upper() + word[1:]


def whys(total: Total) -> tuple[str | None, str | None]:
    """Why the comparison and the change of a total are dashes; None for each that is a figure."""
    other = total.compare
    if other is None:
        return None, None
    value, change = (None if found is not None else other.reason for found in (other.value, other.change))
    return value, change


def other_side(compared: Compared, words: Words) -> str:
    """The concrete period on the other side: `Oct 2025`, `Jan 2025 – Mar 2025`; empty for a target."""
    if compared.between is None:
        return compared.label if not compared.kind else ""
    first, last = (words.period(p) for p in compared.between)
    return first if first == last else f"{first} – {last}"


def until(compared: Compared, words: Words) -> str:
    """`like for like until 20 Oct 2025`, where an unfinished period is compared with as much of the other side."""
    return f"like for like until {words.day(compared.part_until)}" if compared.part_until else ""


def heading(series: Series, words: Words) -> str:
    """What the totals are compared with, as a table's head says it; empty without comparison."""
    compared = next((t.compare for t in series.totals if t.compare), None)
    if compared is None:
        return ""
    like = until(compared, words)
    return f"{against(compared)}, {like}" if like else against(compared)


def when(period: Period, words: Words) -> str:
    """`on 14 Nov 2026`, `in Nov 2026`."""
    return f"{'on' if period.grain is Grain.DAY else 'in'} {words.period(period)}"


def reached(value: Number | None, compared: Compared | None, whole: bool, words: Words) -> str | None:
    """`62% of target` for a part of a period, whose difference from a whole period's target would mislead.

    None where there is nothing of that kind to say: a whole period, or another comparison than a target.
    """
    if whole or compared is None or compared.kind != "target" or compared.value is None:
        return None
    if value is None or compared.value <= 0:
        return "target not reached yet" if value is None or value < compared.value else "target reached"
    return f"{words.number(float(value) / float(compared.value), 'percent', 0)} of target"


def title(series: Series, words: Words) -> str:
    """The message: how the last finished period compares, or which split is largest."""
    if series.by:
        return _leader(series, words)
    last = _latest(series)
    if last is None:
        reason = series.total.reason if series.total else None
        return f"{series.name}: no value" + (f" ({reason.rstrip('.')})" if reason else "")
    value = words.number(last.value, series.unit, series.decimals, compact=True)
    where = when(last.period, words) + so_far(last)
    if last.compare is None or last.compare.value is None:
        return f"{series.name}: {value} {where}"
    share = reached(last.value, last.compare, last.whole, words)
    if share is not None:
        return f"{series.name}: {value} {where}, {share}"
    return f"{series.name} {_moved(series, last.compare, words)} {where}: {value}"


def so_far(point: Point) -> str:
    """What follows the name of a period that is not whole: ` so far`, or ` in part` where the data begin inside it."""
    return " in part" if point.partial else "" if point.complete else " so far"


def _latest(series: Series) -> Point | None:
    """The last whole period with a value; where none is, the last one with a value."""
    known = [p for p in series.points if p.value is not None]
    return next((p for p in reversed(known) if p.whole), known[-1] if known else None)


def summary(series: Series, words: Words) -> str:
    """One sentence (two when the end is unfinished) that tells what the chart shows."""
    span = words.span(DateRange(series.start, series.end))
    known = [p for p in series.points if p.value is not None]
    if not known:
        return f"There are no values of {series.name} for {span}."
    if series.by:
        said = f"{series.name} by {by_name(series.by)}, {span}: {_ranking(series, words)}."
        return said + _unfinished(series, words)
    return f"{_extremes(series, known, words)}, {span}{_whole(series, words)}." + _unfinished(series, words)


def _extremes(series: Series, known: Sequence[Point], words: Words) -> str:
    finished = [p for p in known if p.whole] or known
    lowest, highest = min(finished, key=_size), max(finished, key=_size)

    def said(point: Point) -> str:
        value = words.number(point.value, series.unit, series.decimals, compact=True)
        return f"{value} {when(point.period, words)}"

    if lowest.value == highest.value:
        return f"{series.name} was {said(finished[-1])}"
    return f"{series.name} ran between {said(lowest)} and {said(highest)}"


def _whole(series: Series, words: Words) -> str:
    """The figure of the whole range, where it has one."""
    total = series.total
    if total is None or total.value is None or len(series.points) < 2:
        return ""
    value = words.number(total.value, series.unit, series.decimals, compact=True)
    if total.compare is None or total.compare.value is None or total.compare.change is None:
        return f"; over the whole range {value}"
    change = words.change(total.compare.change, total.compare.change_ratio, series.unit, series.decimals)
    like = until(total.compare, words)
    return f"; over the whole range {value}, {change} against {_the(total.compare)}{f' ({like})' if like else ''}"


def by_name(by: Sequence[str]) -> str:
    """Dimensions in words: `region`, `category and channel`, `a, b and c`; of a joined one its own name."""
    *others, last = [name.rpartition(".")[2].replace("_", " ") for name in by] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def split_name(split: Sequence[tuple[str, str | None]]) -> str:
    """`EMEA`, or `EMEA · web` for two dimensions; a missing value is said so."""
    return " · ".join(value_name(value) for _, value in split)


def value_name(value: object) -> str:
    """A dimension's value in words; a missing one and an empty text are told apart."""
    return "(none)" if value is None else str(value) or "(empty)"


def segment_name(figure: Point | Total, by: Sequence[str] = ()) -> str:
    """The name of one line of a split: `EMEA · web`, `Others (27)`, `EMEA · Others (3)`.

    by: the dimensions, to tell a subtotal (`EMEA · all`) and the whole (`All`).
    """
    named = split_name(figure.split)
    if figure.others is None:
        return named if len(figure.split) >= len(by) else f"{named} · all" if named else "All"
    return f"{named} · {others_name(figure.others)}" if named else others_name(figure.others)


def others_name(count: int) -> str:
    """`Others (27)`: all but the largest segments, and how many they are."""
    return f"Others ({count})" if count else "Others"


def members(figure: Point | Total, by: Sequence[str]) -> tuple[str | None, ...]:
    """A value per dimension: of the others their name in the first one they do not share, then nothing."""
    held = [None if value is None else str(value) for _, value in figure.split]
    held += [others_name(figure.others)] if figure.others is not None else []
    return (*held, *[None] * (len(by) - len(held)))


def ranking(series: Series) -> str:
    """How the segments were chosen that stand by name, and what became of the others; empty where all of them do."""
    chosen = series.ranking
    if chosen is None:
        return ""
    left = chosen.segments - chosen.shown
    if left <= 0:
        return f"All {counted(chosen.segments, 'segment')}, ranked by {chosen.name} over the range shown."
    every = counted(chosen.segments, "segment")
    said = f"The {chosen.shown} of {every} with the largest {chosen.name} over the range shown"
    if any(t.value is not None and t.value < 0 for t in series.parts):
        said += ", whatever its sign"
    rest = "the other one is" if left == 1 else f"the other {left} are"
    if any(t.others is not None for t in series.parts):
        return f"{said}; {rest} computed together as Others."
    return f"{said}; {rest} left out, so the lines shown do not make up the whole."


def _moved(series: Series, compared: Compared, words: Words) -> str:
    change = compared.change or 0
    ratio = None if compared.change_ratio is None else abs(compared.change_ratio)
    much = words.change(Decimal(change).copy_abs(), ratio, series.unit, series.decimals).lstrip("+")
    if compared.kind == "target":
        return "is on target" if change == 0 else f"is {much} {'above' if change > 0 else 'below'} target"
    if change == 0:
        return f"is unchanged against {_the(compared)}"
    return f"{'rose' if change > 0 else 'fell'} {much} against {_the(compared)}"


def _the(compared: Compared) -> str:
    return f"the {against(compared).lower()}" if compared.kind else compared.label


def _leader(series: Series, words: Words) -> str:
    ranked = _ranked(series)
    if not ranked:
        return f"{series.name} by {by_name(series.by)}: no values"
    value = words.number(ranked[0].value, series.unit, series.decimals, compact=True)
    return f"{series.name} by {by_name(series.by)}: {segment_name(ranked[0])} is highest with {value}"


def _ranking(series: Series, words: Words) -> str:
    ranked = _ranked(series)

    def said(total: Total) -> str:
        return f"{segment_name(total)} {words.number(total.value, series.unit, series.decimals, compact=True)}"

    text = ", ".join(map(said, ranked[:3])) + (f" and {len(ranked) - 3} more" if len(ranked) > 3 else "")
    rest = [said(t) for t in series.parts if t.others is not None and not t.split and t.value is not None]
    return "; ".join([text, *rest] if text else rest)


def _ranked(series: Series) -> list[Total]:
    """The segments with a name of their own and a figure, largest first."""
    named = (t for t in series.parts if t.others is None and t.value is not None)
    return sorted(named, key=_total_size, reverse=True)


def _unfinished(series: Series, words: Words) -> str:
    last = max((p for p in series.points), key=lambda p: p.period.start, default=None)
    return f" The last period, {words.period(last.period)}, is {last.state}." if last and last.state else ""


def _size(point: Point) -> Decimal:
    return _exact(point.value)


def _total_size(total: Total) -> Decimal:
    return _exact(total.value)


def _exact(value: Number | None) -> Decimal:
    return Decimal(value or 0)
