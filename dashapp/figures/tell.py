"""What a series says, in words: titles that carry the message and summaries that replace the picture."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dashapp.core.kpi import Unit
from dashapp.core.period import DateRange
from dashapp.core.series import Compared, Number, Point, Series, Total
from dashapp.core.words import Words


def course(name: str, points: Sequence[Point], unit: Unit, decimals: int, words: Words) -> str:
    """One sentence about a sparkline: where it runs, between what, and whether its end is unfinished."""
    known = [p for p in points if p.value is not None]
    if not known:
        return f"{name}: no values."
    lowest, highest = min(known, key=_size), max(known, key=_size)
    last = known[-1]
    said = (
        f"{name} from {words.period(known[0].period)} to {words.period(last.period)}: lowest "
        f"{words.number(lowest.value, unit, decimals, compact=True)} in {words.period(lowest.period)}, highest "
        f"{words.number(highest.value, unit, decimals, compact=True)} in {words.period(highest.period)}, last "
        f"{words.number(last.value, unit, decimals, compact=True)}"
    )
    return said + ("." if last.complete else ", unfinished.")


def title(series: Series, words: Words) -> str:
    """The message: how the whole range compares, or which split is largest."""
    if series.by:
        return _leader(series, words)
    total = series.total
    if total is None or total.value is None:
        return _latest(series, total.reason if total else None, words)
    value = words.number(total.value, series.unit, series.decimals, compact=True)
    if total.compare is None or total.compare.value is None:
        return f"{series.name}: {value}"
    return f"{series.name} {_moved(series, total.compare, words)}: {value}"


def _latest(series: Series, reason: str | None, words: Words) -> str:
    """Where the whole range has no figure of its own, the last finished period speaks for it."""
    finished = [p for p in series.points if p.value is not None and p.complete]
    if not finished:
        return f"{series.name}: no value" + (f" ({reason.rstrip('.')})" if reason else "")
    value = words.number(finished[-1].value, series.unit, series.decimals, compact=True)
    return f"{series.name}: {value} in {words.period(finished[-1].period)}"


def summary(series: Series, words: Words) -> str:
    """One sentence (two when the end is unfinished) that tells what the chart shows."""
    span = words.span(DateRange(series.start, series.end))
    known = [p for p in series.points if p.value is not None]
    if not known:
        return f"There are no values of {series.name} for {span}."
    if series.by:
        return f"{series.name} by {' and '.join(series.by)}, {span}: {_ranking(series, words)}." + _unfinished(
            series, words
        )
    finished = [p for p in known if p.complete] or known
    last = finished[-1]
    value = words.number(last.value, series.unit, series.decimals, compact=True)
    if last.compare is None or last.compare.value is None:
        said = f"{series.name} was {value} in {words.period(last.period)}"
    else:
        other = words.number(last.compare.value, series.unit, series.decimals, compact=True)
        said = (
            f"{series.name} {_moved(series, last.compare, words)} in {words.period(last.period)}: {value} "
            f"({last.compare.label} {other})"
        )
    return f"{said}; the chart covers {span}." + _unfinished(series, words)


def split_name(split: Sequence[tuple[str, str | None]]) -> str:
    """`EMEA`, or `EMEA · web` for two dimensions; a missing value is said so."""
    return " · ".join("(none)" if value is None else value or "(empty)" for _, value in split)


def _moved(series: Series, compared: Compared, words: Words) -> str:
    change = compared.change or 0
    ratio = None if compared.change_ratio is None else abs(compared.change_ratio)
    much = words.change(Decimal(change).copy_abs(), ratio, series.unit, series.decimals).lstrip("+")
    if _is_target(compared):
        return "is on target" if change == 0 else f"is {much} {'above' if change > 0 else 'below'} target"
    if change == 0:
        return f"is unchanged against {_the(compared.label)}"
    return f"{'rose' if change > 0 else 'fell'} {much} against {_the(compared.label)}"


def _the(label: str) -> str:
    return f"the {label}" if label.startswith(("previous", "same")) else label


def _is_target(compared: Compared) -> bool:
    return compared.label.lower() == "target"


def _leader(series: Series, words: Words) -> str:
    ranked = _ranked(series)
    if not ranked:
        return f"{series.name} by {' and '.join(series.by)}: no values"
    value = words.number(ranked[0].value, series.unit, series.decimals, compact=True)
    return f"{series.name} by {' and '.join(series.by)}: {split_name(ranked[0].split)} is highest with {value}"


def _ranking(series: Series, words: Words) -> str:
    ranked = _ranked(series)
    said = [
        f"{split_name(t.split)} {words.number(t.value, series.unit, series.decimals, compact=True)}" for t in ranked[:3]
    ]
    return ", ".join(said) + (f" and {len(ranked) - 3} more" if len(ranked) > 3 else "")


def _ranked(series: Series) -> list[Total]:
    return sorted((t for t in series.totals if t.split and t.value is not None), key=_total_size, reverse=True)


def _unfinished(series: Series, words: Words) -> str:
    last = max((p for p in series.points), key=lambda p: p.period.start, default=None)
    return f" The last period, {words.period(last.period)}, is unfinished." if last and not last.complete else ""


def _size(point: Point) -> Decimal:
    return _exact(point.value)


def _total_size(total: Total) -> Decimal:
    return _exact(total.value)


def _exact(value: Number | None) -> Decimal:
    return Decimal(value or 0)
