"""`/datasets/{key}/uploads`, `/datasets/{key}/rows` and `/uploads`: bringing data in, looking at it, taking it back."""
from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO, Literal, cast

from flask import Response, jsonify, request, send_file
from pydantic import BaseModel, Field
from werkzeug.exceptions import UnsupportedMediaType

from dashapp.api.datasets import DatasetPath
from dashapp.api.files import attachment
from dashapp.api.pushed import RowsIn, as_csv
from dashapp.api.reading import Page, Strict, json_body, listed, parse, read_as
from dashapp.api.resource import Call, call, needs, resource, token
from dashapp.core.actor import Role
from dashapp.core.closing import reason_of, told
from dashapp.core.errors import AppError, Conflict, Invalid
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.services import (
    checking,
    contrasting,
    foreseeing,
    importing,
    queueing,
    receiving,
    repeating,
    reverting,
    uploads,
)

api = resource("uploads", "Files and rows on their way into a dataset; each upload can be undone")
UNSAID = ("Say how rows are recognised: name the key columns in the mapping, or a mode (upsert, append, "
          "replace-period). `mapping` is what was found.")
UNREAD = ("moves", "consequences", "joins", "suggestions")
MODES = ("upsert", "append", "replace-period")
_MULTIPART = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {
    "type": "object", "required": ["file"], "additionalProperties": False, "properties": {
        "file": {"type": "string", "format": "binary", "description": "xlsx, xlsm, xls, xlsb, ods or csv"},
        "sheet": {"type": "string", "maxLength": 100, "description": "Which sheet of a workbook; guessed else"},
        "mapping": {"type": "string", "description": "JSON; whatever is left out is guessed",
                    "examples": ['{"key": ["order_id"], "columns": {"Region": {"role": "dimension"}}}']},
        "mode": {"type": "string", "enum": list(MODES)},
        "reason": {"type": "string", "maxLength": 500,
                   "description": "Why rows of closed periods change, where they do"}}}}}}}


class UploadPath(BaseModel):
    id: str = Field(description="The upload's id", max_length=200)


class DryRun(Strict):
    dry_run: bool = Field(False, description="Check and tell what a commit would do; nothing is kept")


class Uploads(Page):
    dataset: str | None = Field(None, max_length=63, description="Only the uploads into this dataset")
    status: Literal["received", "inspected", "queued", "committing", "committed", "undone", "failed",
                    "rejected"] | None = Field(None, description="Only uploads in this state")
    text: str = Field("", max_length=200, description="A part of the file's name or of the e-mail of who brought it")


class IdempotencyKey(BaseModel):
    key: str | None = Field(None, alias="Idempotency-Key", max_length=255,
                            description="Any text of your own; the same key has one effect within a day")


class Why(Strict):
    reason: str = Field("", max_length=500, description="Why rows of closed periods change, where they do")


class UploadOut(BaseModel):
    """An upload: where it stands, what was found, and whether its rows count (`live`)."""

    id: str
    dataset: str
    status: Literal["received", "inspected", "queued", "committing", "committed", "undone", "failed", "rejected"]
    file: str
    sha256: str
    bytes: int
    received_at: str
    by: str
    rows: int
    quarantined: int
    mode: str | None
    first: str | None
    last: str | None
    committed_at: str | None
    live: bool
    error: str | None
    issues: list[dict[str, Any]]
    effect: dict[str, Any] | None
    digest: str | None
    kpis_defined: dict[str, str] = Field(description="KPIs that were defined with a first upload, with their formulas")
    progress: float | None = Field(None, description="Of the upload alone: the share done of what is under way, below "
                                                     "1 until it is done; null where nothing is")
    step: str | None = Field(None, description="Of the upload alone: what is being done, with the rows read so far")


class PairPath(UploadPath):
    other: str = Field(description="The id of another upload into the same dataset", max_length=200)


class ContrastOut(BaseModel):
    """`first` is the earlier commit. `sums`: totals of the measures in both, as texts with all digits.

    `pairs`: the first hundred rows that differ, each with its `fate` (`changed`, or the only side that has it), its
    `key`, its row in both files, and the `cells` that differ as `[in first, in second]`.
    """

    first: str
    second: str
    key: list[str] = Field(description="Columns by which rows are told apart; empty: equal rows are partners")
    rows: list[int]
    same: int
    changed: int
    only_first: int
    only_second: int
    sums: dict[str, list[str | None]]
    columns: list[list[str]] = Field(description="Columns that only the first, and only the second file has")
    pairs: list[dict[str, Any]]


