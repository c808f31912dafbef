"""`python -m dashapp <command>`: exit 0 when done, 1 when the work failed for a reason, 2 for wrong use."""
from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from dashapp.commands import Command, WrongUse
from dashapp.core.errors import AppError, Invalid
from dashapp.core.registry import Registry
from dashapp.settings import from_environment

SHOWN_ISSUES = 20


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors become sentences on stderr here and nowhere else."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    commands = Registry("dashapp.commands", Command)
    args = parser(commands).parse_args(argv)
    try:
        settings = from_environment(defaults=getattr(args, "defaults", None))
    except Invalid as error:
        return _tell(error, 2)
    try:
        return commands[args.command].run(args, settings) or 0
    except WrongUse as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except AppError as error:
        return _tell(error, 1)
    except BrokenPipeError:  # `... | head` closed our output: nothing is wrong
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


def parser(commands: Registry[Command]) -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="python -m dashapp", description="Ledgerline: every figure, back to its line.")
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
