"""`explain KPI --period 2026-03`: formula, SQL, uploads and source rows of one figure; with `--out` its evidence."""
from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dashapp.commands import TERMINAL, Command, WrongUse, _question, now, opened
from dashapp.core.bounds import period_of
from dashapp.core.series import Number
from dashapp.core.where import parse_wheres
from dashapp.core.words import counted, number
from dashapp.settings import Settings

if TYPE_CHECKING:
    from dashapp.core.derivation import Derivation, SourceRows
    from dashapp.core.organisation import Organisation

MOST = 1_000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kpi", metavar="KPI")
    parser.add_argument("--period", required=True, help="2026-03-31, 2026-W13, 2026-03, 2026-Q1 or 2026")
    parser.add_argument("--where", action="append", default=[], metavar="CONDITION", help='for example "region=EMEA"')
    parser.add_argument("--as-of", metavar="T", help="as known at this date or moment")
    parser.add_argument("--rows", type=_some, default=0, metavar="N",
                        help="print the first N source rows with their cells")
    parser.add_argument("--out", type=Path, metavar="FILE.xlsx",
                        help="write the evidence: rows and live formulas that recompute the figure")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.services import evidencing, exploring, strictly

    if args.out is not None and args.out.suffix.lower() != ".xlsx":
        raise WrongUse("The evidence is an Excel file: name it FILE.xlsx.")
    with opened(settings) as desk:
        organisation = desk.organisation
        as_of = _question.moment(args.as_of, organisation) if args.as_of is not None else None
        period, where = period_of(args.period, organisation.calendar).label, parse_wheres(args.where)
        strictly.refuse_unknown(TERMINAL, (args.kpi,), (), where, as_of)
        found = exploring.explain(TERMINAL, desk, args.kpi, period, where, None, as_of, now=now())
        rows = exploring.rows(TERMINAL, desk, args.kpi, period, where, None, as_of, now=now(),
                              limit=args.rows) if args.rows else None
        if args.json:
            print(json.dumps({**found.to_json(), **({"source": rows.to_json()} if rows else {})}, indent=2))
        else:
            _print(found, organisation)
            _print_rows(rows)
        if args.out is not None:
            _, _, content = evidencing.workbook(TERMINAL, desk, args.kpi, period, where, None, as_of, now=now())
            args.out.write_bytes(content)
            print(f"evidence  {args.out} ({len(content):,} bytes)", file=sys.stderr)


def _print(found: Derivation, organisation: Organisation) -> None:
    def shown(value: Number | None, reason: str | None) -> str:
        if value is None:
            return f"no value ({reason})"
        return number(value, found.kpi.unit, found.kpi.decimals, locale=organisation.locale,
                      currency=organisation.currency)

    print(f"{found.kpi.name}, {found.period.label}: {shown(found.point.value, found.point.reason)}"
          f"{f' ({found.point.state})' if found.point.state else ''}")
    print(f"\nformula   {found.kpi.formula}")
    if found.expanded != found.kpi.formula:
        print(f"expanded  {found.expanded}")
    print(f"version   {found.kpi.version}\n\nterms")
    for term in found.terms:
        print(f"  {term.formula} = {f'no value ({term.reason})' if term.value is None else f'{term.value:,}'}")
    print("\nuploads")
    for origin in found.origins:
        print(f"  {origin.file} into {origin.dataset}, {origin.committed_at:%Y-%m-%d %H:%M} UTC, "
              f"{counted(origin.rows, 'row')} ({origin.upload})")
    print(f"  {counted(found.rows, 'row')} in all")
    for name, sql in found.statements:
        print(f"\n{name}\n  " + sql.replace("\n", "\n  "))


def _print_rows(found: SourceRows | None) -> None:
    """Each row with its file and the cells that were used."""
    if found is None:
        return
    print(f"\nrows of {found.dataset}: {len(found.rows):,} of {found.total:,}")
    for row in found.rows:
        cells = ", ".join(f"{c}={v}" for c, v in zip(found.columns, row.cells, strict=True) if v is not None)
        print(f"  {row.file} {row.place}: {cells}")


def _some(text: str) -> int:
    """How many rows to print."""
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a number of rows from 1 to {MOST:,}.")
    return int(text)


ENTRY = Command("explain", "where a figure comes from", configure, run)
