"""`/datasets/{key}/quality`: five numbers with counts, trend and history. `/checks`: what files are checked for."""
from __future__ import annotations

from typing import Any, Literal

from flask import Response
from pydantic import BaseModel, Field

from dashapp.api.datasets import DatasetPath
from dashapp.api.reading import Page, Strict, listed
from dashapp.api.resource import call, needs, resource
from dashapp.core.actor import Role
from dashapp.core.quality import DIMENSIONS
from dashapp.services import quality

api = resource("quality", "How good the data are, and what files are checked for")
Score = float | None


class Asked(Strict):
    limit: int = Field(100, ge=1, le=1000, description="Measurements of the history, the latest")


class MeasuredOut(BaseModel):
    """The numbers go from 0 to 1; null where one has no meaning, as timeliness for a list without dates."""

    dataset: str
    version: int
    at: str
    completeness: Score
    validity: Score
    uniqueness: Score
    consistency: Score
    timeliness: Score
    counts: dict[str, Any] = Field(description="Where they come from: rows, cells, missing days, refused rows ...")


class QualityTrendOut(BaseModel):
    change: Score
    since: str | None


class QualityOut(BaseModel):
    """`latest` is null before the first measurement; `definitions` say what each number means."""

    dataset: str
    latest: MeasuredOut | None
    trends: dict[str, QualityTrendOut] = Field(description="Change since 30 days ago, or the first measurement")
    history: list[MeasuredOut] = Field(description="Oldest first")
    definitions: dict[str, str]


class RuleOut(BaseModel):
    name: str
    label: str
    help: str
    severity: Literal["error", "warning", "info"] = Field(description="The worst it says: `error` refuses rows or file")


@api.get("/datasets/<string:key>/quality", responses={"200": QualityOut})
@needs(Role.FINANCE)
def get_quality(path: DatasetPath, query: Asked) -> dict[str, Any]:
    """Completeness, validity, uniqueness, consistency and timeliness of a dataset.

    They speak of all rows: refused within a data scope.
    """
    here = call()
    view = quality.get(here.actor, path.key, now=here.now)
    found = quality.history(here.actor, path.key, limit=query.limit)
    return {"dataset": view.dataset.key, "latest": view.quality.to_json() if view.quality else None,
            "trends": {name: {"change": t.change, "since": t.since.isoformat() if t.since else None}
                       for name, t in view.trends.items()},
            "history": [q.to_json() for q in found], "definitions": {d.name: d.help for d in DIMENSIONS}}


@api.get("/checks", responses={"200": {"description": "In the order in which they run", "content": {
    "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/RuleOut"}}}}}})
@needs(Role.FINANCE)
def list_checks(query: Page) -> Response:
    """Every check that a file goes through, whichever way it comes."""
    found = [{"name": c.name, "label": c.label, "help": c.help, "severity": c.severity}
             for c in quality.checks(call().actor)]
    return listed(found, query)
