"""The dry run: the file is read as mapped, every cell checked, and the effect of a commit told before it happens."""
from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashapp.core.actor import Actor, Role
from dashapp.core.closing import Touched
from dashapp.core.dataset import Column, Dataset, Mode
from dashapp.core.errors import Conflict, Invalid, NotFound
from dashapp.core.failpoint import failpoint
from dashapp.core.join import JoinMatch
from dashapp.core.mapping import Mapping
from dashapp.core.period import DateRange, Grain
from dashapp.core.space import SpaceNeeded
from dashapp.services import advancing, auditing, closing, deciding, joining, knowing, profiling, remembering, uploads
from dashapp.services.consequences import Commit, follows_of
from dashapp.services.desk import Desk
from dashapp.services.moving import moves, next_vintage, scene_after
from dashapp.services.receiving import refuse_same_bytes
from dashapp.services.scene import Scene, load_scene
from dashapp.services.turns import CHANGES, take_turn
from dashapp.services.unit import reading, writing
from dashapp.services.uploads import UploadView

if TYPE_CHECKING:
    from dashapp.facts.arrivals import Arrivals
    from dashapp.facts.effect import Effect as RowEffect
    from dashapp.ingest.model import Conversion, Inspection

Progress = Callable[[float, str], None]
OPEN = ("received", "inspected", "failed", "queued")


@dataclass(frozen=True)
class DryRun:
    """What a commit would do. `digest` names exactly this preview: file, mapping, mode, dataset version, scope.

    moves: figures that change; consequences: what else follows, a table per kind of thing (`core.effect.Effect.kept`).
    joins: how the rows fare with the declared joins; suggestions: joins that nobody declared and the rows speak for.
    closed: the rows of closed periods that come or go; a commit then needs a reason.
    """

    upload: str
    dataset: str
    digest: str
    base_version: int
    mapping: Mapping
    mode: Mode | None
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    new_columns: tuple[str, ...]
    rows: int
    accepted: int
    quarantined: int
    effect: dict[str, Any]
    issues: tuple[dict[str, Any], ...]
    first: str | None
    last: str | None
    needs: tuple[str, ...]
    moves: tuple[dict[str, Any], ...] = ()
    consequences: tuple[dict[str, Any], ...] = ()
    scope: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    joins: tuple[JoinMatch, ...] = ()
    suggestions: tuple[JoinMatch, ...] = ()
    letters: dict[str, str] = field(default_factory=dict)
    changes: tuple[dict[str, Any], ...] = ()
    closed: Touched = field(default_factory=Touched)

    def to_json(self) -> dict[str, Any]:
        return {
            "upload": self.upload, "dataset": self.dataset, "digest": self.digest, "base_version": self.base_version,
            "mapping": self.mapping.to_json(), "mode": self.mode, "key": list(self.key),
            "columns": [[c.key, c.header, c.role.value, c.type, c.unit] for c in self.columns],
            "new_columns": list(self.new_columns), "rows": self.rows, "accepted": self.accepted,
            "quarantined": self.quarantined, "effect": self.effect, "issues": list(self.issues),
            "first": self.first, "last": self.last, "needs": list(self.needs), "moves": list(self.moves),
            "consequences": list(self.consequences),
            "scope": list(self.scope), "sheets": list(self.sheets),
            "joins": [j.to_json() for j in self.joins], "suggestions": [j.to_json() for j in self.suggestions],
            "letters": self.letters, "changes": list(self.changes), "closed": self.closed.to_json(),
        }


@SpaceNeeded()
def inspect(actor: Actor, desk: Desk, upload: str, mapping: Mapping | None = None, *, now: datetime) -> Inspection:
    """Ingest's proposal for the file (sheet, header row, roles, types, samples, questions), kept with the upload.

    Given parts of a mapping win over what the dataset remembers, and both over the guess. Finance. Raises Invalid
    with one sentence when the file cannot be read; the upload then stays, marked failed, and can be tried again.
    """
    from dashapp.ingest.sandbox import inspect_file

    actor.require(Role.FINANCE, token="ingest")
    found = _open(actor, desk, upload)
    scene = load_scene()
    known = scene.datasets.get(found.dataset)
    wanted = remembering.shown(found, mapping)
    try:
        with advancing.kept(desk, found.id) as tell:
            look = partial(inspect_file, desk.originals / found.id, found.source_name, known=known,
                           profiles=profiling.known(found.dataset), history=knowing.at_first_sight(desk, scene),
                           progress=tell, **circumstances(desk, now))
            inspection = look(mapping=wanted)
            answered = remembering.answered(wanted, [(q.code, q.column) for q in inspection.questions], found.dataset)
            inspection = look(mapping=answered) if answered else inspection
    except Invalid as error:
        _mark(actor, upload, "failed", error=error.message)
        raise
    inspection = replace(inspection, mapping=remembering.completed(inspection.mapping, known))
    inspection = replace(inspection, suggestions=joining.suggested(desk, scene, found.dataset, inspection))
    _mark(actor, upload, "inspected", inspection=inspection.to_json(), mapping=inspection.mapping.to_json())
    return inspection


