"""`ask KPI[,KPI] --grain month`: figures on the terminal, the same as on screen and through the API."""
from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dashapp.commands import TERMINAL, Command, WrongUse, _question, now, opened
from dashapp.core.period import DateRange
from dashapp.core.series import Compared, Number, Series, plain
from dashapp.core.words import number
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
    from dashapp.services import asking

    at = now()
    keys = tuple(dict.fromkeys(k for part in args.kpis.split(",") if (k := part.strip())))
    if not keys:
        raise WrongUse("Name at least one KPI.")
    with opened(settings) as desk:
        organisation = desk.organisation
        asked = _question.question(args, keys, args.grain, _span(args, organisation), organisation, at)
        series = asking.ask(TERMINAL, desk, asked, now=at)
    {"table": _table, "csv": _csv, "json": _json}[args.format](series, organisation)


def _span(args: argparse.Namespace, organisation: Organisation) -> DateRange | None:
    if not args.start and not args.end:
        return None
    if not args.start:
        raise WrongUse("--to needs --from.")
    start = _question.day(args.start)
    end = _question.day(args.end) if args.end else organisation.today(now())
    if end < start:
        raise WrongUse("--to lies before --from.")
    return DateRange(start, end)


def _json(series: Sequence[Series], _organisation: Organisation) -> None:
    found = [s.to_json() for s in series]
    print(json.dumps(found[0] if len(found) == 1 else found, indent=2))


def _csv(series: Sequence[Series], _organisation: Organisation) -> None:
    """Plain numbers without formatting; one line per figure; no value is an empty field with its reason."""
    by = series[0].by
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["kpi", *by, "period", "start", "end", "value", "complete", "reason",
                  "compare_value", "change", "change_ratio"])
    for one in series:
        for p in one.points:
            split = dict(p.split)
            out.writerow([one.kpi, *(split.get(d) for d in by), p.period.label, p.period.start, p.period.end,
                          plain(p.value), int(p.complete), p.reason, *_compared(p.compare)])


def _compared(found: Compared | None) -> tuple[Number | None, Number | None, float | None]:
    return (plain(found.value), plain(found.change), found.change_ratio) if found else (None, None, None)


def _table(series: Sequence[Series], organisation: Organisation) -> None:
    for one in series:
        print(f"{one.name} by {one.grain.value}, {one.start} to {one.end}"
              f"{f', as of {one.as_of:%Y-%m-%d %H:%M} UTC' if one.as_of else ''}")
        rows = [(p.period.label + ("" if p.complete else " *"), p.split, p.value, p.reason, p.compare)
                for p in one.points]
        rows += [("total", t.split, t.value, t.reason, t.compare) for t in one.totals]
        _print_rows([[label, *(str(v or "-") for _, v in split), _shown(value, one, organisation) or f"- ({reason})",
                      *_change(compare)] for label, split, value, reason, compare in rows])
        if any(not p.complete for p in one.points):
            print("* not finished")
        for warning in one.warnings:
            print(f"note: {warning}")
        print()


def _shown(value: Number | None, series: Series, organisation: Organisation) -> str:
    if value is None:
        return ""
    return number(value, series.unit, decimals=series.decimals, locale=organisation.locale,
                  currency=organisation.currency)


def _change(compare: Compared | None) -> list[str]:
    if compare is None:
        return []
    return [f"{compare.change_ratio:+.1%}" if compare.change_ratio is not None else (compare.reason or "-")]


def _print_rows(rows: Iterable[Sequence[str]]) -> None:
    table = list(rows)
    wide = [max((len(r[i]) for r in table if i < len(r)), default=0) for i in range(max(map(len, table), default=0))]
    for row in table:
        print("  " + "  ".join(cell.rjust(wide[i]) if i else cell.ljust(wide[i]) for i, cell in enumerate(row)))


ENTRY = Command("ask", "figures on the terminal", configure, run)
