"""`/kpis/check`, `/kpis/{key}/effects`, `/kpis/{key}/versions`: a definition before it is saved, and as it was."""
from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from dashapp.api.kpis import IfMatch, KpiIn, KpiOut, KpiPath, Why, answered, edited_version, known_kpi, members
from dashapp.api.reading import Page, Strict, json_body, listed, read_as
from dashapp.api.resource import call, needs, resource, token
from dashapp.core.actor import Role
from dashapp.core.errors import Invalid
from dashapp.core.kpi import Kpi
from dashapp.services import defining, drafting, versioning
from dashapp.services.defining import KpiView

api = resource("drafts", "Definitions before they are saved, and every version that was")


class FormulaIn(Strict):
    """A formula to look at; nothing is saved."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"formula": "sum(orders.revenu)"}]})

    formula: str = Field(max_length=4000)
    key: str | None = Field(None, max_length=63, description="The KPI it is written for, to find cycles")


class MendOut(BaseModel):
    start: int
    end: int
    insert: str = Field(description="Takes the place of the characters from start to end")


class FlawOut(BaseModel):
    code: str
    message: str
    position: int | None = Field(None, description="0-based offset in the formula")
    help: str | None = None
    mends: list[MendOut] = Field(description="Changes that settle it, the likeliest first")


class CheckOut(BaseModel):
    """What a formula uses, or what is wrong with it."""

    usable: bool
    formula: str | None = Field(description="With full names, as it would be stored")
    datasets: list[str]
    kpis: list[str]
    columns: list[str]
    issues: list[FlawOut]


class DifferenceOut(BaseModel):
    member: str
    before: Any = None
    after: Any = None


class EffectOut(BaseModel):
    kind: str = Field(description="`figures`, `statuses`, `dependents`")
    title: str
    summary: str
    total: int = Field(description="How many there are in all; at most 24 are in `rows`, the newest or nearest")
    rows: list[dict[str, Any]]


class EffectsOut(BaseModel):
    """What saving the draft would change."""

    key: str
    version: int = Field(description="The version that would be replaced, 0 for a new KPI")
    formula: str
    differences: list[DifferenceOut]
    effects: list[EffectOut]


class VersionOut(BaseModel):
    version: int
    saved_at: str
    saved_by: str
    why: str
    deleted: bool
    current: bool
    differences: list[DifferenceOut]
    definition: KpiIn


class VersionPath(KpiPath):
    version: int = Field(ge=1, le=10**6, description="A number of `/kpis/{key}/versions`")


@api.post("/kpis/check", responses={"200": CheckOut}, openapi_extensions={"requestBody": {
    "required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FormulaIn"}}}}})
@needs(Role.ANALYST)
def check_formula() -> Response:
    """Look at a formula: its full names, or its flaws with places and what would mend them.

    A formula that cannot be used is an answer (200), not an error.
    """
    here = call()
    here.actor.require(Role.ANALYST)
    body: FormulaIn = read_as(FormulaIn, json_body())
    return jsonify(drafting.check(here.actor, here.desk, body.formula, body.key).to_json())


@api.post("/kpis/<string:key>/effects", responses={"200": EffectsOut}, openapi_extensions={"requestBody": {
    "required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/KpiPatch"}}}}})
@needs(Role.ANALYST)
def draft_effects(path: KpiPath, header: IfMatch) -> Response:
    """What a change would do before it is saved: members, figures of the past, statuses, KPIs that stand on it.

    The body has the members that change, as `PATCH` takes them; for a new KPI the whole definition. Figures are those
    of the caller's data scope.
    """
    here = call()
    here.actor.require(Role.ANALYST)
    sent = json_body()
    if not isinstance(sent, dict) or not sent:
        raise Invalid("Send an object with the members that change.")
    known = next((v.kpi for v in defining.listing(here.actor, here.desk) if v.kpi.key == path.key), None)
    version = edited_version(header.if_match, known.version if known else 0)
    body: KpiIn = read_as(KpiIn, {**(members(known) if known else {}), **sent})
    draft = Kpi(**{**body.model_dump(), "key": path.key, "version": version})
    return jsonify(drafting.effect(here.actor, here.desk, draft, now=here.now).to_json())


@api.get("/kpis/<string:key>/versions", responses={"200": {"description": "Newest first", "content": {
    "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/VersionOut"}}}}}})
@needs(Role.EXECUTIVE)
def list_versions(path: KpiPath, query: Page) -> Response:
    """Every version of a definition: who, when, why, and what it changed. Also of one that was deleted."""
    here = call()
    return listed([v.to_json() for v in versioning.versions(here.actor, here.desk, path.key)], query)


@api.post("/kpis/<string:key>/versions/<int:version>/restore", responses={"200": KpiOut}, security=token("ingest"))
@needs(Role.ANALYST)
def restore_version(path: VersionPath, query: Why, header: IfMatch) -> Response:
    """An old version is in force again, as a new version. With `If-Match`, refused when somebody saved in between."""
    here = call()
    here.actor.require(Role.ANALYST, token="ingest")
    known = known_kpi(here, path.key)
    edited_version(header.if_match, known.version if known else 0)
    saved = versioning.restore(here.actor, here.desk, path.key, path.version, query.why, now=here.now)
    return answered(defining.editable(here.actor, here.desk, path.key) or KpiView(saved))
