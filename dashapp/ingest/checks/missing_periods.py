"""Days or periods without rows where rows are expected. The trading calendar is learned: no Saturdays is not a gap."""

from __future__ import annotations

from datetime import date, timedelta

from dashapp.core.period import DateRange, Grain
from dashapp.core.trading import Trading
from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage

SHOWN = 6


def run(stage: Stage) -> None:
    own = {p.start for p in comparing.periods(stage)}
    if not own:
        return
    last = stage.history.dates[-1] if stage.history.dates else None
    if last is not None and max(own) <= last:
        return  # nothing new: what is missing there was missing before
    grain = stage.grain or Grain.EVENT
    found = _periods(stage, own, last, grain) if grain.coarser_than(Grain.DAY) else _days(stage, own, last)
    if found:
        shown = ", ".join(found[:SHOWN]) + (", ..." if len(found) > SHOWN else "")
        unit = "day" if not grain.coarser_than(Grain.DAY) else grain.value
        verb = f"1 {unit} has" if len(found) == 1 else f"{len(found):,} {unit}s have"
        comparing.say(
            stage, "period-missing", f"{verb} no rows although rows are expected: {shown}.", stage.dated,
            help="Expected are the weekdays that usually have rows, without holidays of earlier years.",
            count=len(found),
        )


def _days(stage: Stage, own: set[date], last: date | None) -> list[str]:
    there = own | set(stage.history.dates)
    trading = Trading.learned(there)
    start = min(own) if last is None else last + timedelta(1)
    return [d.isoformat() for d in trading.expected(start, max(own)) if d not in there]


def _periods(stage: Stage, own: set[date], last: date | None, grain: Grain) -> list[str]:
    there = own | set(stage.history.dates)
    calendar = stage.history.calendar
    if len(there) < 3:
        return []
    span = DateRange(min(own) if last is None else last, max(own))
    return [p.label for p in calendar.periods(span, grain) if p.start not in there]


ENTRY = Check(
    "missing_periods", "Missing periods", "Days, weeks or months without rows where the learned calendar expects some.",
    run, 68,
)
