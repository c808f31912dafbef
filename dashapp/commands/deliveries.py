"""`deliveries`: in which rhythm the data of each dataset come, and what is due or late."""
from __future__ import annotations

import argparse
import json

from dashapp.commands import TERMINAL, Command, now, opened
from dashapp.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", metavar="KEY")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.core.delivery import rhythm_words
    from dashapp.services import delivering

    with opened(settings) as desk:
        found = delivering.calendar(TERMINAL, desk, args.dataset, now=now())
        if args.json:
            print(json.dumps([d.to_json() for d in found], indent=2))
            return
        for one in found:
            following = f"; {one.next.period.label} is due on {one.next.due}" if one.next else ""
            print(f"{one.dataset:24} {one.state:9} {rhythm_words(one)}{following}")


ENTRY = Command("deliveries", "what is due and what is late", configure, run)