def inspection(actor: Actor, desk: Desk, upload: str) -> Inspection | None:
    """What the last inspection of the upload found; None before the first one. Finance."""
    from dashapp.ingest.model import Inspection

    found = uploads.status(actor, desk, upload)
    return Inspection.from_json(found.inspection) if found.inspection else None


@SpaceNeeded()
def dry_run(actor: Actor, desk: Desk, upload: str, mapping: Mapping | None = None, *, now: datetime,
            progress: Progress | None = None, leaves: str = "inspected", ahead: bool = True) -> DryRun:
    """The file is converted into the ledger's staging area and compared with what is known. Nothing is visible yet.

    Finance. Raises Invalid when the file cannot be used at all. `needs` lists what must be decided before a commit.
    leaves: the state of the upload afterwards. ahead: look ahead to the figures that would move and what follows of
    them; not where nobody sees the preview. Conflict when this sheet of the same file is in the dataset, OutOfSpace
    when the disk is full; nothing of this preview is left then.
    """
    from dashapp.ingest.sandbox import convert_file

    actor.require(Role.FINANCE, token="ingest")
    found = _open(actor, desk, upload)
    _refuse_changed(desk, found)
    scene = load_scene()
    known = scene.datasets.get(found.dataset)
    tell = progress or (lambda share, step: None)
    desk.quarantine.mkdir(parents=True, exist_ok=True)
    # A name of its own: neither a crash nor another preview of the same upload may leave half of this one behind.
    work = desk.ledger.staging(found.dataset, f"{found.id}-{secrets.token_hex(4)}")
    convert = partial(
        convert_file, desk.originals / found.id, found.source_name, known=known, out=work, vintage=found.id,
        quarantine=desk.quarantine / f"{found.id}.csv", profiles=profiling.known(found.dataset),
        progress=lambda share, rows: tell(0.8 * share, advancing.words(rows)),
        **circumstances(desk, now))
    wanted = remembering.shown(found, mapping)
    try:
        with knowing.known_to(actor, desk, scene, found.dataset, wanted) as history:
            conversion = _converted(partial(convert, history=history), wanted, found.dataset)
        _refuse_same_sheet(actor, found, conversion)
        tell(0.85, "comparing")
        result = compare(actor, desk, found, scene, conversion, work, hints=ahead)
        work.replace(staged(desk, found.dataset, found.id, result.digest))
        failpoint("import.staged")
    except Invalid as error:
        _mark(actor, upload, "failed", error=error.message,
              result={"issues": [i.to_json() for i in error.issues]})
        raise
    finally:
        work.unlink(missing_ok=True)
    looks = ahead and uploads.may_read(actor)  # a token that only brings is told nothing of figures
    if looks:
        tell(0.9, "looking at the KPIs")
    if looks and (commit := _commit_of(actor, desk, scene, result, now)) is not None:
        result = replace(result, moves=_moves(commit), consequences=follows_of(commit))
    tell(0.97, "writing it down")
    _mark(actor, upload, leaves, result=result.to_json(), mapping=result.mapping.to_json(), digest=result.digest,
          rows=result.accepted, quarantined=result.quarantined, first=conversion.first, last=conversion.last)
    failpoint("import.checked")
    discard_previews(desk, found.dataset, found.id, result.digest)
    return result


def staged(desk: Desk, dataset: str, upload: str, digest: str) -> Path:
    """Where the rows of exactly this preview are staged."""
    return desk.ledger.staging(dataset, staged_name(upload, digest))


def staged_name(upload: str, digest: str) -> str:
    """The ledger's name for what is staged for one preview of an upload."""
    return f"{upload}-{digest[:16]}"


def discard_previews(desk: Desk, dataset: str, upload: str, but: str | None = None) -> None:
    """Forget what is staged for the upload, except for the preview `but`: the others cannot be committed any more."""
    kept = staged(desk, dataset, upload, but) if but else None
    for path in desk.ledger.staging(dataset, upload).parent.glob(f".*{upload}-{'[0-9a-f]' * 16}.parquet"):
        if path != kept:
            path.unlink(missing_ok=True)


def _refuse_same_sheet(actor: Actor, found: UploadView, conversion: Conversion) -> None:
    """Raise Conflict when this sheet of these bytes is in the dataset. The upload stays open for another sheet."""
    try:
        with reading() as session:
            refuse_same_bytes(session, found.dataset, found.source_sha256, found.id, conversion.mapping.sheet,
                              table=conversion.mapping.table,
                              corrections=[c.to_json() for c in conversion.mapping.corrections])
    except Conflict as error:
        _mark(actor, found.id, "inspected", error=error.message, digest=None,
              result={"former": error.extra["upload"], "sheets": list(conversion.sheets)})
        raise


