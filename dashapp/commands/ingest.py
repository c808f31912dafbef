"""`ingest FILE --dataset KEY`: the same path as an upload in the browser."""
from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashapp.commands import TERMINAL, Command, Failed, WrongUse, now, opened
from dashapp.core.errors import AppError, Invalid
from dashapp.settings import Settings

if TYPE_CHECKING:
    from dashapp.core.closing import Touched
    from dashapp.core.mapping import Mapping
    from dashapp.services.checking import DryRun
    from dashapp.services.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--dataset", required=True, metavar="KEY")
    parser.add_argument("--sheet", help="which sheet of a workbook")
    parser.add_argument("--table", metavar="C5:H40", help="which table of a sheet that holds several")
    parser.add_argument("--layout", choices=("flat", "readings", "statement", "wide"), help="how the table is laid out")
    parser.add_argument("--sender", metavar="NAME", help="whose habits apply; a new name begins a new sender")
    parser.add_argument("--mapping", type=Path, metavar="F.json", help="what the columns are; the rest is guessed")
    parser.add_argument("--mode", choices=("upsert", "append", "replace-period"))
    parser.add_argument("--reason", default="", help="why rows of closed periods change, where they do")
    parser.add_argument("--dry-run", action="store_true", help="say what a commit would do, and do nothing")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace, settings: Settings) -> None:
    if not args.file.is_file():
        raise WrongUse(f"There is no file {args.file}.")
    mapping = _mapping(args)
    with opened(settings) as desk:
        _ingest(args, desk, mapping)


def _ingest(args: argparse.Namespace, desk: Desk, mapping: Mapping) -> None:
    from dashapp.core.closing import refuse_unreasoned
    from dashapp.services import checking, importing

    upload = _received(args, desk, mapping)
    try:
        checked = _checked(desk, upload, mapping)
    except AppError as error:
        if args.dry_run or not isinstance(error, Failed):  # nothing that could be mended on the screen
            checking.reject(TERMINAL, desk, upload, now=now(), rehearsed=args.dry_run)
        raise
    needs = checked.needs or _assumed(mapping, checked)
    if args.dry_run:
        checking.reject(TERMINAL, desk, upload, now=now(), rehearsed=True)
        if needs:  # what a commit would refuse, its rehearsal refuses likewise
            raise WrongUse(" ".join(needs))
        with _file_at_fault():
            importing.refuse_open_decisions(checked, args.reason or "told below")
        _print(args, checked, {**checked.to_json(), "status": "dry-run"})
        with _file_at_fault():
            refuse_unreasoned(checked.closed, args.reason)
        return
    if needs:
        checking.reject(TERMINAL, desk, upload, now=now())
        raise WrongUse(" ".join(needs))
    with _file_at_fault():
        importing.refuse_open_decisions(checked, args.reason)
        done = importing.commit_unseen(TERMINAL, desk, checked, mapping, now=now(), reason=args.reason)
    _print(args, checked, {**done.to_json(), "issues": list(checked.issues)})


@contextmanager
def _file_at_fault() -> Iterator[None]:
    """What is refused in here is refused for what the file holds: the work failed, nothing was mistyped."""
    try:
        yield
    except Invalid as error:
        raise Failed(error.message, issues=error.issues) from error


def _received(args: argparse.Namespace, desk: Desk, mapping: Mapping) -> str:
    from dashapp.services import receiving

    try:
        with args.file.open("rb") as stream:
            if args.file.stat().st_size == 0:
                raise Failed("The file is empty.")
            return receiving.receive(TERMINAL, desk, stream, args.file.name, args.dataset, now=now(),
                                     sheet=mapping.sheet, again=bool(mapping.corrections)).id
    except PermissionError as error:
        raise WrongUse(f"The file {args.file} cannot be read: {error.strerror}.") from error


def _checked(desk: Desk, upload: str, mapping: Mapping) -> DryRun:
    """The preview. Where the file can be read without what was said about it, the words are at fault, else the file."""
    from dashapp.core.mapping import Mapping as Said
    from dashapp.services import checking

    try:
        return checking.dry_run(TERMINAL, desk, upload, mapping, now=now())
    except Invalid as error:
        if replace(mapping, mode=None) == Said():
            raise Failed(error.message, issues=error.issues) from error
        with _file_at_fault():
            checking.inspect(TERMINAL, desk, upload, now=now())
        raise


