"""`/datasets/{key}/profiles`: the senders of a dataset's files and how each one's files are read."""
from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from dashapp.api.datasets import DatasetPath
from dashapp.api.reading import Page, Strict, json_body, listed, read_as
from dashapp.api.resource import call, needs, resource, token
from dashapp.core.actor import Role
from dashapp.services import profiling

api = resource("profiles", "Senders of files: how the files of each were read, and are read again")


class ProfilePath(DatasetPath):
    name: str = Field(description="The sender's name", max_length=200)


class ProfileIn(Strict):
    name: str = Field(min_length=1, max_length=100, description="What the sender is called from now on")


class ProfileOut(BaseModel):
    name: str
    columns: list[str] = Field(description="Headers of its last file, ignored ones left out")
    sheet: str | None
    layout: str | None
    used_at: str
    uses: int = Field(description="Files committed under this name")


@api.get("/datasets/<string:key>/profiles", responses={"200": {
    "description": "The latest first", "content": {"application/json": {"schema": {
        "type": "array", "items": {"$ref": "#/components/schemas/ProfileOut"}}}}}})
@needs(Role.FINANCE)
def list_profiles(path: DatasetPath, query: Page) -> Response:
    """The senders of a dataset, the latest first.

    A mapping names one with `profile`; else the one is taken whose files have the same columns.
    """
    return listed([p.to_json() for p in profiling.listing(call().actor, path.key)], query)


@api.put("/datasets/<string:key>/profiles/<string:name>", responses={"200": ProfileOut}, security=token("ingest"),
    openapi_extensions={"requestBody": {
        "required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProfileIn"}}}}})
@needs(Role.FINANCE)
def put_profile(path: ProfilePath) -> dict[str, Any]:
    """Give a sender another name."""
    here = call()
    here.actor.require(Role.FINANCE, token="ingest")
    body: ProfileIn = read_as(ProfileIn, json_body())
    return profiling.rename(here.actor, path.key, path.name, body.name, now=here.now).to_json()


@api.delete("/datasets/<string:key>/profiles/<string:name>", responses={"204": None},
            security=token("ingest"))
@needs(Role.FINANCE)
def delete_profile(path: ProfilePath) -> tuple[str, int]:
    """Forget how a sender's files are read; what was uploaded stays."""
    here = call()
    profiling.forget(here.actor, path.key, path.name, now=here.now)
    return "", 204
