"""`/kpis/{key}/bridge`: what moved a figure between two moments at which it was known."""
from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from dashapp.api.asking import moment
from dashapp.api.kpis import KpiPath
from dashapp.api.reading import Strict
from dashapp.api.resource import call, needs, resource
from dashapp.core.actor import Role
from dashapp.core.bounds import period_of
from dashapp.core.where import parse_wheres
from dashapp.services import bridging, strictly

api = resource("bridges", "What moved a figure between two moments: rows and definitions")
Number = float | int | None


class Restated(Strict):
    """One figure, and the two moments at which it is compared with itself."""

    period: str = Field(min_length=1, max_length=20, description="`2026-03-14`, `2026-W11`, `2026-03`, `2026-Q1`, "
                        "`2026` or `FY2026-Q1`", json_schema_extra={"example": "2026-03"})
    before: str = Field(min_length=1, max_length=40, json_schema_extra={"example": "2026-03-05T18:00Z"},
                        description="The earlier moment, such as `2026-03-31T18:00Z`; a date means its end; without a "
                        "zone it is in the organisation's")
    after: str | None = Field(None, max_length=40, description="The later moment; now when left out")
    where: list[str] = Field([], max_length=50, description="A condition such as `region=EMEA|APAC`; may repeat")
    split: list[str] = Field([], max_length=3, description="The part of a split, such as `region=EMEA`; may repeat")


class SideOut(BaseModel):
    """The figure at one of the moments. `exact`: the value as a decimal text, with all digits; `at` null: now."""

    at: str | None
    value: Number
    exact: str | None
    reason: str | None
    complete: bool


class PartOut(BaseModel):
    """A step: `value` is the whole figure after it, `delta` the share it made. `came` and `went`: rows of the figure.

    `delta` is null where the figure has no value before or after the step; the next step with a value is then told
    together with the `spans` steps before it.
    """

    kind: Literal["time", "new", "changed", "removed", "definition"]
    dataset: str | None
    value: Number
    reason: str | None
    delta: Number
    delta_exact: str | None
    spans: int
    came: int
    went: int


class CauseOut(BaseModel):
    """An upload that made rows come or go. Within a data scope only those that hold rows of one's own are named."""

    upload: str
    dataset: str
    file: str
    deed: Literal["uploaded", "undone", "brought back"]
    at: str
    by: str
    came: int
    went: int


class RedefinitionOut(BaseModel):
    kpi: str
    version: int
    formula: str
    at: str
    by: str
    why: str
    deleted: bool


class BridgeOut(BaseModel):
    """`difference` is after less before; `delta_exact` of the parts add up to `difference_exact` to the last digit.

    `reason`: why there is no difference, where the figure had no value at one of the moments.
    """

    kpi: str
    name: str
    unit: str
    period: str
    start: date
    end: date
    split: dict[str, str | None]
    before: SideOut
    after: SideOut
    difference: Number
    difference_exact: str | None
    reason: str | None
    parts: list[PartOut]
    uploads: list[CauseOut]
    definitions: list[RedefinitionOut]
    warnings: list[str]


@api.get("/kpis/<string:key>/bridge", responses={"200": BridgeOut})
@needs(Role.EXECUTIVE)
def bridge_kpi(path: KpiPath, query: Restated) -> dict[str, Any]:
    """The restatement bridge of one figure: new, changed and removed rows and definitions, adding up exactly."""
    here = call()
    organisation = here.desk.organisation
    before, after = (moment(text, organisation, here.now) for text in (query.before, query.after))
    assert before is not None, "the call requires it"
    where, split = parse_wheres(query.where), parse_wheres(query.split)
    strictly.refuse_unknown(here.actor, (path.key,), (w.column for w in split), where, after)
    part = "&".join(str(w).replace("&", "\\&") for w in split) or None
    period = period_of(query.period, organisation.calendar).label
    return bridging.bridge(here.actor, here.desk, path.key, period, before, after, where, part,
                           now=here.now).to_json()