def _assumed(mapping: Mapping, checked: DryRun) -> tuple[str, ...]:
    """A key that was only guessed is a question on the screen; here nobody would see it before rows replace rows."""
    if checked.base_version or mapping.mode or mapping.key is not None:
        return ()
    return (f"Say how rows are recognised. The columns {', '.join(checked.key)} look like a key: --mode upsert takes "
            "them (a row with a known key replaces the older one); --mode append takes every row as new.",)


def _mapping(args: argparse.Namespace) -> Mapping:
    """The mapping file, with what was said on the command line over it."""
    from dashapp.core.mapping import mapping_from_json

    try:
        data: Any = json.loads(args.mapping.read_text(encoding="utf-8")) if args.mapping else {}
        mapping = mapping_from_json(data)
    except OSError as error:
        raise WrongUse(f"The mapping {args.mapping} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise WrongUse(f"The mapping {args.mapping} is not JSON: {error}.") from error
    except Invalid as error:
        raise WrongUse(error.message) from error
    said = {"table": args.table, "layout": args.layout, "profile": args.sender}
    try:
        more = mapping_from_json({k: v for k, v in said.items() if v is not None})
    except Invalid as error:
        raise WrongUse(error.message) from error
    return replace(mapping, sheet=args.sheet or mapping.sheet, mode=args.mode or mapping.mode,
                   table=more.table or mapping.table, layout=more.layout or mapping.layout,
                   profile=more.profile or mapping.profile)


def _print(args: argparse.Namespace, checked: DryRun, answer: dict[str, Any]) -> None:
    from dashapp.core.words import counted

    if args.json:
        print(json.dumps(answer, indent=2, default=str))
        return
    effect = {k: v for k, v in checked.effect.items() if isinstance(v, int) and v}
    told = ", ".join(f"{v:,} {k.replace('_', ' ')}" for k, v in effect.items())
    print(f"{checked.dataset}: {checked.accepted:,} of {counted(checked.rows, 'row')} accepted, "
          f"{checked.quarantined:,} refused{f' ({told})' if told else ''}.")
    for change in checked.changes:
        print(f"  since the last file: {change['text']}")
    for line in _joins(checked):
        print(f"  {line}")
    for line in told_closed(checked.closed):
        print(f"  {line}")
    for issue in checked.issues[:20]:
        where = " ".join(str(issue[k]) for k in ("sheet", "cell") if issue.get(k))
        said = "" if issue.get("cell") and str(issue["cell"]) in issue["message"] else where
        print(f"  {issue['severity']}: {said + ': ' if said else ''}{issue['message']}")
    if len(checked.issues) > 20:
        print(f"  and {len(checked.issues) - 20} more")
    for line in told_follows(checked.consequences):
        print(f"  {line}")
    for key, formula in answer.get("kpis_defined", {}).items():
        print(f"  defined KPI {key} = {formula}")
    print("Nothing was stored (dry run)." if args.dry_run else f"Committed as {answer['id']}.")


def told_closed(closed: Touched) -> Iterator[str]:
    """Rows of closed periods that come or go: how many, and the first of them."""
    from dashapp.core.closing import told

    if closed.any:
        yield told(closed)
        for row in closed.rows[:10]:
            cells = ", ".join(f"{header} {value}" for header, value in row.cells.items() if value is not None)
            yield f"  {row.deed}: {row.day or ''} {cells} (row {row.row})"


def told_follows(consequences: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What follows of the figures that move: a sentence per kind of thing, and what changes from what to what."""
    from dashapp.core.effect import effect_from

    for effect in map(effect_from, consequences):
        yield f"{effect.title.lower()}: {effect.summary}"
        keys = [key for key, _ in effect.columns]
        for row in effect.rows[:10]:
            said = {key: cell.text for key, cell in zip(keys, row, strict=True)}
            change = f"{said.pop('before', '')} -> {said.pop('after', '')}"
            yield f"  {', '.join(said.values())}: {change}"
        if effect.total > 10:
            yield f"  and {effect.total - 10} more"


def _joins(checked: DryRun) -> Iterator[str]:
    """How the rows fare with the joins; what could be joined is a hint only."""
    from dashapp.core.join import found_words, missing_words
    from dashapp.core.words import Words

    words = Words()
    for match in checked.joins:
        yield f"{match.column}: {found_words(match, words)} {missing_words(match, words)}".rstrip()
    for hint in checked.suggestions:
        yield (f"hint: {hint.column} could be joined to {hint.target} ({found_words(hint, words)[:-1]}): say "
               f'"joins": {{"{hint.column}": "{hint.target}"}} in the mapping')


ENTRY = Command("ingest", "bring a file into a dataset", configure, run)
