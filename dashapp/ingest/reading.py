"""The whole way from bytes to a checked stage, in one process. Only the sandboxed child runs it on files of others."""
from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from dashapp.core.dataset import Column, Dataset, RoleOf, snake_case
from dashapp.core.errors import Invalid
from dashapp.core.issue import Issue
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.core.registry import Registry
from dashapp.ingest import conform, guess, names, words
from dashapp.ingest.checks import Check
from dashapp.ingest.engine import connect
from dashapp.ingest.exclude import exclude
from dashapp.ingest.guess import Field
from dashapp.ingest.limits import FileLimits
from dashapp.ingest.model import ColumnGuess, Inspection
from dashapp.ingest.opening import Opened, open_file
from dashapp.ingest.propose import Proposal, propose
from dashapp.ingest.stage import Stage, refusals
from dashapp.ingest.survey import survey

CHECKS = Registry("dashapp.ingest.checks", Check)
_PREVIEW_ROWS, _PREVIEW_COLUMNS, _PREVIEW_TEXT = 30, 60, 120


@dataclass(frozen=True, slots=True)
class Context:
    """What reading needs to know beside the file. today None: future dates are not looked for."""

    scratch: Path
    limits: FileLimits = FileLimits()
    currency: str = "EUR"
    zone: str = "UTC"
    today: date | None = None


@dataclass(slots=True)
class Read:
    """A file read as far as it can be: the stage, all fields (ignored ones, too) and the mapping as understood."""

    opened: Opened
    stage: Stage
    fields: list[Field]
    mapping: Mapping
    proposal: Proposal
    problems: list[Issue]


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path, name: str, mapping: Mapping, known: Dataset | None, context: Context, progress: Callable[[float], None]) -> Read:
    """Open, find the table, type it and check it. Raises Invalid for files without data rows."""
    opened = open_file(path, name, mapping, context.limits, context.scratch, lambda part: progress(0.55 * part))
    grid, header = opened.grid, opened.header
    named, problems = names.name_columns(grid, header)
    mapping, unmatched = names.match_mapping(mapping, named, grid.sheet)
    problems = [p for p in problems if not _settled(mapping, p.column)] + unmatched + names.vet_keys(named, mapping, grid, header)
    problems += names.vet_header(grid, header, is_declared=mapping.header_row is not None)
    first, last = header.row + 1, grid.table.num_rows
    if first >= last or not named:
        raise Invalid("There are no data rows: the table has only its header.")
    if len(named) > context.limits.columns:
        raise Invalid(f"The table has {len(named):,} columns; at most {context.limits.columns:,} can be read.")
    fields = [replace(f, role=RoleOf.IGNORE) if f.header.startswith("[") and not _settled(mapping, f.header) else f
              for f in guess.guess_fields(grid, named, first, last, mapping, known)]
    stage = _stage(opened, fields, mapping, known, context, first, last)
    progress(0.75)
    proposal = _checked(stage)
    progress(0.85)
    stage.issues += _against(known, stage.fields, grid.sheet) + _without_date(stage) + _doubted(stage)
    complete = {f.index: f for f in stage.survey.fields}
    return Read(opened, stage, [complete.get(f.index, f) for f in fields], mapping, proposal, problems)


def _settled(mapping: Mapping, header: str | None) -> bool:
    column = mapping.columns.get(header or "")
    return column is not None and (column.role is not None or column.key is not None)


def _stage(opened: Opened, fields: list[Field], mapping: Mapping, known: Dataset | None, context: Context, first: int, last: int) -> Stage:
    grid = opened.grid
    con = connect(context.scratch, context.limits)
    kept, taken = [], set()
    for f in fields:  # of two columns of one key only the first is staged; the clash is an error of the file already
        if f.role is not RoleOf.IGNORE and f.key not in taken:
            taken.add(f.key)
            kept.append(f)
    width = int(grid.widths[opened.header.row].as_py()) if grid.widths is not None else 0
    stage = Stage(con, grid, kept, None, context.currency, context.zone, context.today, known, mapping, first=first, width=width)  # type: ignore[arg-type]
    conform.register(stage, grid.table, first, last)
    stage.survey = survey(con, grid, kept, mapping)
    stage.fields = stage.survey.fields
    stage.issues += [*opened.issues, *stage.survey.issues]
    conform.conform(stage)
    return stage


