"""`python -m dashapp <command>`: exit 0 when done, 1 when the work failed for a reason, 2 for wrong use.

Wrong use is whatever was typed: words that cannot be read and words that name nothing there is. What a file holds, what
is there already and what the state forbids are reasons of the work.
"""
from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from dashapp.commands import Command, WrongUse
from dashapp.core.errors import AppError, Invalid, NotFound, OutOfSpace
from dashapp.core.failpoint import arm, die
from dashapp.core.registry import Registry
from dashapp.core.space import FULL_DISK, is_full_disk
from dashapp.settings import from_environment
from dashapp.typed import typed

SHOWN_ISSUES = 20


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors become sentences on stderr here and nowhere else."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    commands = Registry("dashapp.commands", Command)
    args = parser(commands).parse_args(argv)
    try:
        return _run(commands[args.command], args)
    except WrongUse as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (Invalid, NotFound) as error:  # words that cannot be read, or that name nothing there is
        return _tell(error, 2)
    except AppError as error:  # refused by the state of things: there already, the last admin, not migrated
        return _tell(error, 1)
    except OSError as error:
        if not is_full_disk(error):
            raise
        return _tell(OutOfSpace(FULL_DISK), 1)


def _run(command: Command, args: argparse.Namespace) -> int:
    try:
        settings = from_environment(defaults=getattr(args, "defaults", None), recorded=not command.starts)
        if settings.failpoint and settings.is_dev:
            arm(settings.failpoint, die)
        return command.run(args, settings) or 0
    except BrokenPipeError:  # `... | head` closed our output: nothing is wrong
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


def parser(commands: Registry[Command]) -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog=typed(), description="Ledgerline: every figure, back to its line.")
    parts = top.add_subparsers(dest="command", required=True, metavar="command")
    for command in commands:
        command.configure(parts.add_parser(command.name, help=command.help, description=command.help))
    return top


def _tell(error: AppError, code: int) -> int:
    print(f"error: {error.message}", file=sys.stderr)
    for issue in error.issues[:SHOWN_ISSUES]:
        if issue.message != error.message:
            where = " ".join(part for part in (issue.sheet, issue.cell or (f"row {issue.row}" if issue.row else None))
                             if part)
            print(f"  {where + ': ' if where else ''}{issue.message}{f' {issue.help}' if issue.help else ''}",
                  file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
