"""`connection add | list | tables | test | rotate | remove`: warehouses. A URL is read from a file or from stdin only.

What stands on a command line is seen by everybody on the machine.
"""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dashapp.commands import TERMINAL, Command, WrongUse, now, opened
from dashapp.core.errors import Unavailable
from dashapp.services.desk import Desk
from dashapp.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|list|tables|test|rotate|remove")
    for verb, text in (("add", "a new warehouse"), ("rotate", "the same warehouse under another URL")):
        made = verbs.add_parser(verb, help=text)
        made.add_argument("key")
        made.add_argument("--url-file", type=Path, metavar="FILE", help="file with the URL; else it is read from stdin")
    verbs.choices["add"].add_argument("--name", default="")
    verbs.choices["add"].add_argument("--refresh-minutes", type=int, default=15, metavar="N",
                                      help="minutes between two looks at the rows (15)")
    verbs.add_parser("list", help="all of them, without their URLs")
    for verb, text in (("tables", "tables and views that can be read"), ("test", "does it answer?"),
                       ("remove", "forget it and its secret")):
        verbs.add_parser(verb, help=text).add_argument("key")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.services import connecting, placing

    with opened(settings) as desk:
        if args.verb == "list":
            for c in connecting.listing(TERMINAL):
                state = c.trouble or ("answers" if c.tested_at else "not tested")
                print(f"{c.key:24} {c.label:14} {', '.join(c.datasets) or 'no datasets'}  {state}")
        elif args.verb == "tables":
            print("\n".join(placing.tables(TERMINAL, desk, args.key)))
        elif args.verb == "remove":
            connecting.remove(TERMINAL, desk, args.key, now=now())
            print(f"{args.key} is removed.")
        else:
            _ask(args, desk)


def _ask(args: argparse.Namespace, desk: Desk) -> None:
    from dashapp.services import connecting

    if args.verb == "add":
        connecting.add(TERMINAL, desk, args.key, _url(args), now=now(), name=args.name,
                       refresh_minutes=args.refresh_minutes)
    elif args.verb == "rotate":
        connecting.rotate(TERMINAL, desk, args.key, _url(args), now=now())
    told = connecting.test(TERMINAL, desk, args.key, now=now())
    if told.trouble:
        raise Unavailable(f"The warehouse {args.key} {told.trouble}")
    print(f"The warehouse {args.key} answers.")


def _url(args: argparse.Namespace) -> str:
    """What stands in the file, or the line typed. Raises WrongUse when the file cannot be read."""
    try:
        return (args.url_file.read_text(encoding="utf-8") if args.url_file else sys.stdin.readline()).strip()
    except OSError as error:
        raise WrongUse(f"The file {args.url_file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise WrongUse(f"The file {args.url_file} is not text in UTF-8.") from error


ENTRY = Command("connection", "warehouses: add, list, tables, test, rotate, remove", configure, run)
