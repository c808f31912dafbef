"""`vintage list | show | compare | undo | redo`: uploads, two of them side by side, and taking them back."""
from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from dashapp.commands import TERMINAL, Command, now, opened
from dashapp.core.errors import Conflict
from dashapp.settings import Settings

if TYPE_CHECKING:
    from dashapp.core.contrast import Contrast
    from dashapp.core.upload import UploadView
    from dashapp.services.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|show|compare|undo|redo")
    listed = verbs.add_parser("list", help="uploads, newest first")
    listed.add_argument("--dataset", metavar="KEY")
    listed.add_argument("--limit", type=int, default=50)
    shown = verbs.add_parser("show", help="one upload: file, hash, rows, effect, issues")
    compared = verbs.add_parser("compare", help="two uploads of one dataset, row by row")
    for parser_, names in ((shown, ["upload"]), (compared, ["upload", "other"])):
        for name in names:
            parser_.add_argument(name, metavar="ID")
    for verb, text in (("undo", "the rows do not count from now on"), ("redo", "an undone upload counts again")):
        made = verbs.add_parser(verb, help=text)
        made.add_argument("upload", metavar="ID")
        made.add_argument("--reason", default="", help="kept in the trail; needed where rows of closed periods change")
        made.add_argument("--dry-run", action="store_true", help="tell what would change; nothing is done")
    for parser_ in (listed, shown, compared):
        parser_.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, settings: Settings) -> None:
    from dashapp.services import contrasting, reverting, uploads

    with opened(settings) as desk:
        if args.verb == "list":
            found = uploads.listing(TERMINAL, desk, args.dataset, limit=args.limit)
            print(json.dumps([u.to_json() for u in found], indent=2) if args.json else "\n".join(map(_line, found)))
        elif args.verb == "show":
            one = uploads.status(TERMINAL, desk, args.upload)
            print(json.dumps(one.to_json(), indent=2) if args.json else _told(one))
        elif args.verb == "compare":
            pair = contrasting.contrast(TERMINAL, desk, args.upload, args.other)
            print(json.dumps(pair.to_json(), indent=2) if args.json else _compared(pair))
        elif args.dry_run:
            print("\n".join(_foreseen(desk, args)))
        else:
            verb = reverting.undo if args.verb == "undo" else reverting.redo
            done = verb(TERMINAL, desk, args.upload, now=now(), reason=args.reason)
            print(f"{done.source_name} {'counts again' if done.is_live else 'does not count any more'}.")


def _foreseen(desk: Desk, args: argparse.Namespace) -> list[str]:
    from dashapp.commands.ingest import told_closed, told_follows
    from dashapp.core.words import Words
    from dashapp.services import foreseeing

    found = foreseeing.foresee(TERMINAL, desk, args.upload, now=now())
    if found.live is not (args.verb == "redo"):
        raise Conflict(f"There is nothing to {args.verb}.")
    words = Words()
    moved = [f"{m['name']}, {m['period']}: {words.full(m['before'], m['unit'], m.get('decimals') or 0)} -> "
             f"{words.full(m['after'], m['unit'], m.get('decimals') or 0)}" for m in found.moves if m.get("kpi")]
    more = [f"and {len(moved) - 20} more figures"] if len(moved) > 20 else []
    return [*told_closed(found.closed), *(moved[:20] or ["No figure moves."]), *more,
            *told_follows(found.consequences), "Nothing was changed (dry run)."]


def _line(upload: UploadView) -> str:
    return (f"{upload.id}  {upload.received_at:%Y-%m-%d %H:%M}  {upload.state:10} {upload.dataset:20} "
            f"{upload.rows:>10,} rows  {upload.source_name} by {upload.user_email}")


def _told(upload: UploadView) -> str:
    from dashapp.core.upload import effect_words

    dates = f"{upload.first} to {upload.last}" if upload.first else "none"
    issues = (upload.result or {}).get("issues", [])
    return "\n".join([
        _line(upload), f"sha256    {upload.source_sha256}", f"dates     {dates}",
        f"refused   {upload.quarantined:,} rows", f"effect    {effect_words(upload) or 'none'}",
        *(f"{i['severity']:9} {i['message']}" for i in issues[:20])])


def _compared(pair: Contrast) -> str:
    by = f"by {', '.join(pair.key)}" if pair.key else "equal rows as partners"
    lines = [f"{pair.rows[0]:,} and {pair.rows[1]:,} rows, {by}: {pair.same:,} the same, {pair.changed:,} changed, "
             f"{pair.only_first:,} only in the first, {pair.only_second:,} only in the second."]
    lines += [f"  {header}: {one} and {other}" for header, one, other in pair.sums]
    for found in pair.pairs[:20]:
        key = ", ".join(f"{header} {value}" for header, value in found.key)
        cells = "; ".join(f"{header}: {one} -> {other}" for header, one, other in found.cells)
        lines.append(f"  {'changed' if found.fate == 'changed' else f'only {found.fate}'}: {key}  {cells}".rstrip())
    return "\n".join(lines + ([f"  and {pair.differing - 20:,} more"] if pair.differing > 20 else []))


ENTRY = Command("vintage", "uploads: list, show, compare two, undo, redo", configure, run)
