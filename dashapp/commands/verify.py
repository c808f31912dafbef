"""`verify`: is the audit trail whole, and is every fact what was stored?"""
from __future__ import annotations

import argparse

from dashapp.commands import TERMINAL, Command, opened
from dashapp.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_args: argparse.Namespace, settings: Settings) -> int:
    from dashapp.core.words import counted
    from dashapp.services import auditing, verifying

    with opened(settings) as desk:
        verdict = auditing.verify_chain(TERMINAL)
        files, faults = verifying.verify_facts(TERMINAL, desk)
    state = "Whole" if verdict.is_whole else f"BROKEN: {verdict.reason}"
    print(f"Audit trail: {counted(verdict.lines, 'line')}. {state}.")
    print(f"Facts: {counted(files, 'vintage')}. {'All as they were stored.' if not faults else 'DAMAGED:'}")
    for fault in faults:
        print(f"  {fault}")
    return 0 if verdict.is_whole and not faults else 1


ENTRY = Command("verify", "check the audit trail and the hashes of all facts", configure, run)
