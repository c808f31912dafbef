"""`closing list | close | reopen | late`: closed periods, and what changed in them nevertheless."""
from __future__ import annotations

import argparse
import json

from dashapp.commands import TERMINAL, Command, now, opened
from dashapp.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|close|reopen|late")
    for verb, text in (("close", "close a period and all before it"), ("reopen", "open a period and all after it")):
        made = verbs.add_parser(verb, help=text)
        made.add_argument("period", help="for example 2026-02 or 2026-Q1")
        made.add_argument("--dataset", metavar="KEY", help="only this dataset; all of them when left out")
        made.add_argument("--reason", default="", required=verb == "reopen", help="kept and listed")
    for verb, text in (("list", "how far each dataset is closed"), ("late", "what changed in closed periods")):
        made = verbs.add_parser(verb, help=text)
        made.add_argument("--json", action="store_true", help="print JSON")
        if verb == "late":
            made.add_argument("--dataset", metavar="KEY")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.services import closing

    with opened(settings) as desk:
        if args.verb == "list":
            closed, decisions = closing.listing(TERMINAL, desk)
            lines = [f"{c.dataset:24} {f'closed until {c.until}' if c.until else 'open'}" for c in closed]
            answer = {"datasets": [c.to_json() for c in closed], "decisions": [d.to_json() for d in decisions]}
            print(json.dumps(answer, indent=2) if args.json else "\n".join(lines))
        elif args.verb == "late":
            found = closing.late(TERMINAL, desk, args.dataset, limit=1000)
            lines = [f"{c.at:%Y-%m-%d %H:%M} {c.dataset} {c.deed} {c.file} by {c.by}: {c.came} came, {c.went} went "
                     f"({', '.join(p for p, _, _ in c.periods) or 'a list'}): {c.reason}" for c in found]
            print(json.dumps([c.to_json() for c in found], indent=2) if args.json else "\n".join(lines))
        else:
            verb = closing.close if args.verb == "close" else closing.reopen
            made = verb(TERMINAL, desk, args.period, args.dataset, now=now(), reason=args.reason)
            whose = made.dataset or "Everything"
            said = f"closed until {made.until}" if made.closes else f"open again after {made.until}"
            print(f"{whose} is {said}.")


ENTRY = Command("closing", "closed periods: list, close, reopen, late changes", configure, run)
