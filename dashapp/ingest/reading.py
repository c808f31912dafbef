"""The whole way from bytes to a checked stage, in one process. Only the sandboxed child runs it on files of others."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dashapp.core.dataset import Dataset, RoleOf, snake_case
from dashapp.core.errors import Invalid
from dashapp.core.history import History
from dashapp.core.issue import Issue
from dashapp.core.mapping import ColumnMapping, Mapping
from dashapp.core.profile import Profile
from dashapp.core.registry import Registry
from dashapp.ingest import conform, currencies, guess, names, recall, scales
from dashapp.ingest.checks import Check
from dashapp.ingest.correct import correct
from dashapp.ingest.engine import connect
from dashapp.ingest.exclude import exclude
from dashapp.ingest.fit import fit_issues
from dashapp.ingest.guess import Field
from dashapp.ingest.limits import STANDARD, FileLimits, Progress
from dashapp.ingest.opening import Opened, open_file
from dashapp.ingest.propose import Proposal, propose
from dashapp.ingest.stage import Stage
from dashapp.ingest.survey import Survey, survey

if TYPE_CHECKING:
    import duckdb

CHECKS = Registry("dashapp.ingest.checks", Check)


@dataclass(frozen=True, slots=True)
class Context:
    """What reading needs to know beside the file. today None: future dates are not looked for. profiles: the senders
    of the dataset, the latest first. history: what the dataset was like until now."""

    scratch: Path
    limits: FileLimits = STANDARD
    currency: str = "EUR"
    zone: str = "UTC"
    today: date | None = None
    profiles: tuple[Profile, ...] = ()
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
    profile: Profile | None = None


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(
    path: Path, name: str, mapping: Mapping, known: Dataset | None, context: Context, progress: Progress
) -> Read:
    """Open, find the table, type it and check it. Raises Invalid for files without data rows."""
    opened = open_file(
        path, name, mapping, context.limits, context.scratch, lambda part, rows: progress(0.55 * part, rows), known,
        context.profiles,
    )
    grid, header = opened.grid, opened.header
    named, problems = names.name_columns(grid, header)
    headers = [name for _, name in named]
    profile = recall.chosen(context.profiles, headers, mapping.profile)
    mapping, unmatched = names.match_mapping(_of_turned(mapping, opened, named), named, grid.sheet)
    mapping = recall.applied(mapping, profile, headers)
    problems = (
        [p for p in problems if not _settled(mapping, p.column)]
        + unmatched
        + names.vet_keys(named, mapping, grid, header, known)
    )
    problems += names.vet_header(grid, header, is_declared=mapping.header_row is not None)
    first, last = header.row + 1, grid.table.num_rows
    if first >= last or not named:
        raise Invalid("There are no data rows: the table has only its header.")
    if len(named) > context.limits.columns:
        raise Invalid(f"The table has {len(named):,} columns; at most {context.limits.columns:,} can be read.")
    stage, mapping, fields, wrong = _staged(opened, named, mapping, known, context, profile)
    progress(0.75, last - first)
    proposal = _checked(stage)
    progress(0.85, last - first)
    stage.issues += fit_issues(stage)
    complete = {f.index: f for f in stage.survey.fields}
    fields = [complete.get(f.index, f) for f in fields]
    return Read(opened, stage, fields, mapping, proposal, [*problems, *wrong], profile)


def _staged(
    opened: Opened, named: names.Named, mapping: Mapping, known: Dataset | None, context: Context,
    profile: Profile | None,
) -> tuple[Stage, Mapping, list[Field], list[Issue]]:
    """The typed rows. What the file leaves open and the sender's last file answered is read likewise."""
    grid, first = opened.grid, opened.header.row + 1
    con = connect(context.scratch, context.limits)
    conform.register(con, grid.table, first)
    conform.register_places(con, grid, first)
    before = profile.mapping if profile else None
    while True:
        fields = [
            replace(f, role=RoleOf.IGNORE) if f.header.startswith("[") and not _settled(mapping, f.header) else f
            for f in guess.guess_fields(grid, named, first, grid.table.num_rows, mapping, known)
        ]
        scaled = scales.decide(fields, opened.place.lines, known, context.currency, grid.sheet, before)
        kept = {f.key: f for f in reversed(scaled.fields) if f.role is not RoleOf.IGNORE}
        # of two columns of one key only the first is staged; the clash is an error of the file already
        found = survey(con, grid, [f for f in scaled.fields if kept.get(f.key) is f], mapping)
        asks = [*found.asks, *scaled.asks]
        more = recall.answered(mapping, asks, profile) if asks else None
        if more is None:
            break
        mapping = more
    found.asks = asks
    stage = _stage(con, opened, found, mapping, known, context)
    stage.issues += [i for i in scaled.issues if i.severity != "error"]
    conform.conform(stage)
    correct(stage)
    is_heard = currencies.settle(stage, scaled.units, before.currency if before else None)
    wrong = [i for i in scaled.issues if i.severity == "error" and not (is_heard and i.code == "currency-mix")]
    return stage, stage.mapping, scaled.fields, wrong


def _of_turned(mapping: Mapping, opened: Opened, named: names.Named) -> Mapping:
    """The mapping for the headers of the turned table: with the keys that the layout gives, without columns of the
    source that were used up in turning."""
    turned, there = opened.place.turned, {name for _, name in named}
    if turned.grid.origin is None and not turned.keys:
        return mapping
    columns = {h: c for h, c in mapping.columns.items() if h in there or h not in turned.used}
    for header, key in turned.keys.items():
        said = columns.get(header, ColumnMapping())
        columns[header] = said if said.key else replace(said, key=key)
    for header in turned.measures:
        said = columns.get(header, ColumnMapping())
        columns[header] = said if said.role else replace(said, role=RoleOf.MEASURE)
    return replace(mapping, columns=columns)


def _settled(mapping: Mapping, header: str | None) -> bool:
    column = mapping.columns.get(header or "")
    return column is not None and (column.role is not None or column.key is not None)


def _stage(
    con: duckdb.DuckDBPyConnection, opened: Opened, found: Survey, mapping: Mapping, known: Dataset | None,
    context: Context,
) -> Stage:
    grid, first = opened.grid, opened.header.row + 1
    width = int(grid.widths[opened.header.row].as_py()) if grid.widths is not None else 0
    stage = Stage(con, grid, found.fields, found, context.currency, context.zone, context.today, known, mapping)
    stage.first, stage.width, stage.history = first, width, context.history
    stage.issues += [*opened.issues, *found.issues]
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
    """Declared before known before guessed. Who says that every row is new, and names no key, gets none."""
    key = mapping.key if mapping.key is not None else (known.key_columns if known else None)
    if key is None and mapping.mode == "append":
        key = ()
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
