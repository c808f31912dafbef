"""`token add EMAIL`: prints an API token, once."""
from __future__ import annotations

import argparse

from dashapp.commands import TERMINAL, Command, now, opened
from dashapp.core.actor import TOKEN_SCOPES
from dashapp.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="add")
    add = verbs.add_parser("add", help="prints an API token of that person, once")
    add.add_argument("email")
    add.add_argument("--name", default="terminal", help="what it is for")
    add.add_argument("--days", type=int, default=90, help="how long it lives (default 90)")
    add.add_argument("--rights", default=",".join(TOKEN_SCOPES), help="comma-separated, default all: %(default)s")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.services import tokens

    with opened(settings):
        rights = [r for part in args.rights.split(",") if (r := part.strip())]
        _, secret = tokens.add_token(TERMINAL, args.name, rights, now=now(), days=args.days, email=args.email)
        print(secret)


ENTRY = Command("token", "API tokens: add", configure, run)
