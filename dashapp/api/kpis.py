"""`/kpis`: the registry of definitions."""
from __future__ import annotations

from typing import Any, Literal

from flask import Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field

from dashapp.api.reading import Page, Strict, json_body, listed, read_as
from dashapp.api.resource import Call, call, needs, problem_response, resource, token
from dashapp.core.actor import Role
from dashapp.core.errors import Conflict, Invalid, NotFound
from dashapp.core.issue import Issue
from dashapp.core.kpi import Kpi
from dashapp.services import defining
from dashapp.services.defining import KpiView

api = resource("kpis", "What is measured: formulas, units and how a person should read them")


class KpiPath(BaseModel):
    key: str = Field(description="The KPI's key, such as `revenue`", max_length=200)


class KpiIn(Strict):
    """A definition. Names in the formula are bound when it is saved; the dataset's prefix may be left out where one
    dataset has the column. `key`, where given, is that of the path."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"name": "Net revenue", "formula": "sum(orders.revenue)", "unit": "currency", "decimals": 2,
         "category": "financial", "weight": 0.2, "description": "Revenue as invoiced"}]})

    key: str | None = Field(None, max_length=63)
    name: str = Field(min_length=1, max_length=120)
    formula: str = Field(min_length=1, max_length=2000, description="Such as `sum(orders.qty * orders.price)`")
    unit: Literal["currency", "percent", "number", "ratio", "days"] = Field(
        "number", description="percent: values are fractions, 0.12 is 12 %")
    direction: Literal["up", "down", "band"] = Field("up", description="Which way is better; band: between the limits")
    decimals: int = Field(0, ge=0, le=6, description="Shown on screens; values are never rounded")
    category: Literal["financial", "customer", "market", "operational", "other"] = "other"
    weight: float = Field(0.0, ge=0, le=1, description="Share in the health score")
    min_value: float | None = Field(None, description="Plausible from, in the unit")
    max_value: float | None = Field(None, description="Plausible to, in the unit")
    anomaly_threshold: float = Field(2.0, gt=0, le=20, description="Sensitivity in standard deviations")
    description: str = Field("", max_length=2000)
    owner: str | None = Field(None, max_length=200)
    absent_is_zero: bool = Field(False, description="A period without rows counts as zero, not as missing")


def _all_optional(schema: dict[str, Any]) -> None:
    schema.pop("required", None)
    schema["examples"] = [{"decimals": 1, "owner": "ann@example.org"}]
    for member in schema["properties"].values():
        member.pop("default", None)


class KpiPatch(KpiIn):
    """Members of a definition that change; null takes back what may be nothing."""

    model_config = ConfigDict(json_schema_extra=_all_optional)


class KpiOut(KpiIn):
    """A definition as it is stored, with the version it stands at and what its columns still lack."""

    model_config = ConfigDict(json_schema_extra={})

    key: str
    version: int
    needs: list[str] = Field(description="Empty when every column is there")
    datasets: list[str]


class Why(Strict):
    why: str = Field("", max_length=500, description="Why it changes; kept with the version")


class IfMatch(BaseModel):
    if_match: str | None = Field(None, alias="If-Match", max_length=40,
                                 description="The version that was edited, as `ETag` gave it")


@api.get("/kpis", responses={"200": {"description": "The definitions in display order", "content": {
    "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/KpiOut"}}}}}})
@needs(Role.EXECUTIVE)
def list_kpis(query: Page) -> Response:
    """All definitions.

    `X-Total-Count` says how many there are.
    """
    here = call()
    return listed([kpi_json(v) for v in defining.listing(here.actor, here.desk)], query)


@api.get("/kpis/<string:key>", responses={"200": KpiOut})
@needs(Role.EXECUTIVE)
def get_kpi(path: KpiPath) -> Response:
    """One definition; `ETag` holds its version."""
    here = call()
    return answered(defining.get(here.actor, here.desk, path.key))


@api.put("/kpis/<string:key>", responses={"200": KpiOut, "201": KpiOut}, security=token("ingest"),
    openapi_extensions={"requestBody": {
        "required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/KpiIn"}}}}})
@needs(Role.ANALYST)
def put_kpi(path: KpiPath, query: Why, header: IfMatch) -> Response:
    """Define a KPI or replace its definition.

    The body is the whole definition: members left out have the defaults of the schema. Where that would take back what
    somebody set, the call is refused with their names; `PATCH` changes single members. Refused with positions when the
    formula cannot be used. With `If-Match`, refused when somebody saved in between.
    """
    here = call()
    here.actor.require(Role.ANALYST, token="ingest")
    body: KpiIn = read_as(KpiIn, json_body())
    known = known_kpi(here, path.key)
    edited = edited_version(header.if_match, known.version if known else 0)
    if known:
        _refuse_to_forget(body, known)
    response = _saved(here, path.key, body, edited, query.why)
    response.status_code = 200 if known else 201
    return response


@api.patch("/kpis/<string:key>", responses={"200": KpiOut}, security=token("ingest"),
    openapi_extensions={"requestBody": {
        "required": True, "content": {media: {"schema": {"$ref": "#/components/schemas/KpiPatch"}} for media in (
            "application/json", "application/merge-patch+json")}}})
@needs(Role.ANALYST)
def patch_kpi(path: KpiPath, query: Why, header: IfMatch) -> Response:
    """Change members of a definition; all others stay as they are (RFC 7396).

    Refused as `PUT` is; with `If-Match`, refused when somebody saved in between.
    """
    here = call()
    here.actor.require(Role.ANALYST, token="ingest")
    sent = json_body()
    if not isinstance(sent, dict) or not sent:
        raise Invalid("Send an object with the members that change.")
    known = known_kpi(here, path.key)
    edited = edited_version(header.if_match, known.version if known else 0)
    if known is None:
        raise NotFound(f"There is no KPI {path.key!r}.")
    body: KpiIn = read_as(KpiIn, {**members(known), **sent})
    return _saved(here, path.key, body, edited, query.why)


@api.delete("/kpis/<string:key>", responses={"204": None, "409": problem_response("Other KPIs use it")},
    security=token("ingest"))
@needs(Role.ANALYST)
def delete_kpi(path: KpiPath) -> tuple[str, int]:
    """Take a definition off every screen; its versions stay."""
    here = call()
    defining.delete(here.actor, here.desk, path.key, now=here.now)
    return "", 204


def kpi_json(view: KpiView) -> dict[str, Any]:
    """The definition of the contract with `version`, `needs` and `datasets`."""
    kpi = view.kpi
    return {
        "key": kpi.key, "name": kpi.name, "formula": kpi.formula, "unit": kpi.unit, "direction": kpi.direction,
        "decimals": kpi.decimals, "category": kpi.category, "weight": kpi.weight, "min_value": kpi.min_value,
        "max_value": kpi.max_value, "anomaly_threshold": kpi.anomaly_threshold, "description": kpi.description,
        "owner": kpi.owner, "absent_is_zero": kpi.absent_is_zero, "version": kpi.version, "needs": list(view.needs),
        "datasets": list(view.datasets),
    }


def known_kpi(here: Call, key: str) -> Kpi | None:
    """The definition in force, None where there is none."""
    view = defining.editable(here.actor, here.desk, key)
    return view.kpi if view else None


def members(kpi: Kpi) -> dict[str, Any]:
    """The definition as the body of a call has it."""
    return {name: getattr(kpi, name) for name in KpiIn.model_fields}


def _refuse_to_forget(body: KpiIn, known: Kpi) -> None:
    """Raise Invalid when a member that was left out is set: its default would replace it without a word."""
    now = members(known)
    lost = [name for name, field in KpiIn.model_fields.items()
            if name != "key" and name not in body.model_fields_set and now[name] != field.get_default()]
    if lost:
        issues = [Issue("member-missing", f"{name} is {now[name]!r} now", column=name) for name in lost]
        raise Invalid(f"PUT replaces the whole definition, and this one leaves out {', '.join(lost)}. "
                      "Send them as they shall be, or PATCH the members that change.", issues=issues)


def _saved(here: Call, key: str, body: KpiIn, edited: int, why: str) -> Response:
    if body.key not in (None, key):
        raise Invalid("The key of the body is not the key of the path.")
    kpi = Kpi(**{**body.model_dump(), "key": key, "version": edited})
    saved = defining.save(here.actor, here.desk, kpi, why, now=here.now)
    return answered(defining.editable(here.actor, here.desk, key) or KpiView(saved))


def answered(view: KpiView) -> Response:
    """The definition with its version as `ETag`."""
    response = jsonify(kpi_json(view))
    response.set_etag(str(view.kpi.version))
    return response


def edited_version(if_match: str | None, known: int) -> int:
    """The version that is replaced: what `If-Match` says, else the one that is there."""
    if if_match is None:
        return known
    if not known:
        raise NotFound("There is no such KPI to match.")
    if not request.if_match.contains(str(known)):
        raise Conflict("Somebody else saved this KPI. Look at their version before you save yours.", version=known)
    return known
