"""`feed add | change | list | run | pause | resume | remove`: statements of warehouses run on a schedule."""
from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashapp.commands import TERMINAL, Command, WrongUse, now, opened
from dashapp.settings import Settings

if TYPE_CHECKING:
    from dashapp.services.desk import Desk
    from dashapp.services.feeding import FeedPlan


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|change|list|run|pause|resume|remove")
    for verb, text in (("add", "a new feed; it runs at once"), ("change", "the whole of what a feed does")):
        made = verbs.add_parser(verb, help=text)
        made.add_argument("key")
        made.add_argument("--connection", required=True, metavar="KEY")
        made.add_argument("--dataset", required=True, metavar="KEY")
        made.add_argument("--sql-file", type=Path, required=True, metavar="FILE", help="file with one SELECT")
        made.add_argument("--schedule", required=True, metavar="WHEN",
                          help="`every 15 minutes`, `every 2 hours` or `daily at 06:30`")
        made.add_argument("--mode", required=True, choices=("upsert", "append", "replace-period"))
        made.add_argument("--key", dest="columns", default="", metavar="A,B", help="columns that identify a row")
        made.add_argument("--mapping", type=Path, metavar="F.json", help="what the columns are; the rest is guessed")
    verbs.add_parser("list", help="all of them, with what each did last").add_argument(
        "--json", action="store_true", help="print JSON")
    for verb, text in (("run", "run it now, by the worker"), ("pause", "it does not run by itself"),
                       ("resume", "it runs by its schedule again"), ("remove", "what it brought stays")):
        verbs.add_parser(verb, help=text).add_argument("key")


def run(args: argparse.Namespace, settings: Settings) -> None:
    with opened(settings) as desk:
        if args.verb == "list":
            _list(args.json)
        elif args.verb in ("add", "change"):
            _put(args, desk)
        else:
            _act(args, desk)


def _list(as_json: bool) -> None:
    from dashapp.services import feeding

    found = feeding.listing(TERMINAL)
    lines = [f"{f.key:24} {f.state:8} {f.schedule!s:18} {f.connection} -> {f.dataset}  {f.trouble or f.said}"
             for f in found]
    print(json.dumps([f.to_json() for f in found], indent=2) if as_json else "\n".join(lines))


def _put(args: argparse.Namespace, desk: Desk) -> None:
    from dashapp.services import feeding

    plan = _plan(args)
    if args.verb == "add":
        made = feeding.add(TERMINAL, desk, args.key, plan, now=now())
    else:
        made = feeding.change(TERMINAL, desk, args.key, plan, now=now())
    print(f"The feed {made.key} brings rows of {made.connection} into {made.dataset} {made.schedule}.")


def _act(args: argparse.Namespace, desk: Desk) -> None:
    from dashapp.services import feeding

    verbs: dict[str, tuple[Any, str]] = {
        "run": (feeding.run, "runs now"), "pause": (feeding.pause, "is paused"),
        "resume": (feeding.resume, "runs by its schedule again"), "remove": (feeding.remove, "is removed")}
    verb, said = verbs[args.verb]
    verb(TERMINAL, desk, args.key, now=now())
    print(f"The feed {args.key} {said}.")


def _plan(args: argparse.Namespace) -> FeedPlan:
    from dashapp.services.feeding import FeedPlan

    try:
        mapping = json.loads(_read(args.mapping)) if args.mapping else None
    except ValueError as error:
        raise WrongUse(f"The mapping {args.mapping} is not JSON: {error}.") from error
    columns = [c.strip() for c in args.columns.split(",") if c.strip()]
    return FeedPlan(args.connection, _read(args.sql_file), args.dataset, args.schedule, args.mode, columns, mapping)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"The file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise WrongUse(f"The file {path} is not text in UTF-8.") from error


ENTRY = Command("feed", "statements of warehouses that bring rows on a schedule", configure, run)
