"""`bridge KPI --period P --before T [--after T]`: what moved a figure between two moments."""
from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from dashapp.commands import TERMINAL, Command, _question, now, opened
from dashapp.core.bounds import period_of
from dashapp.core.where import parse_wheres
from dashapp.settings import Settings

if TYPE_CHECKING:
    from dashapp.core.bridge import Bridge
    from dashapp.core.organisation import Organisation


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kpi", metavar="KPI")
    parser.add_argument("--period", required=True, help="2026-03-31, 2026-W13, 2026-03, 2026-Q1 or 2026")
    parser.add_argument("--before", required=True, metavar="T", help="the earlier moment, such as 2026-03-31T18:00")
    parser.add_argument("--after", metavar="T", help="the later moment (default: now)")
    parser.add_argument("--where", action="append", default=[], metavar="CONDITION", help='for example "region=EMEA"')
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.services import bridging, strictly

    with opened(settings) as desk:
        organisation = desk.organisation
        before = _question.moment(args.before, organisation)
        after = None if args.after is None else _question.moment(args.after, organisation)
        period, where = period_of(args.period, organisation.calendar).label, parse_wheres(args.where)
        strictly.refuse_unknown(TERMINAL, (args.kpi,), (), where, after)
        found = bridging.bridge(TERMINAL, desk, args.kpi, period, before, after, where, now=now())
    if args.json:
        print(json.dumps(found.to_json(), indent=2))
    else:
        _print(found, organisation)


def _print(found: Bridge, organisation: Organisation) -> None:
    from dashapp.figures.bridge import sentence, table, title

    words = organisation.words
    print(f"{title(found, words)}\n{sentence(found, words)}\n")
    grid = table(found, words)
    rows = [grid.head, *grid.rows]
    wide = [max(len(r[i]) for r in rows) for i in range(len(grid.head))]
    for row in rows:
        print("  " + "  ".join(c.rjust(wide[i]) if i in grid.numeric else c.ljust(wide[i])
                               for i, c in enumerate(row)).rstrip())
    for cause in found.causes:
        print(f"\n  {cause.file} into {cause.dataset}, {cause.deed} {cause.at:%Y-%m-%d %H:%M} UTC by {cause.by}: "
              f"{cause.came:,} rows came, {cause.went:,} went ({cause.upload})")
    for one in found.redefinitions:
        print(f"\n  {one.kpi.key} version {one.kpi.version}, {one.at:%Y-%m-%d %H:%M} UTC by {one.by}"
              f"{f': {one.why}' if one.why else ''}\n    {'deleted' if one.deleted else one.kpi.formula}")
    for warning in found.warnings:
        print(f"\nnote: {warning}")


ENTRY = Command("bridge", "what moved a figure between two moments", configure, run)
