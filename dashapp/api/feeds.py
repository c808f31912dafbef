"""`/feeds`: statements of warehouses whose rows come into datasets on a schedule."""
from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from flask import Response, jsonify
from pydantic import BaseModel, Field

from dashapp.api.reading import Page, Strict, json_body, listed, read_as
from dashapp.api.resource import call, needs, resource, token
from dashapp.core.actor import Role
from dashapp.services import feeding
from dashapp.services.feeding import FeedPlan

api = resource("feeds", "Statements of warehouses whose rows come in by themselves, checked like files")


class FeedPath(BaseModel):
    key: str = Field(description="The feed's key, such as `shop_orders`", max_length=200)


class FeedIn(Strict):
    """One SELECT, asked in a read-only transaction: at most 2 minutes, 500,000 rows and 50 MB."""

    connection: str = Field(min_length=1, max_length=63, json_schema_extra={"example": "shop"})
    sql: str = Field(min_length=1, max_length=20_000,
                     json_schema_extra={"example": "SELECT order_id, day, amount FROM orders"})
    dataset: str = Field(min_length=1, max_length=63, json_schema_extra={"example": "orders"})
    schedule: str = Field(min_length=1, max_length=40, json_schema_extra={"example": "daily at 06:30"},
                          description="`every 15 minutes`, `every 2 hours` or `daily at 06:30` (organisation's zone)")
    mode: Literal["upsert", "append", "replace-period"]
    key_columns: list[str] = Field([], max_length=20, description="What identifies a row; needed for upsert")
    mapping: dict[str, Any] | None = Field(None, description="As for a file; everything that is left out is guessed")


class FeedOut(BaseModel):
    """`said` is what the last run that worked did; `trouble` why the last one did not work, empty when it did."""

    key: str
    connection: str
    dataset: str
    sql: str
    schedule: str
    mode: str
    key_columns: list[str]
    mapping: dict[str, Any]
    enabled: bool
    state: Literal["running", "paused", "trouble", "waiting", "works"]
    created_at: datetime
    created_by: str
    next_at: datetime | None
    ran_at: datetime | None
    worked_at: datetime | None
    upload: str | None = Field(description="What the last run brought, or what waits for a decision")
    said: str
    trouble: str
    failures: int = Field(description="Runs in a row that did not work")


class FeedRun(BaseModel):
    job: str


_BODY = {"requestBody": {"required": True, "content": {"application/json": {
    "schema": {"$ref": "#/components/schemas/FeedIn"}}}}}


@api.get("/feeds", responses={"200": {"description": "Those in trouble first, then by key", "content": {
    "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/FeedOut"}}}}}})
@needs(Role.FINANCE)
def list_feeds(query: Page) -> Response:
    """All feeds; `X-Total-Count` counts them. Not for people with a data scope."""
    return listed([f.to_json() for f in feeding.listing(call().actor)], query)


@api.get("/feeds/<string:key>", responses={"200": FeedOut})
@needs(Role.FINANCE)
def get_feed(path: FeedPath) -> dict[str, Any]:
    """One feed: what it does, what it did last, and when it runs next."""
    return feeding.get(call().actor, path.key).to_json()


@api.post("/feeds/<string:key>", responses={"201": FeedOut}, security=token("ingest"), openapi_extensions=_BODY)
@needs(Role.ADMIN)
def add_feed(path: FeedPath) -> tuple[Response, int]:
    """Add a feed; it runs for the first time at once."""
    here = call()
    here.actor.require(Role.ADMIN, token="ingest")
    return jsonify(feeding.add(here.actor, here.desk, path.key, _plan(), now=here.now).to_json()), 201


@api.put("/feeds/<string:key>", responses={"200": FeedOut}, security=token("ingest"), openapi_extensions=_BODY)
@needs(Role.ADMIN)
def change_feed(path: FeedPath) -> dict[str, Any]:
    """Change a feed: the whole of what it does."""
    here = call()
    here.actor.require(Role.ADMIN, token="ingest")
    return feeding.change(here.actor, here.desk, path.key, _plan(), now=here.now).to_json()


@api.delete("/feeds/<string:key>", responses={"204": None}, security=token("ingest"))
@needs(Role.ADMIN)
def remove_feed(path: FeedPath) -> tuple[str, int]:
    """Remove a feed; what it brought stays."""
    here = call()
    feeding.remove(here.actor, here.desk, path.key, now=here.now)
    return "", 204


@api.post("/feeds/<string:key>/run", responses={"202": FeedRun}, security=token("ingest"))
@needs(Role.FINANCE)
def run_feed(path: FeedPath) -> tuple[Response, int]:
    """Run a feed now, as a job."""
    here = call()
    return jsonify({"job": feeding.run(here.actor, here.desk, path.key, now=here.now)}), 202


@api.post("/feeds/<string:key>/pause", responses={"200": FeedOut}, security=token("ingest"))
@needs(Role.ADMIN)
def pause_feed(path: FeedPath) -> dict[str, Any]:
    """Pause a feed until it is resumed."""
    here = call()
    return feeding.pause(here.actor, here.desk, path.key, now=here.now).to_json()


@api.post("/feeds/<string:key>/resume", responses={"200": FeedOut}, security=token("ingest"))
@needs(Role.ADMIN)
def resume_feed(path: FeedPath) -> dict[str, Any]:
    """Have a paused feed run by its schedule again."""
    here = call()
    return feeding.resume(here.actor, here.desk, path.key, now=here.now).to_json()


def _plan() -> FeedPlan:
    body: FeedIn = read_as(FeedIn, json_body())
    return FeedPlan(body.connection, body.sql, body.dataset, body.schedule, body.mode, body.key_columns, body.mapping)
