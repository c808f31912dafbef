"""What checks that look back share: the file's own periods and magnitudes, in the shape in which the past is told."""

# ruff: noqa: S608 - SQL is built from column numbers and quoted literals of our own, never from a file's text
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import floor, isfinite, log10

from dashapp.core.dataset import RoleOf
from dashapp.core.history import Past, Spread, gathered
from dashapp.core.issue import Issue
from dashapp.core.period import Grain
from dashapp.ingest.guess import Field
from dashapp.ingest.stage import Stage

SHOWN = 3
FEW = 50  # values up to which a dimension tells parts
PARTS_SAMPLE = 50_000  # the same for parts, each of which is looked at alone
SAMPLE = 200_000  # rows beyond which medians are taken from every n-th


def measures(stage: Stage) -> list[Field]:
    """Measures whose cells are read; not those that wait for an answer."""
    return [
        f
        for f in stage.fields
        if f.role == "measure" and f.type in ("money", "number") and f.index not in stage.survey.open
    ]


def dated(stage: Stage) -> Field | None:
    """The column that dates the rows, once it can be read."""
    f = stage.dated
    return f if f is not None and f.index not in stage.survey.open and stage.kind == "facts" else None


def grouped(stage: Stage) -> str:
    """SQL of the group in which magnitudes are alike: the KPI in readings, else none."""
    kpi, value = stage.field("kpi"), stage.field("value")
    return f"coalesce(v{kpi.index}, '')" if kpi and value and kpi.type == "text" else "''"


def is_grouped(stage: Stage) -> bool:
    return grouped(stage) != "''"


