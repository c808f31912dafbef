"""`/closing`: periods that finance has closed, and what changed in them nevertheless."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from flask import Response, jsonify
from pydantic import BaseModel, Field

from dashapp.api.reading import Page, Strict, json_body, listed, read_as
from dashapp.api.resource import call, needs, resource, token
from dashapp.core.actor import Role
from dashapp.services import closing

api = resource("closing", "Closed periods: rows for them need a reason, and nothing opens them silently")
_BODY = {"requestBody": {"required": True, "content": {"application/json": {
    "schema": {"$ref": "#/components/schemas/PeriodIn"}}}}}


class PeriodIn(Strict):
    """A period to close, with all before it, or to open again, with all after it."""

    period: str = Field(min_length=1, max_length=20, description="`2026-02`, `2026-Q1`, `2026-02-28` ...",
                        json_schema_extra={"example": "2026-02"})
    dataset: str | None = Field(None, max_length=63, description="Only this dataset; all of them when left out")
    reason: str = Field("", max_length=500, description="Needed to open a period again")


class ClosedOut(BaseModel):
    dataset: str
    name: str
    until: date | None = Field(description="The last closed day; null where nothing is closed")


class DecisionOut(BaseModel):
    """`dataset` null: all of them. `until` of a reopening: the last day that stays closed."""

    number: int
    dataset: str | None
    deed: Literal["close", "reopen"]
    until: date | None
    at: datetime
    by: str
    reason: str


class ClosingOut(BaseModel):
    datasets: list[ClosedOut]
    decisions: list[DecisionOut] = Field(description="Newest first")


class LatePeriod(BaseModel):
    period: str
    came: int
    went: int


class LateOut(BaseModel):
    """An upload, undo or redo that changed rows of closed periods, and why."""

    upload: str
    dataset: str
    file: str
    deed: Literal["upload", "undo", "redo"]
    at: datetime
    by: str
    until: date
    came: int
    went: int
    periods: list[LatePeriod]
    reason: str


class LateQuery(Page):
    dataset: str | None = Field(None, max_length=63, description="Only changes of this dataset")


@api.get("/closing", responses={"200": ClosingOut})
@needs(Role.EXECUTIVE)
def get_closing() -> dict[str, Any]:
    """How far each dataset is closed, and every decision."""
    here = call()
    closed, decisions = closing.listing(here.actor, here.desk)
    return {"datasets": [c.to_json() for c in closed], "decisions": [d.to_json() for d in decisions]}


@api.post("/closing", responses={"201": DecisionOut}, security=token("ingest"), openapi_extensions=_BODY)
@needs(Role.FINANCE)
def close_period() -> tuple[Response, int]:
    """Close a period and all before it.

    Afterwards an upload, an undo or a redo that changes rows of these days is refused (422, `closed` counts the rows)
    unless it gives a `reason`, which is kept and listed. Rows that come again unchanged need none.
    """
    here = call()
    here.actor.require(Role.FINANCE, token="ingest")
    body: PeriodIn = read_as(PeriodIn, json_body())
    made = closing.close(here.actor, here.desk, body.period, body.dataset, now=here.now, reason=body.reason)
    return jsonify(made.to_json()), 201


@api.post("/closing/reopen", responses={"201": DecisionOut}, security=token("ingest"), openapi_extensions=_BODY)
@needs(Role.FINANCE)
def reopen_period() -> tuple[Response, int]:
    """Open a period and all after it again. A reason is needed."""
    here = call()
    here.actor.require(Role.FINANCE, token="ingest")
    body: PeriodIn = read_as(PeriodIn, json_body())
    made = closing.reopen(here.actor, here.desk, body.period, body.dataset, now=here.now, reason=body.reason)
    return jsonify(made.to_json()), 201


@api.get("/closing/late", responses={"200": {"description": "Newest first", "content": {"application/json": {
    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/LateOut"}}}}}})
@needs(Role.FINANCE)
def list_late(query: LateQuery) -> Response:
    """What changed in closed periods, newest first; `X-Total-Count` counts them."""
    here = call()
    found = closing.late(here.actor, here.desk, query.dataset, limit=query.size, offset=query.offset)
    return listed([c.to_json() for c in found], query, closing.count_late(here.actor, query.dataset))
