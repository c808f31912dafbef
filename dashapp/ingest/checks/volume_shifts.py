"""Far more or far fewer rows than usual: a file that was cut off, exported twice, or filtered."""

from __future__ import annotations

from statistics import median

from dashapp.core.period import Grain
from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.comparing import round_number
from dashapp.ingest.stage import Stage

ENOUGH = 6  # periods known
FACTOR = 2.5
SLACK = 1.3  # beyond the smallest and the largest period until now


def run(stage: Stage) -> None:
    own = comparing.periods(stage)
    new, old = comparing.fresh(stage, own), comparing.past(stage, own)
    if not new or len(old) < ENOUGH or (stage.known is not None and stage.known.slice_columns):
        return  # a file for one slice has the rows of that slice only
    rows, usual = median(p.rows for p in new), median(p.rows for p in old)
    seen = sorted(p.rows for p in old)
    low, high = seen[len(seen) // 50], seen[-1 - len(seen) // 50]  # not a single odd day
    if (rows > usual * FACTOR and rows > high * SLACK) or (rows * FACTOR < usual and rows * SLACK < low):
        grain = stage.grain or Grain.EVENT
        unit = "day" if not grain.coarser_than(Grain.DAY) else grain.value
        comparing.say(
            stage, "volume-shift",
            f"The file has {round_number(rows)} rows a {unit}; until now there were {round_number(usual)}.",
            help="Was the export filtered, cut off, or joined with something that multiplies rows?",
            count=sum(p.rows for p in new),
        )


ENTRY = Check(
    "volume_shifts", "Number of rows", "Far more or far fewer rows in a period than there were until now.", run, 66
)
