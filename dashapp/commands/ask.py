"""`ask KPI[,KPI] --grain month`: figures on the terminal, the same as on screen and through the API."""
from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from dashapp.commands import TERMINAL, Command, WrongUse, _question, now, opened
from dashapp.core.bounds import range_of
from dashapp.core.period import DateRange
from dashapp.core.series import Number, Point, Series, Total
from dashapp.core.words import Words
from dashapp.figures.tell import against, members, ranking, reached, until
from dashapp.settings import Settings

if TYPE_CHECKING:
    from dashapp.core.organisation import Organisation


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kpis", metavar="KPI[,KPI]")
    parser.add_argument("--grain", choices=_question.grains(), default="month")
    parser.add_argument("--from", dest="start", metavar="DATE", help="first day (default: the last 12 months)")
    parser.add_argument("--to", dest="end", metavar="DATE", help="last day (default: today)")
    _question.configure(parser)
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.services import strictly

    at = now()
    keys = tuple(dict.fromkeys(k for part in args.kpis.split(",") if (k := part.strip())))
    if not keys:
        raise WrongUse("Name at least one KPI.")
    with opened(settings) as desk:
        organisation = desk.organisation
        asked = _question.question(args, keys, args.grain, _span(args, organisation, at), organisation, at)
        series = strictly.ask(TERMINAL, desk, asked, now=at)
    {"table": _table, "csv": _csv, "json": _json}[args.format](series, organisation)


def _span(args: argparse.Namespace, organisation: Organisation, at: datetime) -> DateRange | None:
    if not args.start and not args.end:
        return None
    if not args.start:
        raise WrongUse("--to needs --from.")
    end = _question.day(args.end) if args.end else None
    return range_of(_question.day(args.start), end, organisation.today(at), organisation.calendar)


def _json(series: Sequence[Series], _organisation: Organisation) -> None:
    found = [s.to_json() for s in series]
    print(json.dumps(found[0] if len(found) == 1 else found, indent=2))


def _csv(series: Sequence[Series], _organisation: Organisation) -> None:
    """One line per figure: the points, what they make together by period, then the totals recomputed over the range.

    `row` says which: `point`, `sum`, `part` for one part of a split, `subtotal`, `total`. Plain numbers with all
    digits; no value is an empty field with its reason.
    """
    by = series[0].by
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["kpi", *by, "period", "start", "end", "value", "complete", "reason",
                  "compare_value", "change", "change_ratio", "row"])
    for one in series:
        for name, points in (("point", one.points), ("sum", one.sums)):
            for p in points:
                place = (p.period.label, p.period.start, p.period.end, "yes" if p.complete else "no")
                out.writerow([*_fields(one, p, place), name])
        for t in one.totals:
            place = ("total", one.start, one.end, "")
            level = one.level(t)
            out.writerow([*_fields(one, t, place), level if level in ("total", "subtotal") else "part"])


def _fields(one: Series, figure: Point | Total, place: tuple[str, date, date, str]) -> list[object]:
    """A figure as fields. Texts out of data are guarded: a spreadsheet opens what a terminal wrote."""
    from dashapp.reports.csv import guard, number_text

    def told(value: Number | float | None) -> str | None:
        return None if value is None else number_text(value)

    other = figure.compare
    label, start, end, complete = place
    compared = (told(other.value), told(other.change), told(other.change_ratio)) if other else (None, None, None)
    named = (guard(m or "") for m in members(figure, one.by))
    return [one.kpi, *named, label, start, end, told(figure.value), complete, guard(figure.reason or ""), *compared]


def _table(series: Sequence[Series], organisation: Organisation) -> None:
    words = organisation.words
    for one in series:
        figures: tuple[Point | Total, ...] = (*one.points, *one.sums, *one.totals)
        found = next((f.compare for f in figures if f.compare), None)
        print(f"{one.name} by {one.grain.value}, {one.start} to {one.end}"
              f"{f', as of {one.as_of:%Y-%m-%d %H:%M} UTC' if one.as_of else ''}"
              f"{f', vs {against(found).lower()}' if found else ''}")
        rows: list[tuple[str, Point | Total]] = [(p.period.label + ("" if p.whole else " *"), p)
                                                 for p in (*one.points, *one.sums)]
        rows += [("subtotal" if one.level(t) == "subtotal" else "total", t) for t in one.totals]
        _print_rows([[label, *(m or _unnamed(one, f) for m in members(f, one.by)),
                      f"- ({f.reason})" if f.value is None else words.number(f.value, one.unit, one.decimals),
                      *_change(one, f, words)] for label, f in rows])
        if any(not p.whole for p in one.points):
            print("* not finished" + (" or not whole" if any(p.partial for p in one.points) else ""))
        if one.ranking:
            print(f"note: {ranking(one)}")
        for warning in one.warnings:
            print(f"note: {warning}")
        print()


def _unnamed(one: Series, figure: Point | Total) -> str:
    """What stands for a dimension without a value: a subtotal is of all of them."""
    return "-" if one.level(figure) in ("segment", "others") else "all"


def _change(one: Series, figure: Point | Total, words: Words) -> list[str]:
    """The change as the screens word it: percentage points between percentages, and the share of its target
    for a period that is not whole."""
    compare = figure.compare
    if compare is None:
        return []
    if isinstance(figure, Point) and (share := reached(figure.value, compare, figure.whole, words)):
        return [share]
    if compare.change is None:
        return [compare.reason or "-"]
    like = until(compare, words)
    change = words.change(compare.change, compare.change_ratio, one.unit, one.decimals)
    return [f"{change} ({like})" if like else change]


def _print_rows(rows: Iterable[Sequence[str]]) -> None:
    table = list(rows)
    wide = [max((len(r[i]) for r in table if i < len(r)), default=0) for i in range(max(map(len, table), default=0))]
    for row in table:
        print("  " + "  ".join(cell.rjust(wide[i]) if i else cell.ljust(wide[i]) for i, cell in enumerate(row)))


ENTRY = Command("ask", "figures on the terminal", configure, run)
