"""`/series`, `/kpis/{key}/series` and `/overview`: figures."""
from __future__ import annotations

from datetime import date
from typing import Any, Literal

from flask import Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from dashapp.api.asking import Asked, filters_of, kpi_list, question_of
from dashapp.api.kpis import KpiPath
from dashapp.api.resource import call, needs, resource
from dashapp.core.actor import Role
from dashapp.services import overviewing, strictly

api = resource("figures", "Series, cards and where figures come from")
Number = float | int | None


class SeveralAsked(Asked):
    kpis: str = Field(min_length=1, max_length=2000, json_schema_extra={"example": "revenue,orders"},
                      description="Keys with commas between, at most 50")


class ComparedOut(BaseModel):
    """`change_ratio` is a fraction; `part_until`: an unfinished period was compared with the same elapsed part."""

    label: str
    value: Number
    change: Number
    change_ratio: float | None
    reason: str | None = None
    part_until: date | None = None


class PointOut(BaseModel):
    """One figure. `value` is null with a `reason` where there is none; an unfinished period is not `complete`;
    one in which the data begin is a part even when it is over: `partial` says so."""

    period: str
    start: date
    end: date
    split: dict[str, str | None]
    value: Number
    complete: bool
    reason: str | None = None
    partial: str | None = None
    compare: ComparedOut | None = None


class TotalOut(BaseModel):
    """The figure recomputed over the whole range; never a sum of points."""

    split: dict[str, str | None]
    value: Number
    reason: str | None = None
    compare: ComparedOut | None = None


class SeriesOut(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    kpi: str
    name: str
    unit: Literal["currency", "percent", "number", "ratio", "days"]
    grain: Literal["day", "week", "month", "quarter", "year"]
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    as_of: str | None
    by: list[str]
    points: list[PointOut]
    totals: list[TotalOut]
    vintages: list[str] = Field(description="Ids of the uploads the figures stand on; within a data scope "
                                "only of those that hold rows of it")
    data_through: date | None
    warnings: list[str] = Field(description="What the reader must know: data that stop early, columns that are lacking")


class TrendOut(BaseModel):
    period: str
    value: Number
    complete: bool


class CardComparedOut(ComparedOut):
    """`kind`: what was asked for (`previous`, `previous_year`, `same_weekday`, `target`); `label` names the period."""

    kind: str


class SoFarOut(BaseModel):
    """The unfinished period after the card's own, compared like for like."""

    period: str
    value: Number
    comparison: CardComparedOut | None


class CardTotalOut(BaseModel):
    """The figure recomputed over the whole range."""

    value: Number
    reason: str | None
    comparison: CardComparedOut | None


class CardOut(BaseModel):
    """A card: `value` is of `period`, the last complete one of the range (an unfinished one if none is `complete`).

    `status` is of the last complete period, `colour` its word for the eye.
    """

    key: str
    title: str
    category: str
    unit: str
    decimals: int
    direction: str
    period: str | None
    grain: str | None
    complete: bool
    value: Number
    reason: str | None
    comparison: CardComparedOut | None
    so_far: SoFarOut | None
    total: CardTotalOut | None
    trend: list[TrendOut]
    status: Literal["ok", "warning", "critical", "none"]
    status_period: str | None
    colour: str
    target: Number
    target_period: str | None
    target_actual: Number
    data_through: date | None
    as_of: str | None
    warnings: list[str]


class OverviewOut(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    version: str
    cards: list[CardOut]


@api.get("/kpis/<string:key>/series", responses={"200": SeriesOut})
@needs(Role.EXECUTIVE)
def get_series(path: KpiPath, query: Asked) -> dict[str, Any]:
    """The values of a KPI by period and split, with totals recomputed over the range."""
    here = call()
    question = question_of(query, (path.key,), here.desk.organisation, here.now)
    (series,) = strictly.ask(here.actor, here.desk, question, now=here.now)
    return series.to_json()


@api.get("/series", responses={"200": {"description": "One series per KPI, in the order asked", "content": {
    "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/SeriesOut"}}}}}})
@needs(Role.EXECUTIVE)
def list_series(query: SeveralAsked) -> Response:
    """The series of several KPIs, from one scan per dataset."""
    here = call()
    question = question_of(query, kpi_list(query.kpis), here.desk.organisation, here.now)
    return jsonify([s.to_json() for s in strictly.ask(here.actor, here.desk, question, now=here.now)])


@api.get("/overview", responses={"200": OverviewOut})
@needs(Role.EXECUTIVE)
def get_overview(query: Asked) -> dict[str, Any]:
    """The cards of the overview."""
    here = call()
    filters = filters_of(query, here.desk.organisation, here.now)
    strictly.refuse_unknown(here.actor, None, filters.by, filters.where, filters.as_of)
    return overviewing.overview(here.actor, here.desk, filters, now=here.now).to_json()
