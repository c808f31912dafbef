"""A sign that turned: revenue that was positive until now arrives as negative, in the whole file or in some months."""

from __future__ import annotations

from datetime import date

from dashapp.core.history import Spread
from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage

ENOUGH, PART = 6, 3  # values known of a measure; rows of a month that speak for it
RARE, MOST = 0.05, 0.5  # share of one sign until now; share of it in the file
HELP = "Some programs write credits as negative and some as positive. Compare the sign with the source."


def run(stage: Stage) -> None:
    for f in comparing.measures(stage):
        found = comparing.spreads(stage, f)
        turned = [s for s in found if _turned(s, stage.history.spread(f.key, s.group))]
        for one in turned:
            _tell(stage, f, one, f" of {one.group}" if one.group else "")
        if not turned and not comparing.is_grouped(stage):
            _months(stage, f, found)


def _turned(new: Spread, old: Spread | None) -> bool:
    if old is None or old.values < ENOUGH:
        return False
    return (old.negative <= RARE and new.negative > MOST) or (old.negative >= 1 - RARE and new.negative < 1 - MOST)


def _months(stage: Stage, f: Field, found: list[Spread]) -> None:
    old = stage.history.spread(f.key)
    parts = [(m, s) for m, s in comparing.months(stage, f) if s.values >= PART]
    if old is None:
        old = _others(parts) if len(parts) > 2 else None
    odd = [(m, s) for m, s in parts if _turned(s, old)]
    for month, one in odd[: comparing.SHOWN]:
        _tell(stage, f, one, f" of {month:%Y-%m}")


def _others(parts: list[tuple[date, Spread]]) -> Spread:
    """What most months of the file itself do."""
    shares = sorted(s.negative for _, s in parts)
    middle = shares[len(shares) // 2]
    return Spread("", sum(s.values for _, s in parts), middle, 0.0, 0.0)


def _tell(stage: Stage, f: Field, new: Spread, where: str) -> None:
    sign = "negative" if new.negative > MOST else "positive"
    share = new.negative if sign == "negative" else 1 - new.negative
    comparing.say(
        stage, "sign-shift",
        f"{share:.0%} of the values in {f.header!r}{where} are {sign}; until now hardly any were.", f, help=HELP,
        count=new.values,
    )


ENTRY = Check(
    "sign_shifts", "Turned signs", "Measures that were positive until now and are negative, or reverse.", run, 64
)