class ForesightOut(BaseModel):
    """`closed`, `moves` and `consequences` are as in a dry run. `live`: would the upload count afterwards?"""

    upload: str
    live: bool
    closed: dict[str, Any]
    moves: list[dict[str, Any]]
    consequences: list[dict[str, Any]]


class DryRunOut(BaseModel):
    """What a commit would do. `needs` must be decided first.

    `moves` are KPIs that change; they, `consequences`, `joins` and `suggestions` are null without `read`, and `issues`
    are only those that the file alone gives.
    """

    upload: str
    dataset: str
    digest: str
    base_version: int
    mapping: dict[str, Any]
    mode: str | None
    key: list[str]
    columns: list[list[str | None]] = Field(description="Key, header, role, type and unit of each column")
    new_columns: list[str]
    rows: int
    accepted: int
    quarantined: int
    effect: dict[str, Any] = Field(description="How many rows are new, replace others, change nothing, or are hidden")
    issues: list[dict[str, Any]]
    first: str | None
    last: str | None
    needs: list[str]
    moves: list[dict[str, Any]] | None
    consequences: list[dict[str, Any]] | None = Field(
        description="What follows of the figures that move: by kind of thing (`alerts`, `plausibility`) a sentence "
                    "and rows")
    scope: list[str]
    letters: dict[str, str] = Field(description="Column of the dataset -> letters of its column in the sheet; `C:N` "
                                    "for one that runs across, `C4:N4` for one within row 4")
    sheets: list[str] = Field(description="The visible sheets of a workbook; one upload brings one of them")
    joins: list[dict[str, Any]] | None = Field(description="How many rows find their row in a joined dataset")
    changes: list[dict[str, Any]] = Field(description="What differs from the sender's last file, each with its text")
    suggestions: list[dict[str, Any]] | None = Field(description="Joins nobody declared that the rows speak for")
    closed: dict[str, Any] = Field(description="Rows of closed periods that come and go, by month, with the first of "
                                               "them; a commit that changes any needs a `reason`")


class Queued(BaseModel):
    id: str
    status: Literal["queued"]
    job: str


@api.post("/datasets/<string:key>/uploads", responses={"202": Queued, "200": DryRunOut},
    security=token("ingest"), openapi_extensions=_MULTIPART)
@needs(Role.FINANCE)
def post_upload(path: DatasetPath, query: DryRun) -> tuple[Response, int]:
    """Upload a file into a dataset, which is made if it is new.

    The file is checked at once; what cannot be used is refused here. The commit follows as a job: ask for the upload.
    Without a key or a mode nothing is assumed: the call is refused with what must be said.
    """
    here = call()
    here.actor.require(Role.FINANCE, token="ingest")
    mapping, reason = _mapping_of_form(), reason_of(request.form.get("reason"))
    file = request.files["file"]
    stream = cast(BinaryIO, file.stream)
    found = receiving.receive(here.actor, here.desk, stream, file.filename or "", path.key, now=here.now,
                              sheet=mapping.sheet, again=bool(mapping.corrections))
    checked = _checked(here, found.id, mapping, rehearsed=query.dry_run)
    if query.dry_run:
        checking.reject(here.actor, here.desk, found.id, now=here.now, rehearsed=True)
        told = {**checked.to_json(), "needs": _needs(mapping, checked, reason), "issues": _told(here, checked)}
        blank = {**dict.fromkeys(UNREAD), "closed": {**told["closed"], "rows": []}}
        return jsonify(told if uploads.may_read(here.actor) else {**told, **blank}), 200
    _decided(here, mapping, checked, reason)
    job = queueing.queue_ingest(here.actor, here.desk, found.id, mapping, now=here.now,  # nobody saw the preview
                                reason=reason)
    return jsonify({"id": found.id, "status": "queued", "job": job}), 202


@api.post("/datasets/<string:key>/rows", responses={"201": UploadOut}, security=token("ingest"),
    openapi_extensions={"requestBody": {
        "required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RowsIn"}}}}})
