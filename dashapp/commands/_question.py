"""The words of a question on the command line, shared by `ask` and `explain`."""
from __future__ import annotations

import argparse
from datetime import date, datetime
from typing import TYPE_CHECKING, get_args

from dashapp.commands import WrongUse
from dashapp.core.bounds import countable, known_at
from dashapp.core.filters import COMPARE_ALIASES, Filters
from dashapp.core.period import QUESTION_GRAINS, DateRange, Grain
from dashapp.core.question import MAX_DIMENSIONS, Compare, Question, Top
from dashapp.core.where import parse_wheres

if TYPE_CHECKING:
    from dashapp.core.organisation import Organisation


def configure(parser: argparse.ArgumentParser) -> None:
    """The options both commands know."""
    parser.add_argument("--by", action="append", default=[], metavar="DIM", help="split by a dimension (up to three)")
    parser.add_argument("--top", type=int, metavar="N",
                        help="of a split only the N largest by the first KPI, the others as one")
    parser.add_argument("--no-others", action="store_true", help="with --top: leave the others out")
    parser.add_argument("--subtotals", action="store_true", help="of a split also the first dimensions alone")
    parser.add_argument("--where", action="append", default=[], metavar="CONDITION", help='for example "region=EMEA"')
    parser.add_argument("--compare", choices=get_args(Compare), default="none", type=_comparison,
                        help="previous_period is previous")
    parser.add_argument("--as-of", metavar="T", help="as known at this date or moment (2026-03-31, 2026-03-31T18:00)")


def _comparison(name: str) -> str:
    """The name of a comparison, under its other names too: one vocabulary for terminal, addresses and REST."""
    return COMPARE_ALIASES.get(name, name)


def grains() -> list[str]:
    return [g.value for g in QUESTION_GRAINS]


def question(args: argparse.Namespace, kpis: tuple[str, ...], grain: str, span: DateRange | None,
             organisation: Organisation, now: datetime) -> Question:
    """The question the arguments ask. Raises WrongUse and Invalid for what cannot be read or has too many periods."""
    as_of = moment(args.as_of, organisation, now) if args.as_of is not None else None
    today = organisation.today(as_of or now)
    dimensions = tuple(dict.fromkeys(d.strip() for part in args.by for d in part.split(",") if d.strip()))
    if len(dimensions) > MAX_DIMENSIONS:
        raise WrongUse(f"A question is split by at most {MAX_DIMENSIONS} dimensions.")
    if (args.top is not None or args.subtotals) and not dimensions:
        raise WrongUse("--top and --subtotals are of a split: add --by.")
    if args.no_others and args.top is None:
        raise WrongUse("--no-others needs --top.")
    top = Top(args.top, not args.no_others) if args.top is not None else None
    days = countable(span or Filters().span(today, organisation.calendar), Grain(grain))
    return Question(kpis, Grain(grain), days, dimensions, parse_wheres(args.where), args.compare, as_of, top=top,
                    subtotals=args.subtotals)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{text[:40]!r} is not a date. Write 2026-03-31.") from None


def moment(text: str, organisation: Organisation, now: datetime) -> datetime:
    """A moment in UTC, in the organisation's zone unless it names another. Raises Invalid, also for one to come."""
    return known_at(text, organisation.timezone, now)
