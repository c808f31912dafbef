"""`dataset list | connect | refresh | delete`: datasets, and tables of warehouses that become some."""
from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dashapp.commands import TERMINAL, Command, WrongUse, now, opened
from dashapp.settings import Settings

if TYPE_CHECKING:
    from dashapp.services.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|connect|refresh|delete")
    verbs.add_parser("list", help="all datasets")
    verbs.add_parser("refresh", help="look at the rows of a connected dataset now").add_argument("dataset")
    gone = verbs.add_parser("delete", help="a dataset, its uploads and the KPIs nobody made their own are gone")
    gone.add_argument("dataset")
    gone.add_argument("--yes", action="store_true", help="without it, only told what would go")
    made = verbs.add_parser("connect", help="a table of a warehouse is a dataset from now on")
    made.add_argument("connection")
    made.add_argument("table", help="for example public.orders")
    made.add_argument("dataset", help="the key it gets")
    made.add_argument("--name", default="")
    made.add_argument("--kind", choices=["facts", "reference"], default="facts")
    made.add_argument("--grain", default="event", help="what one row covers: event, day, week, month ...")
    made.add_argument("--role", action="append", default=[], metavar="COLUMN=ROLE", help="where the guess is wrong")
    made.add_argument("--key", action="append", default=[], metavar="COLUMN", help="what identifies a row")
    made.add_argument("--join", action="append", default=[], metavar="COLUMN=DATASET.KEY")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.services import datasets, placing

    with opened(settings) as desk:
        if args.verb == "list":
            for view in datasets.listing(TERMINAL, desk, now=now()):
                place = view.dataset.place
                print(f"{view.dataset.key:24} {view.rows:>12,} rows  "
                      f"{f'{place.connection}: {place.name}' if place else f'{view.uploads} uploads'}")
        elif args.verb == "refresh":
            if not placing.refresh(desk, args.dataset, now=now()):
                raise WrongUse(f"There is no dataset {args.dataset!r} that is read from a warehouse.")
            print(f"{args.dataset} was looked at.")
        elif args.verb == "delete":
            _delete(args.dataset, args.yes, desk)
        else:
            made = placing.connect(TERMINAL, desk, args.connection, args.table, args.dataset, now=now(),
                                   name=args.name, roles=_pairs(args.role), grain=args.grain, key=args.key,
                                   joins=_pairs(args.join), kind=args.kind)
            placing.refresh(desk, made.key, now=now())
            print("\n".join(f"{c.key:24} {c.role.value:10} {c.type}" for c in made.columns))


def _delete(key: str, is_sure: bool, desk: Desk) -> None:
    from dashapp.services import datasets, retiring

    view, leaving = datasets.get(TERMINAL, desk, key, now=now()), retiring.leaving(TERMINAL, desk, key)
    told = [("gone", f"{view.dataset.name}, {view.uploads} uploads")]
    told += [("gone", k.name) for k in leaving.goes] + [("stays without data", k.name) for k in leaving.stays]
    print("\n".join(f"{'would be ' if state == 'gone' and not is_sure else ''}{state}: {name}" for state, name in told))
    if not is_sure:
        raise WrongUse("Nothing is deleted. Say --yes to delete it.")
    datasets.delete(TERMINAL, desk, key, now=now())


def _pairs(texts: list[str]) -> dict[str, str]:
    if bad := [t for t in texts if "=" not in t]:
        raise WrongUse(f"{bad[0]!r} is not written NAME=VALUE")
    return dict(t.split("=", 1) for t in texts)


ENTRY = Command("dataset", "datasets: list, connect a table of a warehouse, refresh, delete", configure, run)
