"""The whole way from bytes to a checked stage, in one process. Only the sandboxed child runs it on files of others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from dashapp.core.dataset import Dataset, RoleOf, snake_case
from dashapp.core.errors import Invalid
from dashapp.core.history import History
from dashapp.core.issue import Issue
from dashapp.core.mapping import Mapping
from dashapp.core.registry import Registry
from dashapp.ingest import conform, guess, names
from dashapp.ingest.checks import Check
from dashapp.ingest.correct import correct
from dashapp.ingest.engine import connect
from dashapp.ingest.exclude import exclude
from dashapp.ingest.fit import fit_issues
from dashapp.ingest.guess import Field
from dashapp.ingest.limits import STANDARD, FileLimits
from dashapp.ingest.opening import Opened, open_file
from dashapp.ingest.propose import Proposal, propose
from dashapp.ingest.stage import Stage
from dashapp.ingest.survey import survey

CHECKS = Registry("dashapp.ingest.checks", Check)


@dataclass(frozen=True, slots=True)
class Context:
    """What reading needs to know beside the file. today None: future dates are not looked for. history: what the
    dataset was like until now."""

    scratch: Path
    limits: FileLimits = STANDARD
    currency: str = "EUR"
    zone: str = "UTC"
    today: date | None = None
    history: History = field(default_factory=History)


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


def read(
    path: Path, name: str, mapping: Mapping, known: Dataset | None, context: Context, progress: Callable[[float], None]
) -> Read:
    """Open, find the table, type it and check it. Raises Invalid for files without data rows."""
    opened = open_file(path, name, mapping, context.limits, context.scratch, lambda part: progress(0.55 * part))
    grid, header = opened.grid, opened.header
    named, problems = names.name_columns(grid, header)
    mapping, unmatched = names.match_mapping(mapping, named, grid.sheet)
    problems = (
        [p for p in problems if not _settled(mapping, p.column)]
        + unmatched
        + names.vet_keys(named, mapping, grid, header)
    )
    problems += names.vet_header(grid, header, is_declared=mapping.header_row is not None)
    first, last = header.row + 1, grid.table.num_rows
    if first >= last or not named:
        raise Invalid("There are no data rows: the table has only its header.")
    if len(named) > context.limits.columns:
        raise Invalid(f"The table has {len(named):,} columns; at most {context.limits.columns:,} can be read.")
    fields = [
        replace(f, role=RoleOf.IGNORE) if f.header.startswith("[") and not _settled(mapping, f.header) else f
        for f in guess.guess_fields(grid, named, first, last, mapping, known)
    ]
    stage = _stage(opened, fields, mapping, known, context)
    progress(0.75)
    proposal = _checked(stage)
    progress(0.85)
    stage.issues += fit_issues(stage)
    complete = {f.index: f for f in stage.survey.fields}
    return Read(opened, stage, [complete.get(f.index, f) for f in fields], mapping, proposal, problems)


def _settled(mapping: Mapping, header: str | None) -> bool:
    column = mapping.columns.get(header or "")
    return column is not None and (column.role is not None or column.key is not None)


def _stage(opened: Opened, fields: list[Field], mapping: Mapping, known: Dataset | None, context: Context) -> Stage:
    grid, first = opened.grid, opened.header.row + 1
    con = connect(context.scratch, context.limits)
    kept = {f.key: f for f in reversed(fields) if f.role is not RoleOf.IGNORE}
    # of two columns of one key only the first is staged; the clash is an error of the file already
    staged = [f for f in fields if kept.get(f.key) is f]
    conform.register(con, grid.table, first)
    found = survey(con, grid, staged, mapping)
    width = int(grid.widths[opened.header.row].as_py()) if grid.widths is not None else 0
    stage = Stage(con, grid, found.fields, found, context.currency, context.zone, context.today, known, mapping)
    stage.first, stage.width, stage.history = first, width, context.history
    stage.issues += [*opened.issues, *found.issues]
    conform.conform(stage)
    correct(stage)
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
    stage.mode = proposal.mode
    missing = [k for k in stage.key if stage.field(k) is None]
    if missing:
        stage.issues.append(
            Issue(
                "key-column",
                f"The key names columns the file does not have: {', '.join(missing)[:200]}.",
                sheet=stage.grid.sheet,
            )
        )
    for check in checks:
        if check.order >= 40:
            check.run(stage)
    return proposal


def _decided(guessed: Proposal, mapping: Mapping, known: Dataset | None) -> Proposal:
    """Declared before known before guessed."""
    key = mapping.key if mapping.key is not None else (known.key_columns if known else None)
    key = (
        tuple(snake_case(k) if k != snake_case(k) else k for k in key)
        if key is not None
        else (None if known else guessed.key)
    )
    mode = (
        mapping.mode or (known.mode if known else None) or (guessed.mode if key == guessed.key and not known else None)
    )
    if mode is None and mapping.key and guessed.kind:
        mode = "upsert"
    kind = mapping.kind or (known.kind if known else None) or guessed.kind
    marks = mapping.marks or (known.marks if known else None) or guessed.marks
    return Proposal(kind, mapping.grain or (known.grain if known else None) or guessed.grain, marks, key, mode)  # type: ignore[arg-type]
