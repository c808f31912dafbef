"""What the rows mean together: kind, grain, key and mode - proposed where they are certain, left open where not."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise
from typing import Literal

from dashapp.core.currency import is_list_of_rates, rate_columns
from dashapp.core.dataset import Column, Kind, Mode, RoleOf
from dashapp.core.period import Grain
from dashapp.ingest import words
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage


@dataclass(frozen=True, slots=True)
class Proposal:
    """None means: not certain, ask."""

    kind: Kind | None
    grain: Grain | None
    marks: Literal["start", "end"] | None
    key: tuple[str, ...] | None
    mode: Mode | None


def propose(stage: Stage) -> Proposal:
    """The proposal for the rows that are neither refused nor excluded. Needs `typed`."""
    dated = stage.dated
    if rates := _rates_key(stage):
        return Proposal("reference", None, None, rates, "upsert")
    if dated is None:
        key = _reference_key(stage)
        return Proposal("reference" if key else None, None, None, key, "upsert" if key else None)
    if dated.index in stage.survey.open:
        return Proposal("facts", None, None, None, None)
    days = [
        d
        for (d,) in stage.fetch(
            f"SELECT DISTINCT v{dated.index} FROM typed WHERE v{dated.index} IS NOT NULL AND {stage.kept} ORDER BY 1 "
            f"LIMIT 20000"
        )
    ]
    key = _fact_key(stage, dated)
    grain, marks = grain_of(days)
    if grain is Grain.DAY and (
        key is None or any(f.role in (RoleOf.ID, RoleOf.ENTITY) for k in key if (f := stage.field(k)))
    ):
        grain = Grain.EVENT
    if (
        key is None
        and grain is not Grain.EVENT
        and any(f.role is RoleOf.ENTITY or (f.role is RoleOf.ID and f.type == "text") for f in stage.fields)
    ):
        grain = Grain.EVENT
    return Proposal("facts", grain, marks, key, "upsert" if key else None)


def grain_of(days: list[date]) -> tuple[Grain, Literal["start", "end"]]:
    """The coarsest grain that all distinct dates fit, and whether they mark its first or last day. Sorted dates in."""
    if len(days) < 2:
        return Grain.DAY, "start"
    gaps = {(b - a).days for a, b in pairwise(days)}
    firsts, lasts = all(d.day == 1 for d in days), all(_is_month_end(d) for d in days)
    if firsts or lasts:
        months = {d.year * 12 + d.month for d in days}
        steps = {b - a for a, b in pairwise(sorted(months))}
        grain = (
            Grain.YEAR
            if all(s % 12 == 0 for s in steps)
            else Grain.QUARTER
            if all(s % 3 == 0 for s in steps)
            else Grain.MONTH
        )
        return grain, "start" if firsts else "end"
    if all(g % 7 == 0 for g in gaps):
        return Grain.WEEK, "start"
    return Grain.DAY, "start"


def _is_month_end(day: date) -> bool:
    return (date(day.year + day.month // 12, day.month % 12 + 1, 1) - day).days == 1


def _is_unique(stage: Stage, fields: tuple[Field, ...]) -> bool:
    """True when no two kept rows agree in all of the fields and none of them is empty. Rows equal in everything count
    once.
    """
    key, everything = ", ".join(f"v{f.index}" for f in fields), ", ".join(f"v{f.index}" for f in stage.fields)
    filled = " AND ".join(f"v{f.index} IS NOT NULL" for f in fields)
    row = stage.fetch(
        f"SELECT count(DISTINCT hash({everything})), count(DISTINCT hash({key})), count(*), count(*) FILTER "
        f"(WHERE {filled}) FROM typed WHERE {stage.kept}"
    )[0]
    return bool(row[2]) and row[0] == row[1] and row[2] == row[3]


def _constants(stage: Stage) -> tuple[Field, ...]:
    """The labels that are the same in every kept row: what the whole sheet is about (`Store` is North in each).

    They belong to a key by date: the next sheet may be about South on the same dates. A label that varies while each
    date has one row describes the date (a remark, the weather) and would make a second row of a corrected one.
    """
    labels = stage.of(RoleOf.DIMENSION)
    if not labels:
        return ()
    # Extremes instead of distinct values: two hundred columns fit into little memory.
    seen = ", ".join(f"min(v{f.index}) = max(v{f.index}) AND count(v{f.index}) = count(*)" for f in labels)
    row = stage.fetch(f"SELECT {seen} FROM typed WHERE {stage.kept}")[0]
    return tuple(f for f, is_one in zip(labels, row, strict=True) if is_one)


def _fact_key(stage: Stage, dated: Field) -> tuple[str, ...] | None:
    kpi = next((f for f in stage.fields if words.is_kpi_name(f.key)), None)
    constants = _constants(stage)
    if kpi is not None and _is_unique(stage, (dated, kpi)):
        return dated.key, kpi.key, *(f.key for f in constants if f is not kpi)
    ids = [f for f in stage.of(RoleOf.ID) if words.is_id(f.key) and f.index not in stage.survey.open][:5]
    for size in (1, 2):
        for fields in combinations(ids, size):
            if _is_unique(stage, fields):
                return tuple(f.key for f in fields)
    if ids or stage.of(RoleOf.ENTITY):
        return None
    labels = stage.of(RoleOf.DIMENSION)
    rows = stage.number(f"SELECT count(*) FROM typed WHERE {stage.kept}")
    by_date = (dated, *constants)
    for fields in (by_date, (dated, *labels)) if len(labels) <= 4 else (by_date,):
        if rows > 1 and _is_unique(stage, fields):
            return tuple(f.key for f in fields)
    return None


def _rates_key(stage: Stage) -> tuple[str, ...] | None:
    """What identifies a rate, where the rows are a list of rates."""
    columns = [Column(f.key, f.header, f.role, f.type) for f in stage.fields]
    found = rate_columns(columns) if is_list_of_rates(columns) else None
    return found.key if found else None


def _reference_key(stage: Stage) -> tuple[str, ...] | None:
    """A unique identifier, else the first column where it names every row. Anything else is chance."""
    names = [f for f in stage.fields[:1] if f.role is RoleOf.DIMENSION and len(stage.fields) > 1]
    candidates = [*stage.of(RoleOf.ID, RoleOf.ENTITY)[:6], *names]
    return next(((f.key,) for f in candidates if _is_unique(stage, (f,))), None)
