"""`migrate`: bring the database to this version."""
from __future__ import annotations

import argparse

from dashapp.commands import Command
from dashapp.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--draft", metavar="MESSAGE", help="maintainers: write a new revision from the models instead")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.services import keeping

    with keeping.state_app(settings.database_url).app_context():
        if args.draft:
            print(keeping.draft_revision(args.draft))
            return
        before, after = keeping.migrate()
        print(f"The database is at {after}." if before == after else f"Migrated from {before or 'nothing'} to {after}.")


ENTRY = Command("migrate", "bring the database to this version", configure, run)