def spreads(stage: Stage, f: Field) -> list[Spread]:
    """The magnitudes of a measure in the rows that are kept, one spread per group. Level and width of a large file come
    from an even sample of its rows; the rest is exact."""
    if ("spreads", f.index) not in stage.seen:
        value = f"CAST(v{f.index} AS DOUBLE)"
        step = max(1, stage.number("SELECT count(*) FROM typed") // SAMPLE)
        taken = f"FILTER (WHERE hash(_row) % {step} = 0)" if step > 1 else ""
        found = stage.fetch(
            f"SELECT g, count(v), count(*) FILTER (WHERE v < 0), median(m) {taken}, mad(m) {taken}, min(m), max(m) "
            f"FROM (SELECT _row, {grouped(stage)} AS g, {value} AS v, log10(nullif(abs({value}), 0)) AS m FROM "
            f"typed WHERE {stage.kept}) WHERE v IS NOT NULL GROUP BY g ORDER BY g"
        )
        stage.seen["spreads", f.index] = [
            Spread(f.key, n, below / n, level, width, least, most, g)
            for g, n, below, level, width, least, most in found
            if level is not None and width is not None
        ]
    kept: list[Spread] = stage.seen["spreads", f.index]
    return kept


def months(stage: Stage, f: Field) -> list[tuple[date, Spread]]:
    """The magnitudes of a measure by calendar month of the kept rows, oldest first; without widths."""
    day = dated(stage)
    if day is None:
        return []
    if ("months", f.index) not in stage.seen:
        stage.seen["months", f.index] = _months(stage, day, f)
    kept: list[tuple[date, Spread]] = stage.seen["months", f.index]
    return kept


def _months(stage: Stage, day: Field, f: Field) -> list[tuple[date, Spread]]:
    value = f"CAST(v{f.index} AS DOUBLE)"
    found = stage.fetch(
        f"SELECT CAST(date_trunc('month', d) AS DATE) AS month, count(v), count(*) FILTER (WHERE v < 0), median(m) "
        f"FROM (SELECT v{day.index} AS d, {value} AS v, log10(nullif(abs({value}), 0)) AS m FROM typed "
        f"WHERE {stage.kept}) WHERE v IS NOT NULL AND d IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    return [(m, Spread(f.key, n, below / n, level, 0.0)) for m, n, below, level in found if level is not None]


def labels(stage: Stage) -> list[Field]:
    """Dimensions of few values: what parts of the rows are told by."""
    few = {m.column for m in stage.history.mixes}
    return [f for f in stage.of(RoleOf.DIMENSION) if f.type == "text" and (f.key in few or _is_few(stage, f))]


def _is_few(stage: Stage, f: Field) -> bool:
    if ("values", f.index) not in stage.seen:
        stage.seen["values", f.index] = stage.number(f"SELECT approx_count_distinct(v{f.index}) FROM typed")
    return bool(2 <= stage.seen["values", f.index] <= FEW)


def parts(stage: Stage, f: Field, by: Field) -> dict[str, list[tuple[date | None, Spread]]]:
    """The magnitudes of a measure by value of a dimension: of all its kept rows first (None), then by calendar month,
    oldest first. Level and width of a large file come from an even sample of its rows, the rest is exact."""
    day, value = dated(stage), f"CAST(v{f.index} AS DOUBLE)"
    month = f"CAST(date_trunc('month', v{day.index}) AS DATE)" if day else "CAST(NULL AS DATE)"
    step = max(1, stage.number("SELECT count(*) FROM typed") // PARTS_SAMPLE)
    taken = f"FILTER (WHERE hash(_row) % {step} = 0)" if step > 1 else ""
    found = stage.fetch(
        f"SELECT g, CASE WHEN grouping(t) = 1 THEN NULL ELSE t END, count(v), count(*) FILTER (WHERE v < 0), "
        f"median(m) {taken}, mad(m) {taken} FROM (SELECT _row, coalesce(v{by.index}, '') AS g, {month} AS t, "
        f"{value} AS v, log10(nullif(abs({value}), 0)) AS m FROM typed WHERE {stage.kept}) WHERE v IS NOT NULL "
        f"GROUP BY GROUPING SETS ((g), (g, t)) ORDER BY g, grouping(t) DESC, t"
    )
    out: dict[str, list[tuple[date | None, Spread]]] = {}
    for g, t, n, below, level, width in found:
        if level is not None and width is not None and (t is not None or g not in out):
            out.setdefault(g, []).append((t, Spread(f.key, n, below / n, level, width, group=g, by=by.key)))
    return out


def rows_by(stage: Stage, by: Field) -> dict[str, dict[date, int]]:
    """Value of a dimension -> period of the file's grain -> kept rows."""
    day = dated(stage)
    if day is None:
        return {}
    found = stage.fetch(f"SELECT coalesce(v{by.index}, ''), v{day.index}, count(*) FROM typed WHERE {stage.kept} "
                        f"AND v{day.index} IS NOT NULL GROUP BY ALL")
    grain, calendar = stage.grain or Grain.EVENT, stage.history.calendar
    start = {d: calendar.period(d, grain).start for d in {d for _, d, _ in found}}
    out: dict[str, dict[date, int]] = {}
    for value, d, n in found:
        mine = out.setdefault(value, {})
        mine[start[d]] = mine.get(start[d], 0) + n
    return out


def periods(stage: Stage, fields: Sequence[Field] = ()) -> list[Past]:
    """Rows and sums of the file by period of its grain, oldest first; none without readable dates."""
    day = dated(stage)
    if day is None:
        return []
    sums = "".join(f", sum(CAST(v{f.index} AS DOUBLE))" for f in fields)
    found = stage.fetch(
        f"SELECT v{day.index}, count(*){sums} FROM typed WHERE {stage.kept} AND v{day.index} IS NOT NULL GROUP BY 1 "
        f"ORDER BY 1"
    )
    days = [Past(r[0], r[1], tuple(r[2:])) for r in found]
    return gathered(days, stage.grain or Grain.EVENT, stage.history.calendar)


def fresh(stage: Stage, found: Sequence[Past]) -> list[Past]:
    """Of the file's periods those that can be held against the past as wholes: later than all that is known - or all of
    them, where the file replaces whole periods."""
    last = stage.history.periods[-1].start if stage.history.periods else None
    if last is None or stage.mode == "replace-period":
        return list(found)
    return [p for p in found if p.start > last]


def past(stage: Stage, found: Sequence[Past]) -> list[Past]:
    """The known periods that the file does not replace."""
    own = {p.start for p in found} if stage.mode == "replace-period" else set()
    return [p for p in stage.history.periods if p.start not in own]


def round_number(value: float) -> str:
    """Three significant digits for people: `52,300`, `0.0412`."""
    if not value or not isfinite(value):
        return "0"
    digits = 2 - floor(log10(abs(value)))
    near = round(value, digits)
    return f"{near:,.0f}" if near == int(near) else f"{near:,.{max(0, digits)}f}"


def times(decades: float) -> str:
    """`about 1,000 times larger`, `about 100 times smaller`."""
    factor = 10 ** abs(decades)
    near = 10 ** round(abs(decades))
    shown = near if 0.8 < factor / near < 1.25 and near > 1 else factor
    return f"about {round_number(float(shown))} times {'larger' if decades > 0 else 'smaller'}"


def say(stage: Stage, code: str, message: str, f: Field | None = None, *, severity: str = "warning",
        help: str | None = None, count: int = 1) -> None:
    """An issue about the file as a whole or one of its columns."""
    column = f.header if f else None
    stage.issues.append(
        Issue(code, message, severity, stage.grid.sheet, column=column, help=help, count=count)  # type: ignore[arg-type]
    )
    stage.counts[code] = stage.counts.get(code, 0) + count