def _converted(convert: Callable[..., Conversion], wanted: Mapping, dataset: str) -> Conversion:
    """The conversion; a question that an earlier file of the dataset answered is answered likewise."""
    try:
        return convert(mapping=wanted)
    except Invalid as error:
        answered = remembering.answered(wanted, [(i.code, i.column) for i in error.issues], dataset)
        if answered is None:
            raise
        return convert(mapping=answered)


def circumstances(desk: Desk, now: datetime) -> dict[str, Any]:
    """What ingest must know of the organisation; the places of its two children belong to the installation."""
    from dashapp.ingest.limits import FileLimits

    organisation = desk.organisation
    return {"limits": FileLimits(max_bytes=desk.max_upload), "currency": organisation.currency,
            "zone": organisation.timezone, "today": organisation.today(now), "slots": desk.scratch / "slots"}


def compare(actor: Actor, desk: Desk, found: UploadView, scene: Scene, conversion: Conversion, work: Path, *,
            hints: bool = True, arrivals: Arrivals | None = None) -> DryRun:
    """What the rows staged at `work` would do to the dataset, as it is in the scene. hints: also look for joins nobody
    declared. arrivals: the rows of that scene, where files come one after the other; for actors without a data scope.
    """
    known, vintages = scene.datasets.get(found.dataset), scene.vintages.get(found.dataset, ())
    mapping: Mapping = conversion.mapping
    mode = mapping.mode or (known.mode if known else None)
    key = mapping.key if mapping.key is not None else (known.key_columns if known else ())
    if mode is None and key:
        mode = "upsert"
    dataset = shaped(known, found.dataset, mapping, conversion.columns, key, mode)
    deciding.refuse_odd(dataset, mapping)
    deciding.refuse_multiplying(dataset, scene.datasets, scene.vintages)
    needs = deciding.needs(dataset, mode, key)
    effect, late = None, Touched()
    if not needs:
        assert mode is not None
        effect, late = _done_by(actor, desk, scene, dataset, work, found.id, mode, key,
                                arrivals if arrivals and arrivals.fits(dataset, work) else None)
    overlaps = deciding.overlapping(mode, effect, {v.id: v.source_name for v in vintages})
    fresh = tuple(c.key for c in dataset.columns if known and known.column(c.key) is None)
    base = known.version if known else 0
    mapping, scope = replace(mapping, mode=mode, key=key), tuple(str(w) for w in actor.scope)
    return DryRun(
        upload=found.id, dataset=found.dataset, digest=_digest(found.source_sha256, mapping, base, scope), scope=scope,
        base_version=base, mapping=mapping, mode=mode, key=key,
        columns=conversion.columns, new_columns=fresh, rows=conversion.rows, accepted=conversion.accepted,
        quarantined=conversion.quarantined, effect=effect_json(effect) if effect else {}, letters=conversion.letters,
        changes=tuple(c.to_json() for c in conversion.changes),
        issues=tuple(i.to_json() for i in (*deciding.displacing(dataset, effect), *deciding.misplaced(dataset),
                                              *overlaps, *conversion.issues)),
        first=conversion.first.isoformat() if conversion.first else None,
        last=conversion.last.isoformat() if conversion.last else None, needs=needs,
        sheets=conversion.sheets,
        joins=joining.matches(desk, scene, dataset, work),
        suggestions=joining.open_joins(desk, scene, dataset, mapping.joins, work) if hints else (), closed=late,
    )


def _done_by(actor: Actor, desk: Desk, scene: Scene, dataset: Dataset, work: Path, upload: str, mode: Mode,
             key: tuple[str, ...], arrivals: Arrivals | None) -> tuple[RowEffect, Touched]:
    """What the commit would do to rows, and to rows of closed periods."""
    vintages, calendar = scene.vintages.get(dataset.key, ()), desk.organisation.calendar
    if arrivals is not None:
        effect = arrivals.effect(dataset, work, mode=mode, key=key, slices=dataset.slice_columns, calendar=calendar)
        until = closing.until_of(dataset.key, scene)
        if until is None or not arrivals.reaches(dataset, until):
            return effect, Touched(until)
    else:
        effect = desk.ledger.effect(dataset, vintages, work, mode, key, dataset.slice_columns, actor.scope,
                                    calendar=calendar)
    candidate = next_vintage(dataset, vintages, upload, str(work.resolve()), mode, effect_json(effect).get("replaced"))
    return effect, closing.touched_by_commit(actor, desk, scene, dataset, candidate)


