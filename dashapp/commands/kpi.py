"""`kpi check | effects | versions | restore`: definitions before they are saved, and as they were."""
from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from dashapp.commands import TERMINAL, Command, now, opened
from dashapp.core.draft import Checked
from dashapp.core.effect import Effect
from dashapp.settings import Settings

if TYPE_CHECKING:
    from dashapp.services.desk import Desk

_LINE = 68  # characters of a formula on a line of the terminal


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="check|effects|versions|restore")
    check = verbs.add_parser("check", help="what is wrong with a formula, and where; nothing is saved")
    check.add_argument("formula")
    check.add_argument("--key", help="the KPI it is written for: a cycle is found with its path")
    effects = verbs.add_parser("effects", help="what another formula for a KPI would change; nothing is saved")
    effects.add_argument("key", metavar="KPI")
    effects.add_argument("formula")
    versions = verbs.add_parser("versions", help="every version: who, when, why, and what it changed")
    versions.add_argument("key", metavar="KPI")
    restore = verbs.add_parser("restore", help="an old version is in force again, as a new version")
    restore.add_argument("key", metavar="KPI")
    restore.add_argument("version", type=int)
    restore.add_argument("--why", default="", help="kept with the version")
    for verb in (check, effects, versions):
        verb.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, settings: Settings) -> int:
    with opened(settings) as desk:
        return {"check": _check, "effects": _effects, "versions": _versions, "restore": _restore}[args.verb](args, desk)


def _check(args: argparse.Namespace, desk: Desk) -> int:
    from dashapp.services import drafting

    found = drafting.check(TERMINAL, desk, args.formula, args.key)
    if args.json:
        print(json.dumps(found.to_json(), indent=2))
    elif found.is_usable:
        print(found.formula)
    else:
        _print_flaws(found)
    return 0 if found.is_usable else 1


def _print_flaws(found: Checked) -> None:
    """Each flaw under its place, then what would mend it."""
    for flaw in found.flaws:
        at = flaw.issue.position or 0
        start = max(0, at - _LINE // 2)
        line = "".join(c if c.isprintable() else " " for c in found.text[start:start + _LINE])
        print(f"{line}\n{' ' * (at - start)}^ {flaw.issue.message}")
        if flaw.issue.help and not flaw.mends:
            print(f"  {flaw.issue.help}")
        for mend in flaw.mends:
            print(f"  mended: {mend.applied(found.text)}")


def _effects(args: argparse.Namespace, desk: Desk) -> int:
    from dashapp.services import defining, drafting

    known = defining.get(TERMINAL, desk, args.key).kpi
    found = drafting.effect(TERMINAL, desk, replace(known, formula=args.formula), now=now())
    if args.json:
        print(json.dumps(found.to_json(), indent=2))
        return 0
    print(f"{found.after.name}: {found.after.formula}")
    for effect in found.effects:
        _print_effect(effect)
    return 0


def _print_effect(effect: Effect) -> None:
    print(f"\n{effect.title}: {effect.summary}")
    rows = [[head for _, head in effect.columns], *([c.text for c in row] for row in effect.rows)]
    if effect.rows:
        wide = [max(len(row[n]) for row in rows) for n in range(len(effect.columns))]
        for row in rows:
            print("  " + "  ".join(c.rjust(wide[n]) if n in effect.numeric else c.ljust(wide[n])
                                   for n, c in enumerate(row)).rstrip())


def _versions(args: argparse.Namespace, desk: Desk) -> int:
    from dashapp.services import versioning

    found = versioning.versions(TERMINAL, desk, args.key)
    if args.json:
        print(json.dumps([v.to_json() for v in found], indent=2))
        return 0
    words = desk.organisation.words
    for one in found:
        state = " (in force)" if one.is_current else " (deleted)" if one.change.deleted else ""
        why = f": {one.change.why}" if one.change.why else ""
        print(f"{one.change.kpi.version}{state}  {words.moment(one.change.saved_at)}  {one.change.saved_by}{why}")
        for d in one.differences:
            print(f"    {d.label}: {'' if d.before is None else f'{d.before} -> '}{d.after}")
    return 0


def _restore(args: argparse.Namespace, desk: Desk) -> int:
    from dashapp.services import versioning

    saved = versioning.restore(TERMINAL, desk, args.key, args.version, args.why, now=now())
    print(f"{saved.name} is version {saved.version} now: {saved.formula}")
    return 0


ENTRY = Command("kpi", "definitions: check, effects, versions, restore", configure, run)