def _checked(stage: Stage) -> Proposal:
    known, mapping = stage.known, stage.mapping
    stage.kind = mapping.kind or (known.kind if known else None) or ("facts" if stage.dated else None)
    exclude(stage)
    if not stage.number("SELECT count(*) FROM typed WHERE _row NOT IN (SELECT _row FROM excluded)"):
        raise Invalid("There are no data rows: below the header the table is empty.")
    checks = sorted(CHECKS, key=lambda c: (c.order, c.name))
    for check in checks:
        if check.order < 40:
            check.run(stage)
    proposal = _decided(propose(stage), mapping, known)
    stage.kind, stage.grain, stage.key = proposal.kind, proposal.grain, proposal.key or ()
    missing = [k for k in stage.key if stage.field(k) is None]
    if missing:
        stage.issues.append(Issue("key-column", f"The key names columns the file does not have: {', '.join(missing)[:200]}.", sheet=stage.grid.sheet))
    for check in checks:
        if check.order >= 40:
            check.run(stage)
    return proposal


def _decided(guessed: Proposal, mapping: Mapping, known: Dataset | None) -> Proposal:
    """Declared before known before guessed."""
    key = mapping.key if mapping.key is not None else (known.key_columns if known else None)
    key = tuple(snake_case(k) if k != snake_case(k) else k for k in key) if key is not None else (None if known else guessed.key)
    mode = mapping.mode or (known.mode if known else None) or (guessed.mode if key == guessed.key and not known else None)
    if mode is None and mapping.key and guessed.kind:
        mode = "upsert"
    kind = mapping.kind or (known.kind if known else None) or guessed.kind
    marks = mapping.marks or (known.marks if known else None) or guessed.marks
    return Proposal(kind, mapping.grain or (known.grain if known else None) or guessed.grain, marks, key, mode)  # type: ignore[arg-type]


def _against(known: Dataset | None, fields: list[Field], sheet: str | None) -> list[Issue]:
    """Columns the dataset has and the file lacks, and the other way round."""
    if known is None or not known.columns:
        return []
    have = {f.key for f in fields}
    needed = {*known.key_columns, *([known.date_column] if known.date_column and known.kind == "facts" else [])}
    out = [Issue("column-missing", f"The column {c.header!r} of {known.name} is not in the file" + ("; without it rows cannot be placed." if c.key in needed else
                 "; its values will be missing."), "error" if c.key in needed else "warning", sheet, column=c.header) for c in known.columns if c.key not in have and c.role is not RoleOf.IGNORE]
    new = [f for f in fields if known.column(f.key) is None]
    if new:
        out.append(Issue("column-new", f"{known.name} does not have these columns yet: {', '.join(f.header[:40] for f in new[:20])}.", "warning", sheet, column=new[0].header, count=len(new)))
    return out


def _without_date(stage: Stage) -> list[Issue]:
    if stage.kind == "facts" and stage.dated is None:
        return [Issue("date-column", "No column holds the date of the rows: choose one, or read the file as a reference table.", sheet=stage.grid.sheet)]
    if stage.kind is None:
        return [Issue("no-date-no-key", "No column holds dates and none identifies the rows: choose the date column, or a key for a reference table.", sheet=stage.grid.sheet)]
    if stage.kind == "reference" and not stage.key:
        return [Issue("key-needed", "A reference table needs a key: choose the columns that identify a row.", sheet=stage.grid.sheet)]
    return []


def _doubted(stage: Stage) -> list[Issue]:
    """Columns that are called like amounts but are read as texts, because most of their cells are."""
    doubted = [f for f in stage.of(RoleOf.DIMENSION) if words.is_money(f.key) and f.samples and f.known is None and not (f.declared and (f.declared.role or f.declared.type))]
    return [Issue("measure-as-text", f"{f.header!r} is read as text, since most of its cells hold no number ({', '.join(f.samples[:3])[:80]}).", "warning", stage.grid.sheet,
                  column=f.header) for f in doubted]


