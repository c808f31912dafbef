"""Single dates years away from all others: a slip of the year reads like a day, and no pattern can tell."""

# ruff: noqa: S608 - SQL is built from column numbers of our own, never from a file's text
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.stage import Stage

ENOUGH = 6  # days that make a neighbourhood
FEW = 0.01  # share of the rows beyond which they are a part of the table
ALONE, LENGTHS = 180, 4  # days of nothing beside them; times the way from there to the middle of all days


def run(stage: Stage) -> None:
    f = comparing.dated(stage)
    if f is None:
        return
    days = stage.fetch(
        f"SELECT v{f.index}, count(*) FROM typed WHERE {stage.kept} AND v{f.index} IS NOT NULL GROUP BY 1 "
        f"ORDER BY 1"
    )
    first, last = bounds(days, stage.history.dates)
    if first is None or last is None:
        return
    stage.tell(
        "date-far", f, f"t.v{f.index} < DATE '{first}' OR t.v{f.index} > DATE '{last}'",
        f"{{count}} dates are far from all others, which lie from {first} to {last}: {{cells}}.",
        help="A slip of the year looks like this. Compare them with the source.",
        one=f"1 date is far from all others, which lie from {first} to {last}: {{cells}}.",
    )


def bounds(days: Sequence[tuple[date, int]], known: Sequence[date] = ()) -> tuple[date | None, date | None]:
    """First and last day of the neighbourhood in which nearly all rows (days with their rows, in order) lie; None and
    None where all do. Days that are known already are neighbours."""
    few = max(2, int(FEW * sum(n for _, n in days)))
    there = sorted({*(d for d, _ in days), *known})
    rows = dict(days)
    if len(there) < ENOUGH:
        return None, None
    low, high = _cut(there, rows, few), _cut([*reversed(there)], rows, few)
    return (None, None) if (low, high) == (there[0], there[-1]) else (low, high)


def _cut(there: Sequence[date], rows: dict[date, int], few: int) -> date:
    """The first day from one end behind which the neighbourhood begins."""
    passed, found, middle = 0, there[0], there[len(there) // 2]
    for near, far in pairwise(there):
        if near not in rows:
            break  # it is known: whatever follows is its neighbour
        passed += rows[near]
        rest = abs((middle - far).days)
        if passed > few:
            break
        if abs((far - near).days) > max(ALONE, LENGTHS * rest):
            found = far
    return found


ENTRY = Check("odd_dates", "Distant dates", "Single dates years away from all others.", run, 62)