@needs(Role.FINANCE)
def post_rows(path: DatasetPath, header: IdempotencyKey) -> tuple[Response, int]:
    """Push rows from a program; they are committed when this answers.

    The body is an object with `rows`, or the array of rows itself. Numbers, texts, true/false and null; dates as ISO
    texts. With an `Idempotency-Key`, a repeated call has one effect and the first answer.
    """
    here = call()
    here.actor.require(Role.FINANCE, token="ingest")
    sent = json_body()
    body: RowsIn = read_as(RowsIn, {"rows": sent} if isinstance(sent, list) else sent)

    def act() -> tuple[int, dict[str, Any]]:
        return 201, _push(here, path.key, body)

    if header.key is None:
        status, answer = act()
    else:
        status, answer = repeating.once(here.actor, f"POST {request.path}", header.key, request.get_data(), act,
                                        now=here.now, done=lambda since: _pushed_before(here, path.key, body, since))
    return jsonify(answer), status


@api.get("/uploads", responses={"200": {"description": "Newest first", "content": {"application/json": {
    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/UploadOut"}}}}}})
@needs(Role.FINANCE)
def list_uploads(query: Uploads) -> Response:
    """Uploads, newest first."""
    here = call()
    wanted: dict[str, Any] = {"state": query.status, "text": query.text}
    found = uploads.listing(here.actor, here.desk, query.dataset, limit=min(query.size, 500), offset=query.offset,
                            **wanted)
    return listed([u.to_json() for u in found], query, uploads.count(here.actor, query.dataset, **wanted))


@api.get("/uploads/<string:id>", responses={"200": UploadOut})
@needs(Role.FINANCE)
def get_upload(path: UploadPath) -> dict[str, Any]:
    """One upload: its state and what was found in it.

    A token with the scope `ingest` only may follow the uploads it made itself; all others are not there for it.
    """
    here = call()
    found = uploads.status(here.actor, here.desk, path.id).to_json()
    share, step = queueing.progress_of(here.actor, here.desk, path.id) or (None, None)
    return {**found, "progress": share, "step": step}


@api.get("/uploads/<string:id>/quarantine.csv", responses={"200": {
    "description": "Refused rows with place and reason", "content": {"text/csv": {"schema": {"type": "string"}}}}})
@needs(Role.FINANCE)
def get_quarantine(path: UploadPath) -> Response:
    """The rows that were refused, with reasons; as for the upload itself."""
    here = call()
    file, name = uploads.quarantine(here.actor, here.desk, path.id)
    return attachment((name, "text/csv", file.read_bytes()))


@api.get("/uploads/<string:id>/original", responses={"200": {
    "description": "The file as it arrived", "content": {"application/octet-stream": {
        "schema": {"type": "string", "format": "binary"}}}}})
@needs(Role.FINANCE)
def get_original(path: UploadPath) -> Response:
    """The file as it arrived, byte for byte; as for the upload itself."""
    here = call()
    file, name = uploads.original(here.actor, here.desk, path.id)
    return send_file(file, "application/octet-stream", as_attachment=True, download_name=name)


@api.get("/uploads/<string:id>/compare/<string:other>", responses={"200": ContrastOut})
@needs(Role.FINANCE)
def compare_uploads(path: PairPath) -> dict[str, Any]:
    """Two uploads of one dataset row by row, as they were brought: the same, changed, and only in one of them."""
    here = call()
    return contrasting.contrast(here.actor, here.desk, path.id, path.other).to_json()


@api.get("/uploads/<string:id>/foresight", responses={"200": ForesightOut})
@needs(Role.FINANCE)
def foresee_upload(path: UploadPath) -> dict[str, Any]:
    """What the undo of a committed upload, or the redo of an undone one, would do; nothing is changed."""
    here = call()
    return foreseeing.foresee(here.actor, here.desk, path.id, now=here.now).to_json()


@api.delete("/uploads/<string:id>", responses={"200": UploadOut}, security=token("ingest"))
@needs(Role.FINANCE)
def delete_upload(path: UploadPath, query: Why) -> dict[str, Any]:
    """Undo: the upload's rows do not count from now on; what was known before stays answerable.

    Where rows of closed periods change by it, a `reason` is needed.
    """
    here = call()
    return reverting.undo(here.actor, here.desk, path.id, now=here.now, reason=query.reason).to_json()


@api.post("/uploads/<string:id>/redo", responses={"200": UploadOut}, security=token("ingest"))
@needs(Role.FINANCE)
def redo_upload(path: UploadPath, query: Why) -> dict[str, Any]:
    """Redo: an undone upload counts again, in its old place in the order of commits. `reason` as for the undo."""
    here = call()
    return reverting.redo(here.actor, here.desk, path.id, now=here.now, reason=query.reason).to_json()


def _mapping_of_form() -> Mapping:
    """The mapping, sheet and mode of a multipart form. Raises Invalid, UnsupportedMediaType."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    if list(request.files) != ["file"] or len(request.files.getlist("file")) != 1:
        raise Invalid("Send exactly one file, named `file`.")
    unknown = set(request.form) - {"sheet", "mapping", "mode", "reason"}
    if unknown:
        raise Invalid(f"Unknown members: {', '.join(sorted(unknown))[:200]}.")
    text, sheet, mode = (request.form.get(k) for k in ("mapping", "sheet", "mode"))
    mapping = mapping_from_json(parse(text)) if text else Mapping()
    if mode and mode not in MODES:
        raise Invalid(f"The mode is one of {', '.join(MODES)}.")
    return replace(mapping, sheet=sheet or mapping.sheet, mode=mode or mapping.mode)  # type: ignore[arg-type]


def _checked(here: Call, upload: str, mapping: Mapping, *, rehearsed: bool) -> checking.DryRun:
    """The dry run; nothing is kept of a sheet that is known, or where a dry run was all that was asked for."""
    try:
        return checking.dry_run(here.actor, here.desk, upload, mapping, now=here.now, ahead=rehearsed)
    except AppError as error:
        if rehearsed or isinstance(error, Conflict):
            checking.reject(here.actor, here.desk, upload, now=here.now, rehearsed=rehearsed)
        raise


def _needs(mapping: Mapping, checked: checking.DryRun, reason: str) -> list[str]:
    """What must be decided. A key that was guessed is a proposal: a person would be asked, a program has to say."""
    if checked.needs:
        return list(checked.needs)
    if mapping.key is None and mapping.mode is None and checked.base_version == 0:
        return [UNSAID]
    return [f"{told(checked.closed)} Give a reason."] if checked.closed.any and not reason else []


def _told(here: Call, checked: checking.DryRun) -> list[dict[str, Any]]:
    return list(uploads.issues_for(here.actor, checked.issues))


def _decided(here: Call, mapping: Mapping, checked: checking.DryRun, reason: str) -> None:
    """Refuse what must be decided first, and keep nothing of it: a program sends the file again."""
    needs = _needs(mapping, checked, reason)
    try:
        if needs:
            raise Invalid(" ".join(needs))
        importing.refuse_open_decisions(checked, reason)
    except AppError as error:
        checking.reject(here.actor, here.desk, checked.upload, now=here.now)
        raise Invalid(error.message, issues=error.issues, needs=needs, mapping=checked.mapping.to_json(),
                      closed={**checked.closed.to_json(), "rows": []}, found=_told(here, checked)[:20]) from None


def _pushed_before(here: Call, key: str, body: RowsIn, since: datetime) -> tuple[int, dict[str, Any]] | None:
    """What a call that died had committed of these rows by then."""
    stream, _ = as_csv(body)
    digest = hashlib.sha256(stream.read()).hexdigest()
    found = uploads.brought_since(here.actor, key, digest, since)
    return (201, found.to_json()) if found else None


def _push(here: Call, key: str, body: RowsIn) -> dict[str, Any]:
    stream, mapping = as_csv(body)
    found = receiving.receive(here.actor, here.desk, stream, "rows.csv", key, now=here.now)
    checked = checking.dry_run(here.actor, here.desk, found.id, mapping, now=here.now, ahead=False)
    reason = reason_of(body.reason)
    _decided(here, mapping, checked, reason)
    return importing.commit_unseen(here.actor, here.desk, checked, mapping, now=here.now, reason=reason).to_json()
