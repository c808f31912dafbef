"""`user add | list | disable | enable | password`: accounts."""
from __future__ import annotations

import argparse

from dashapp.commands import TERMINAL, Command, WrongUse, now, opened
from dashapp.core.actor import Role
from dashapp.core.errors import Invalid
from dashapp.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|list|disable|enable|password")
    add = verbs.add_parser("add", help="a new person; prints a one-time password")
    add.add_argument("email")
    add.add_argument("--role", required=True, choices=[r.value for r in Role])
    add.add_argument("--scope", action="append", default=[], metavar="CONDITION", help='for example "region=EMEA"')
    add.add_argument("--name", default="")
    verbs.add_parser("list", help="everybody")
    for verb, text in (("disable", "the person cannot sign in any more"), ("enable", "the person can sign in again"),
                       ("password", "prints a one-time password")):
        verbs.add_parser(verb, help=text).add_argument("email")


def run(args: argparse.Namespace, settings: Settings) -> None:
    with opened(settings):
        {"add": _add, "list": _list, "disable": _disable, "enable": _enable, "password": _password}[args.verb](args)


def _add(args: argparse.Namespace) -> None:
    from dashapp.core.where import parse_wheres
    from dashapp.services import accounts

    try:
        parse_wheres(args.scope)
    except Invalid as error:
        raise WrongUse(error.message) from error
    person, once = accounts.add_user(TERMINAL, args.email, Role(args.role), now=now(), name=args.name,
                                     scope=args.scope)
    print(f"{person.email} is {person.role.value}. One-time password: {once}")


def _list(_args: argparse.Namespace) -> None:
    from dashapp.services import accounts

    for person in accounts.list_users(TERMINAL):
        state = "" if person.is_active else "  disabled"
        print(f"{person.email:40} {person.role.value:10} {' and '.join(person.scope) or 'everything'}{state}")


def _disable(args: argparse.Namespace) -> None:
    from dashapp.services import accounts

    accounts.disable_user(TERMINAL, accounts.find_user(TERMINAL, args.email).id, now=now())
    print(f"{args.email} can no longer sign in.")


def _enable(args: argparse.Namespace) -> None:
    from dashapp.services import accounts

    accounts.enable_user(TERMINAL, accounts.find_user(TERMINAL, args.email).id, now=now())
    print(f"{args.email} can sign in again.")


def _password(args: argparse.Namespace) -> None:
    from dashapp.services import accounts

    person = accounts.find_user(TERMINAL, args.email)
    print(f"One-time password of {person.email}: {accounts.reset_password(TERMINAL, person.id, now=now())}")


ENTRY = Command("user", "accounts: add, list, disable, enable, password", configure, run)