def _commit_of(actor: Actor, desk: Desk, scene: Scene, result: DryRun, now: datetime) -> Commit | None:
    """The commit that is looked ahead to; None for a file that cannot be committed or has no dates."""
    if result.needs or result.mode is None or not result.first or not result.last:
        return None
    shape = shaped(scene.datasets.get(result.dataset), result.dataset, result.mapping, result.columns, result.key,
                   result.mode)
    path = str(staged(desk, result.dataset, result.upload, result.digest).resolve())
    after = scene_after(scene, shape, result.upload, path, result.mode, result.effect.get("replaced"))
    span = DateRange(date.fromisoformat(result.first), date.fromisoformat(result.last))
    return Commit(actor, desk, scene, after, result.dataset, span, now)


def _moves(commit: Commit) -> tuple[dict[str, Any], ...]:
    """KPIs that exist and would move."""
    return tuple(moves(commit.actor, commit.desk, commit.scene, commit.after, commit.dataset, commit.span,
                       now=commit.now))


def shaped(known: Dataset | None, name: str, mapping: Mapping, columns: tuple[Column, ...], key: tuple[str, ...],
           mode: Mode | None) -> Dataset:
    """The dataset as it would be with this file: known columns first, new ones after them."""
    joins = {**(dict(known.joins) if known else {}), **mapping.joins}
    joined = tuple(sorted((column, target) for column, target in joins.items() if target))
    if known is None:
        return Dataset(
            key=name, name=name.replace("_", " ").capitalize(), kind=mapping.kind or "facts",
            grain=mapping.grain or Grain.EVENT, marks=mapping.marks or "start",  # type: ignore[arg-type]
            key_columns=key, mode=mode, slice_columns=mapping.slice or (), joins=joined,
            columns=columns)
    have = {c.key for c in known.columns}
    return replace(known, columns=(*known.columns, *(c for c in columns if c.key not in have)), key_columns=key,
                   mode=mode, joins=joined,
                   slice_columns=known.slice_columns if mapping.slice is None else mapping.slice)


def effect_json(effect: RowEffect) -> dict[str, Any]:
    """Counts of rows by fate, dates as texts, and what to record on the vintage under `replaced`."""
    out: dict[str, Any] = {k: v for k, v in asdict(effect).items() if isinstance(v, int)}
    out["outside_scope"] = effect.rows_outside_scope + effect.hidden_outside_scope
    if effect.replaced:
        slices = {column: list(values) for column, values in effect.replaced_slices}
        out["replaced"] = {"span": [d.isoformat() for d in effect.replaced], "slices": slices}
    return out


def _digest(source: str, mapping: Mapping, base: int, scope: tuple[str, ...]) -> str:
    text = json.dumps([source, mapping.to_json(), base, scope], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _open(actor: Actor, desk: Desk, upload: str) -> UploadView:
    found = uploads.status(actor, desk, upload)
    if found.state not in OPEN:
        raise Conflict(f"This upload is {found.state}.", upload=found.id)
    if not (desk.originals / found.id).is_file():
        raise NotFound("The file of this upload is not kept any more.")
    return found


def _refuse_changed(desk: Desk, found: UploadView) -> None:
    """Raise Conflict where the kept bytes are not those that arrived: a preview stands for them by their hash."""
    with (desk.originals / found.id).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() == found.source_sha256:
            return
    raise Conflict("The file that is kept for this upload is not the one that arrived. Bring it again.",
                   upload=found.id)


def _mark(actor: Actor, upload: str, state: str, *, error: str | None = None, **values: Any) -> None:
    """Write what was found on the upload - unless it was committed, undone or refused while the file was read."""
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        if row.state not in OPEN:
            raise Conflict(f"This upload is {row.state}.", upload=row.id)
        row.state, row.error = state, error
        for name, value in values.items():
            setattr(row, name, value)


def reject(actor: Actor, desk: Desk, upload: str, *, now: datetime, rehearsed: bool = False) -> None:
    """The upload is refused by a person: its file, staging and refused rows are removed; its line stays. Finance.

    rehearsed: nobody refused anything, only a dry run was asked for; lists call it checked.
    """
    actor.require(Role.FINANCE, token="ingest")
    with writing() as session:
        take_turn(session, CHANGES)
        row = uploads.load(session, actor, upload)
        if row.state not in OPEN:
            raise Conflict(f"This upload is {row.state}.")
        before, row.state = row.state, "rejected"
        if rehearsed:
            row.result = {**(row.result or {}), "rehearsed": True}
        auditing.record(actor, "upload.reject", upload, before={"state": before}, after={"state": "rejected"}, now=now)
        key = row.dataset_key
    failpoint("import.rejected")
    discard_previews(desk, key, upload)
    for path in (desk.originals / upload, desk.quarantine / f"{upload}.csv"):
        path.unlink(missing_ok=True)

