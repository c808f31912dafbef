"""The rows are distributed otherwise over the values of a dimension than until now: a region is missing or prevails.

Where files bring one slice each, each slice is held against its own past.
"""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from collections import Counter
from datetime import date

from dashapp.ingest import comparing
from dashapp.ingest.checks import Check
from dashapp.ingest.guess import Field
from dashapp.ingest.numbers import quote
from dashapp.ingest.stage import Stage

ENOUGH = 30  # rows that say something about shares
LEAST = 0.2  # half the sum of the differences of shares: a fifth of all rows would have to change their value
USUAL = 0.1  # share of a value whose absence is told
MANY = 50  # slices of one file that are looked at
Months = dict[date, Counter[str]]
Part = tuple[Field, str] | None  # slice column and its value


def run(stage: Stage) -> None:
    sliced = [f for key in (stage.known.slice_columns if stage.known else ()) if (f := stage.field(key))][:1]
    for f in stage.of("dimension", "currency"):  # type: ignore[arg-type]
        if sliced and sliced[0].key == f.key:
            continue
        for within in _slices(stage, sliced[0]) if sliced else ("",):
            known: Months = {}
            for mix in stage.history.mixes:
                if mix.column == f.key and mix.within == within:
                    known.setdefault(mix.month, Counter())[mix.value] += mix.rows
            if known:
                _compare(stage, f, known, (sliced[0], within) if sliced else None)


def _slices(stage: Stage, by: Field) -> list[str]:
    """The slices that the file brings: each is held against its own past."""
    return [str(v) for (v,) in stage.fetch(f"SELECT DISTINCT coalesce(v{by.index}, '') FROM typed WHERE "
                                           f"{stage.kept} ORDER BY 1 LIMIT {MANY}")]


def _compare(stage: Stage, f: Field, known: Months, part: Part) -> None:
    new = _counts(stage, f, part)
    old: Counter[str] = sum(known.values(), Counter())
    if new.total() < ENOUGH or old.total() < ENOUGH:
        return
    usual = max((_distance(m, old) for m in known.values() if m.total() >= ENOUGH), default=0.0)
    distance = _distance(new, old)
    gone = [v for v, n in old.most_common() if n / old.total() >= USUAL and not new[v] and all(m[v] for m in
            known.values() if m.total() >= ENOUGH)]
    if distance > max(LEAST, 2 * usual) or gone:
        _tell(stage, f, new, old, part)


def _counts(stage: Stage, f: Field, part: Part) -> Counter[str]:
    """Rows by value: of the days later than all that is known, or of the whole file where it has none."""
    day, last = comparing.dated(stage), stage.history.last
    later = f" AND v{day.index} > DATE '{last}'" if day and last and stage.mode != "replace-period" else ""
    where = f"{stage.kept} AND coalesce(v{part[0].index}, '') = {quote(part[1])}" if part else stage.kept
    sql = f"SELECT coalesce(v{f.index}, ''), count(*) FROM typed WHERE {where}"
    return Counter(dict(stage.fetch(f"{sql}{later} GROUP BY 1"))) or Counter(dict(stage.fetch(f"{sql} GROUP BY 1")))


def _distance(one: Counter[str], other: Counter[str]) -> float:
    """Total variation: the share of rows that would have to change their value to give the other distribution."""
    a, b = one.total(), other.total()
    return sum(abs(one[v] / a - other[v] / b) for v in one.keys() | other.keys()) / 2


def _tell(stage: Stage, f: Field, new: Counter[str], old: Counter[str], part: Part) -> None:
    def change(value: str) -> float:
        return new[value] / new.total() - old[value] / old.total()

    moved = sorted(new.keys() | old.keys(), key=lambda v: (-abs(change(v)), v))[: comparing.SHOWN]
    told = ", ".join(f"{v[:40] or '(empty)'} {new[v] / new.total():.0%} instead of {old[v] / old.total():.0%}"
                     for v in moved)
    comparing.say(
        stage, "mix-shift",
        f"The rows{_named(part)} are distributed otherwise over {f.header!r} than until now: {told}.", f,
        help="Is a part of the file missing, or were columns exchanged?", count=new.total(),
    )


def _named(part: Part) -> str:
    return f" of {part[0].header} {part[1][:40] or '(empty)'}" if part else ""


ENTRY = Check(
    "mix_shifts", "Distribution", "Shares of the values of a dimension that moved further than they ever did.", run, 67
)
