"""Amounts in other units than until now: thousands for units, cents for euros. In the whole file, or in some months."""

from __future__ import annotations

from datetime import date
from math import sqrt
from statistics import median

from dashapp.core.history import Spread
from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.comparing import round_number, times
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage

ENOUGH, PART = 6, 5  # values known of a measure; rows of a month that speak for it
LEAST = 0.85  # decades (x7) that no measure moves from one file to the next
HELP = "Look at the unit of the column: thousands, millions or cents. Figures that are right can be committed so."


def run(stage: Stage) -> None:
    for f in comparing.measures(stage):
        found = comparing.spreads(stage, f)
        shifted = [s for s in found if _is_shifted(s, stage.history.spread(f.key, s.group))]
        for one in shifted:
            _tell(stage, f, one)
        if not shifted and not comparing.is_grouped(stage):
            _months(stage, f, found)


def _is_shifted(new: Spread, old: Spread | None) -> bool:
    return old is not None and old.values >= ENOUGH and abs(new.level - old.level) > _limit(new.values, old)


def _limit(values: int, old: Spread) -> float:
    """Decades that the median of so many values does not move by chance."""
    return max(LEAST, 5 * old.sigma / sqrt(values))


def _tell(stage: Stage, f: Field, new: Spread) -> None:
    old = stage.history.spread(f.key, new.group)
    assert old is not None
    of = f" of {new.group}" if new.group else ""
    comparing.say(
        stage, "scale-shift",
        f"The values in {f.header!r}{of} are {times(new.level - old.level)} than until now: typically "
        f"{round_number(10**new.level)} instead of {round_number(10**old.level)}.", f, help=HELP, count=new.values,
    )


def _months(stage: Stage, f: Field, found: list[Spread]) -> None:
    """Months of another size than the others and than all that is known."""
    parts = [(m, s) for m, s in comparing.months(stage, f) if s.values >= PART]
    old = stage.history.spread(f.key) or (found[0] if found and len(parts) > 2 else None)
    if old is None or not parts:
        return
    others = median(s.level for _, s in parts) if stage.history.spread(f.key) is None else old.level
    odd = [(m, s) for m, s in parts if abs(s.level - others) > _limit(s.values, old)]
    if odd and len(odd) <= len(parts) // 2:
        _tell_months(stage, f, odd, others)


def _tell_months(stage: Stage, f: Field, odd: list[tuple[date, Spread]], others: float) -> None:
    named = ", ".join(f"{m:%Y-%m}" for m, _ in odd[: comparing.SHOWN]) + (", ..." if len(odd) > comparing.SHOWN else "")
    comparing.say(
        stage, "scale-shift",
        f"The values in {f.header!r} of {named} are {times(median(s.level for _, s in odd) - others)} than in other "
        f"months: typically {round_number(10 ** odd[0][1].level)} instead of {round_number(10**others)}.",
        f, help=HELP, count=sum(s.values for _, s in odd),
    )


ENTRY = Check(
    "scale_shifts", "Other units", "Amounts that are ten, a hundred or a thousand times what they were.", run, 63
)
