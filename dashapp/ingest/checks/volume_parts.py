"""Far more or far fewer rows of one value of a dimension than usual, while the file as a whole looks as ever."""

from __future__ import annotations

from math import sqrt
from statistics import median

from dashapp.core.history import Pace
from dashapp.core.period import Grain
from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.comparing import round_number
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage

ENOUGH = 6  # periods known of a value
FACTOR = 2.5
SLACK = 1.3  # beyond the smallest and the largest period until now
CHANCE = 6  # standard deviations of a count
RARE = 0.05  # chance of seeing none of a value at all


def run(stage: Stage) -> None:
    sliced = stage.known.slice_columns if stage.known else ()
    if "volume-shift" in stage.counts or not stage.history.paces:
        return
    new = {p.start for p in comparing.fresh(stage, comparing.periods(stage))}
    for by in comparing.labels(stage) if new else ():
        is_told = any(i.code == "mix-shift" and i.column == by.header for i in stage.issues)
        if is_told or (sliced and by.key not in sliced):
            continue  # a file for one slice has the rows of that slice only, whatever they are told by
        every = comparing.rows_by(stage, by)
        rows = {v: [n for start, n in found.items() if start in new] for v, found in every.items()}
        odd = [(p, mine) for p in stage.history.paces if p.column == by.key and p.periods >= ENOUGH
               and _is_odd(p, mine := rows.get(p.value, []), len(new), may_lack=bool(sliced))]
        if odd:
            _tell(stage, by, odd)


def _is_odd(pace: Pace, rows: list[int], new: int, *, may_lack: bool) -> bool:
    """rows: of the value in those of the `new` periods in which it has any."""
    if not rows:
        known = pace.periods / pace.share
        return not may_lack and ((known - pace.periods + 1) / (known + 2)) ** new < RARE
    found, usual = median(rows), pace.usual
    expected = usual * len(rows)
    if abs(sum(rows) - expected) <= CHANCE * sqrt(expected):
        return False
    more = found > usual * FACTOR and found > pace.high * SLACK
    return more or (found * FACTOR < usual and found * SLACK < pace.low)


def _tell(stage: Stage, by: Field, odd: list[tuple[Pace, list[int]]]) -> None:
    odd = sorted(odd, key=lambda x: -x[0].usual)
    told = ", ".join(f"{p.value[:40] or '(empty)'} {round_number(median(rows)) if rows else 'none'} instead of "
                     f"{round_number(p.usual)}" for p, rows in odd[:comparing.SHOWN])
    more = f" And {len(odd) - comparing.SHOWN} more." if len(odd) > comparing.SHOWN else ""
    grain = stage.grain or Grain.EVENT
    unit = "day" if not grain.coarser_than(Grain.DAY) else grain.value
    comparing.say(
        stage, "part-volume", f"Rows a {unit} by {by.header!r}: {told}.{more}", by,
        help="Is a part of the file missing, or is it in it twice?", count=max(1, sum(sum(rows) for _, rows in odd)),
    )


ENTRY = Check(
    "volume_parts", "Number of rows of a part",
    "Values of a dimension with far more or far fewer rows than until now, or with none.", run, 68,
)
