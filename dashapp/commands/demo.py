"""`demo`: the demo company, from a seed."""
from __future__ import annotations

import argparse
import sys

from dashapp.commands import TERMINAL, Command, WrongUse, now, opened
from dashapp.settings import Settings

MAX_DAYS, MAX_ORDERS = 36_500, 1_000_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, help="another seed is another company")
    parser.add_argument("--days", type=int, help="how long its history is (default 730)")
    parser.add_argument("--orders", type=int, help="order lines (default 80000; 10000000 serves benchmarks)")
    parser.add_argument("--reset", action="store_true", help="remove an earlier demo company first")
    parser.add_argument("--remove", action="store_true", help="remove it and load none")
    parser.add_argument("--first-start", action="store_true", help="load it only if it was never loaded here")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.core.words import counted
    from dashapp.services import demonstrating

    _check(args)  # before --reset takes anything away
    with opened(settings) as desk:
        if args.remove:
            print(f"Removed: {', '.join(demonstrating.remove(TERMINAL, desk, now=now())) or 'nothing'}.")
            return
        if args.first_start and demonstrating.was_loaded():
            return
        sizes = {k: v for k in ("seed", "days", "orders") if (v := getattr(args, k)) is not None}
        rows = demonstrating.load(TERMINAL, desk, now=now(), reset=args.reset, progress=_tell, **sizes)
        told = ", ".join(f"{counted(n, 'row')} of {key}" for key, n in rows.items())
        print(f"The demo company is loaded: {told}.")


def _check(args: argparse.Namespace) -> None:
    """Raise WrongUse for sizes that make no company, or one that no disk holds."""
    from dashapp.demo.spec import MIN_DAYS, MIN_ORDERS

    for name, least, most in (("seed", 0, 2**63 - 1), ("days", MIN_DAYS, MAX_DAYS), ("orders", MIN_ORDERS, MAX_ORDERS)):
        value = getattr(args, name)
        if value is not None and not least <= value <= most:
            raise WrongUse(f"--{name} is a number from {least:,} to {most:,}.")
    if args.remove and (args.reset or args.first_start):
        raise WrongUse("--remove loads nothing: leave out --reset and --first-start.")


def _tell(share: float, step: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{share:4.0%} {step:40}", end="\r" if share < 1 else "\n", file=sys.stderr, flush=True)


ENTRY = Command("demo", "load the demo company", configure, run)
