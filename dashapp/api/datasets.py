"""`/datasets`: what there is, what its columns mean, and how far its data reach."""
from __future__ import annotations

from datetime import date
from typing import Any, Literal

from flask import Response
from pydantic import BaseModel, Field

from dashapp.api.reading import Page, listed
from dashapp.api.resource import call, needs, resource, token
from dashapp.core.actor import Actor, Role
from dashapp.services import datasets
from dashapp.services.datasets import DatasetView

api = resource("datasets", "Tables of rows of one meaning, and what their columns are for")


class DatasetPath(BaseModel):
    key: str = Field(description="The dataset's key, such as `orders`", max_length=200)


class ColumnOut(BaseModel):
    key: str
    header: str
    role: Literal["date", "measure", "dimension", "entity", "id", "currency", "ignore"]
    type: Literal["date", "money", "number", "text"]
    unit: str | None


class DatasetOut(BaseModel):
    """`rows` is null for who sees only a part of them."""

    key: str
    name: str
    kind: Literal["facts", "reference", "snapshot"]
    grain: str
    marks: Literal["start", "end"]
    key_columns: list[str]
    mode: str | None
    joins: dict[str, str]
    columns: list[ColumnOut]
    rows: int | None
    first: date | None
    last: date | None
    data_through: date | None
    version: int
    uploads: int
    is_demo: bool
    is_served: bool


@api.get("/datasets", responses={"200": {"description": "The datasets by key", "content": {"application/json": {
    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/DatasetOut"}}}}}})
@needs(Role.EXECUTIVE)
def list_datasets(query: Page) -> Response:
    """All datasets.

    `X-Total-Count` says how many there are.
    """
    here = call()
    found = datasets.listing(here.actor, here.desk, now=here.now)
    return listed([dataset_json(d, here.actor) for d in found], query)


@api.get("/datasets/<string:key>", responses={"200": DatasetOut})
@needs(Role.EXECUTIVE)
def get_dataset(path: DatasetPath) -> dict[str, Any]:
    """One dataset."""
    here = call()
    return dataset_json(datasets.get(here.actor, here.desk, path.key, now=here.now), here.actor)


@api.delete("/datasets/<string:key>", responses={"204": None}, security=token("ingest"))
@needs(Role.ADMIN)
def delete_dataset(path: DatasetPath) -> tuple[str, int]:
    """Delete a dataset with its uploads and files.

    KPIs that were only proposed for it go along; people's own stay and say what they need. A table of a warehouse is
    left alone: it is only not read any more.
    """
    here = call()
    datasets.delete(here.actor, here.desk, path.key, now=here.now)
    return "", 204


def dataset_json(view: DatasetView, actor: Actor) -> dict[str, Any]:
    """A dataset as JSON. Counts of rows are told only to who sees all of them."""
    dataset = view.dataset
    return {
        "key": dataset.key, "name": dataset.name, "kind": dataset.kind, "grain": dataset.grain.value,
        "marks": dataset.marks, "key_columns": list(dataset.key_columns), "mode": dataset.mode,
        "joins": dict(dataset.joins),
        "columns": [{"key": c.key, "header": c.header, "role": c.role.value, "type": c.type, "unit": c.unit}
                    for c in dataset.columns],
        "rows": None if actor.scope else view.rows, "first": _day(view.first), "last": _day(view.last),
        "data_through": _day(view.data_through), "version": dataset.version, "uploads": view.uploads,
        "is_demo": dataset.is_demo, "is_served": view.is_served,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
