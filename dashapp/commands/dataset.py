"""`dataset list | connect | refresh | senders | quality | delete`: datasets, tables of warehouses that become some, and
how good the rows are."""
from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from dashapp.commands import TERMINAL, Command, WrongUse, now, opened
from dashapp.settings import Settings

if TYPE_CHECKING:
    from dashapp.services.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|connect|refresh|senders|quality|delete")
    verbs.add_parser("list", help="all datasets")
    verbs.add_parser("refresh", help="look at the rows of a connected dataset now").add_argument("dataset")
    gone = verbs.add_parser("delete", help="a dataset, its uploads and the KPIs nobody made their own are gone")
    gone.add_argument("dataset")
    gone.add_argument("--yes", action="store_true", help="without it, only told what would go")
    senders = verbs.add_parser("senders", help="whose files of a dataset are read how")
    senders.add_argument("dataset")
    senders.add_argument("--rename", nargs=2, metavar=("NAME", "TO"))
    senders.add_argument("--forget", metavar="NAME", help="what was uploaded stays")
    good = verbs.add_parser("quality", help="measure the quality of a dataset now and print it")
    good.add_argument("dataset")
    good.add_argument("--json", action="store_true", help="print JSON")
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
        elif args.verb == "senders":
            _senders(args)
        elif args.verb == "refresh":
            if not placing.refresh(desk, args.dataset, now=now()):
                raise WrongUse(f"There is no dataset {args.dataset!r} that is read from a warehouse.")
            print(f"{args.dataset} was looked at.")
        elif args.verb == "delete":
            _delete(args.dataset, args.yes, desk)
        elif args.verb == "quality":
            _quality(desk, args.dataset, as_json=args.json)
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


def _senders(args: argparse.Namespace) -> None:
    from dashapp.services import profiling

    if args.rename:
        profiling.rename(TERMINAL, args.dataset, *args.rename, now=now())
    if args.forget:
        profiling.forget(TERMINAL, args.dataset, args.forget, now=now())
    for one in profiling.listing(TERMINAL, args.dataset):
        print(f"{one.name:24} {one.uses:>5} files  last {one.used_at:%Y-%m-%d}  {one.layout or 'flat':10} "
              f"{', '.join(one.columns)[:100]}")


def _quality(desk: Desk, dataset: str, *, as_json: bool) -> None:
    from dashapp.core.quality import DIMENSIONS, word
    from dashapp.services import quality

    quality.get(TERMINAL, dataset, now=now())  # says that there is none before anything is computed
    made = quality.measure(desk, dataset, now=now())
    if made is None:
        raise WrongUse(f"The dataset {dataset!r} has no rows yet.")
    if as_json:
        print(json.dumps(made.to_json(), indent=2))
        return
    for one in DIMENSIONS:
        score = made.scores[one.name]
        print(f"{one.label:14} {'-' if score is None else f'{int(score * 1000) / 10:5.1f} %':>8}  {word(score)}")


def _pairs(texts: list[str]) -> dict[str, str]:
    if bad := [t for t in texts if "=" not in t]:
        raise WrongUse(f"{bad[0]!r} is not written NAME=VALUE")
    return dict(t.split("=", 1) for t in texts)


ENTRY = Command("dataset", "datasets: list, connect a table of a warehouse, refresh, senders, quality, delete",
                configure, run)
