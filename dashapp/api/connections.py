"""`/connections`: warehouses and their tables. URLs are typed by people: no call sets or tells one."""
from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from flask import Response, jsonify
from pydantic import BaseModel, Field

from dashapp.api.datasets import DatasetOut, dataset_json
from dashapp.api.reading import Page, Strict, json_body, listed, read_as
from dashapp.api.resource import call, needs, resource, token
from dashapp.core.actor import Role
from dashapp.core.connection import ConnectionView
from dashapp.core.errors import NotFound
from dashapp.services import connecting, datasets, placing

api = resource("connections", "Warehouses whose tables are asked where they stand")


class ConnectionPath(BaseModel):
    key: str = Field(description="The connection's key, such as `shop`", max_length=200)


class ConnectionOut(BaseModel):
    """`trouble` is why it did not answer when it was last tried; empty when it did."""

    key: str
    name: str
    engine: str
    refresh_minutes: int
    datasets: list[str]
    created_at: datetime
    tested_at: datetime | None
    trouble: str


class PlacedIn(Strict):
    """A table that becomes a dataset. `roles` says what a column is where the guess from name and type is wrong."""

    table: str = Field(min_length=1, max_length=300, description="Such as `public.orders`")
    dataset: str = Field(min_length=1, max_length=63)
    name: str = Field("", max_length=200)
    kind: Literal["facts", "reference"] = "facts"
    grain: str = Field("event", max_length=20, description="What one row covers")
    key_columns: list[str] = Field([], max_length=20)
    roles: dict[str, str] = Field({}, max_length=500)
    joins: dict[str, str] = Field({}, max_length=20)


@api.get("/connections", responses={"200": {"description": "The connections by key", "content": {"application/json": {
    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/ConnectionOut"}}}}}})
@needs(Role.ANALYST)
def list_connections(query: Page) -> Response:
    """All connections, without their URLs.

    `X-Total-Count` says how many there are.
    """
    return listed([_json(c) for c in connecting.listing(call().actor)], query)


@api.get("/connections/<string:key>", responses={"200": ConnectionOut})
@needs(Role.ANALYST)
def get_connection(path: ConnectionPath) -> dict[str, Any]:
    """One connection, without its URL."""
    found = next((c for c in connecting.listing(call().actor) if c.key == path.key), None)
    if found is None:
        raise NotFound(f"There is no connection {path.key!r}.")
    return _json(found)


@api.get("/connections/<string:key>/tables", responses={"200": {
    "description": "Names of the tables and views that can be read", "content": {"application/json": {
        "schema": {"type": "array", "items": {"type": "string"}}}}}})
@needs(Role.ANALYST)
def list_tables(path: ConnectionPath, query: Page) -> Response:
    """Tables and views that can be read through a connection."""
    here = call()
    return listed(list(placing.tables(here.actor, here.desk, path.key)), query)


@api.post("/connections/<string:key>/datasets", responses={"201": DatasetOut}, security=token("ingest"),
          openapi_extensions={"requestBody": {"required": True, "content": {"application/json": {
              "schema": {"$ref": "#/components/schemas/PlacedIn"}}}}})
@needs(Role.ANALYST)
def connect_dataset(path: ConnectionPath) -> tuple[Any, int]:
    """Make a dataset of a table; a job looks at its rows."""
    here = call()
    here.actor.require(Role.ANALYST, token="ingest")
    body: PlacedIn = read_as(PlacedIn, json_body())
    made = placing.connect(here.actor, here.desk, path.key, body.table, body.dataset, now=here.now, name=body.name,
                           roles=body.roles, grain=body.grain, key=body.key_columns, joins=body.joins, kind=body.kind)
    return jsonify(dataset_json(datasets.get(here.actor, here.desk, made.key, now=here.now), here.actor)), 201


def _json(view: ConnectionView) -> dict[str, Any]:
    return {"key": view.key, "name": view.name, "engine": view.engine, "refresh_minutes": view.refresh_minutes,
            "datasets": list(view.datasets), "created_at": view.created_at.isoformat(),
            "tested_at": view.tested_at.isoformat() if view.tested_at else None, "trouble": view.trouble}
