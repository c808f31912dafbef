"""Single values far from all others by median and median deviation; a slip of the decimal mark gets a proposal.

Nothing is changed: a person may name a correction in the mapping, which is then recorded with the upload.
"""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from decimal import Decimal
from math import log10

from dashapp.core.history import Spread
from dashapp.core.issue import Issue
from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.comparing import round_number
from dashapp.ingest.guess import Field
from dashapp.ingest.numbers import quote
from dashapp.ingest.stage import Stage

ENOUGH = 30  # values that make a distribution
HIGH, LOW = 0.9, 1.9  # decades from the median, at least; small values are more often right than large ones
MOST = 0.01  # share of the first file's values beyond which they are no outliers but wide
NEAR = 3  # deviations within which a shifted decimal mark would be a usual value
SINGLE = 20  # told one by one


def run(stage: Stage) -> None:
    for f in comparing.measures(stage):
        if any(i.code == "scale-shift" and i.column == f.header for i in stage.issues):
            continue
        for own in comparing.spreads(stage, f):
            old = stage.history.spread(f.key, own.group)
            base = old if old is not None and old.values >= ENOUGH else own if own.values >= ENOUGH else None
            if base is not None:
                _look(stage, f, base, is_first=base is own)


def _look(stage: Stage, f: Field, base: Spread, *, is_first: bool) -> None:
    magnitude = f"log10(nullif(abs(CAST(v{f.index} AS DOUBLE)), 0))"
    high, low = base.level + max(HIGH, 6 * base.sigma), base.level - max(LOW, 8 * base.sigma)
    if not is_first:  # what was there before is no surprise
        high, low = max(high, base.most + 0.3), min(low, base.least - 0.3)
    where = (
        f"({magnitude} > {high!r} OR {magnitude} < {low!r}) AND {comparing.grouped(stage)} = {quote(base.group)}"
        f" AND {stage.kept}"
    )
    count = stage.number(f"SELECT count(*) FROM typed WHERE {where}")
    if not count or (is_first and count > MOST * base.values + 1):
        return
    broken = f"v{f.index} <> round(v{f.index}) AND {stage.kept}"
    is_whole = f.type != "money" and not stage.number(f"SELECT count(*) FROM typed WHERE {broken}")
    rows = stage.fetch(f"SELECT _row, v{f.index} FROM typed WHERE {where} ORDER BY {magnitude} DESC LIMIT {SINGLE}")
    for row, value in rows:
        stage.issues.append(_issue(stage, f, row, value, base, is_whole=is_whole))
    if count > len(rows):
        comparing.say(stage, "outlier", f"{count - len(rows):,} more values in {f.header!r} like these.", f,
                      count=count - len(rows))
    stage.counts["outlier"] = stage.counts.get("outlier", 0) + min(count, len(rows))


def _issue(stage: Stage, f: Field, row: int, value: Decimal | float, base: Spread, *, is_whole: bool) -> Issue:
    cell, exact = stage.grid.cell(row - 1, f.index), Decimal(str(value)).normalize()
    proposal = proposed(value, base, is_whole=is_whole)
    return Issue(
        "outlier",
        f"{cell}: {exact:,f} in {f.header!r} is far from the usual {round_number(10**base.level)}.", "warning",
        stage.grid.sheet, cell, row, f.header, f"{exact:f}",
        help="It can be corrected here; the correction is kept with the upload." if proposal else None,
        suggestion=proposal,
    )


def proposed(value: Decimal | float, base: Spread, *, is_whole: bool = False) -> str | None:
    """The value with its decimal mark moved to where it would be usual; None where no place is clearly better, or
    where that would be the only broken number of a column of whole ones.
    """
    away = log10(abs(float(value))) - base.level
    shift = round(away)
    if shift == 0 or abs(away - shift) > max(0.35, NEAR * base.sigma) or abs(shift) > 6:
        return None
    moved = Decimal(str(value)).scaleb(-shift)
    if is_whole and moved != moved.to_integral_value():
        return None
    return f"{moved.normalize():f}"


ENTRY = Check(
    "outliers", "Outliers", "Single values far from all others by median and median deviation; nothing is changed.",
    run, 72,
)