def complete_mapping(r: Read) -> Mapping:
    """The mapping with everything that was decided written out; open questions and uncertain members stay None."""
    columns = {f.header: ColumnMapping(f.role, f.type, f.format if f.type == "date" else None, f.number, f.key) for f in r.fields}
    p = r.proposal
    return replace(r.mapping, sheet=r.opened.grid.sheet, header_row=r.opened.header.row + 1, kind=p.kind, grain=p.grain, marks=p.marks, key=p.key, mode=p.mode,
                   columns=columns, encoding=r.opened.encoding, delimiter=r.opened.delimiter)


def file_issues(r: Read, cap: int) -> tuple[Issue, ...]:
    """All issues, errors of the file first, capped."""
    issues = [*r.problems, *r.stage.issues, *refusals(r.stage, cap)]
    issues.sort(key=lambda i: (i.row is not None, {"error": 0, "warning": 1, "info": 2}[i.severity]))
    return tuple(issues[:cap])


def span(stage: Stage) -> tuple[date | None, date | None]:
    """First and last date of the rows that are kept."""
    f = stage.dated
    if f is None or f.index in stage.survey.open:
        return None, None
    found = stage.fetch(f"SELECT min(v{f.index}), max(v{f.index}) FROM typed WHERE _row NOT IN (SELECT _row FROM refused) AND _row NOT IN (SELECT _row FROM excluded)")[0]
    return found[0], found[1]


def inspect(path: Path, name: str, mapping: Mapping, known: Dataset | None, context: Context, progress: Callable[[float], None]) -> Inspection:
    """What the file holds and how it would be read."""
    r = read(path, name, mapping, known, context, progress)
    first, last = span(r.stage)
    out = Inspection(
        r.opened.kind, r.opened.sheets, complete_mapping(r), tuple(_column(r, f) for f in r.fields), _preview(r), file_issues(r, context.limits.issues),
        (*r.opened.asks, *r.stage.survey.asks), r.stage.number("SELECT count(*) FROM typed WHERE _row NOT IN (SELECT _row FROM excluded WHERE reason <> 'duplicate')"),
        r.stage.number("SELECT count(DISTINCT _row) FROM refused"), sha256_of(path), first, last, dict(r.stage.counts))
    progress(1.0)
    return out


def _column(r: Read, f: Field) -> ColumnGuess:
    staged = any(s.index == f.index for s in r.stage.fields)
    counted = staged and f.type != "text"
    missing = r.stage.number(f"SELECT count(*) FROM typed WHERE m{f.index}") if counted else 0
    unreadable = r.stage.number(f"SELECT count(*) FROM refused WHERE field = {f.index} AND code IN ('date-unreadable', 'number-unreadable', 'cell-error')")
    question = next((a.text for a in r.stage.survey.asks if a.column == f.header), None)
    known = r.stage.known
    return ColumnGuess(f.header, f.letter, f.key, f.role, f.type, f.format, f.number, f.confidence if question is None else min(f.confidence, 0.5), f.samples, question,
                       unreadable, missing, bool(known and known.columns and known.column(f.key) is None))


def _preview(r: Read) -> tuple[tuple[str, ...], ...]:
    start = max(0, min(r.opened.header.top, r.opened.header.row - 4))
    rows = r.opened.grid.rows(start, _PREVIEW_ROWS)
    return tuple((str(start + i + 1), *((c or "")[:_PREVIEW_TEXT] for c in row[:_PREVIEW_COLUMNS])) for i, row in enumerate(rows))


def columns_of(stage: Stage) -> tuple[Column, ...]:
    """The dataset's columns: the known ones in their order, then the new ones."""
    known = [c for c in (stage.known.columns if stage.known else ()) if c.role is not RoleOf.IGNORE]
    have = {c.key for c in known}
    return (*known, *(Column(f.key, f.header, f.role, f.type) for f in stage.fields if f.key not in have))
