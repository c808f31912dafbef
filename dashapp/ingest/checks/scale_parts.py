"""Amounts of a part in other units: one region in thousands, one month of one shop in cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import median

from dashapp.core.history import Spread
from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.comparing import round_number, times
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage

ENOUGH, PART = 6, 5  # values known of a part; rows of it in the file, or in a month of the file, that speak for it
LEAST = 0.85  # decades (x7) that no part moves from one file to the next
HELP = "Look at the unit of these rows: thousands, millions or cents. Figures that are right can be committed so."


@dataclass(frozen=True)
class Slip:
    """A part whose values moved. by, value: the part; month: None for all of the file; usual: the level to be."""

    by: Field
    value: str
    month: date | None
    found: Spread
    usual: float

    @property
    def away(self) -> float:
        return self.found.level - self.usual


def run(stage: Stage) -> None:
    if comparing.is_grouped(stage):
        return
    for f in comparing.measures(stage):
        if any(i.code == "scale-shift" and i.column == f.header for i in stage.issues):
            continue
        found = [slips for by in comparing.labels(stage) if (slips := _slips(stage, f, by))]
        if found:  # parts of parts slip together: tell the dimension that says it all with the fewest values
            _tell(stage, f, max(found, key=lambda s: (sum(x.found.values for x in s), -len(s))))


def _slips(stage: Stage, f: Field, by: Field) -> list[Slip]:
    out: list[Slip] = []
    for value, spreads in comparing.parts(stage, f, by).items():
        old = stage.history.spread(f.key, value, by.key)
        old = old if old is not None and old.values >= ENOUGH else None
        whole, months = spreads[0][1], [(m, s) for m, s in spreads[1:] if s.values >= PART]
        if old is not None and whole.values >= PART and _is_away(whole, old.level, old.sigma):
            out.append(Slip(by, value, None, whole, old.level))
        elif old is not None or len(months) > 2:
            usual = old.level if old is not None else median(s.level for _, s in months)
            sigma = old.sigma if old is not None else median(s.sigma for _, s in months)
            odd = [Slip(by, value, m, s, usual) for m, s in months if _is_away(s, usual, sigma)]
            out += odd if len(odd) <= len(months) // 2 else []
    return out


def _is_away(new: Spread, usual: float, sigma: float) -> bool:
    """Further than the median of so many values moves by chance?"""
    return abs(new.level - usual) > max(LEAST, 5 * sigma / sqrt(new.values))


def _tell(stage: Stage, f: Field, slips: list[Slip]) -> None:
    first = max(slips, key=lambda s: abs(s.away))
    named = list(dict.fromkeys(s.value[:40] or "(empty)" for s in slips))
    more = f" and {len(named) - comparing.SHOWN} more" if len(named) > comparing.SHOWN else ""
    months = sorted({s.month for s in slips if s.month})
    when = f" in {', '.join(f'{m:%Y-%m}' for m in months[:comparing.SHOWN])}" if months else ""
    when += ", ..." if len(months) > comparing.SHOWN else ""
    comparing.say(
        stage, "scale-shift",
        f"The values in {f.header!r} of {slips[0].by.header} {', '.join(named[:comparing.SHOWN])}{more}{when} are "
        f"{times(first.away)} than {'in other months' if months else 'until now'}: typically "
        f"{round_number(10**first.found.level)} instead of {round_number(10**first.usual)}. The others are as usual.",
        f, help=HELP, count=sum(s.found.values for s in slips),
    )


ENTRY = Check(
    "scale_parts", "Other units in a part",
    "Amounts of one region, product or month that are ten, a hundred or a thousand times what they were.", run, 64,
)
