"""`/deliveries`: in which rhythm the data of each dataset come, and what is due or late."""
from __future__ import annotations

from datetime import date
from typing import Literal

from flask import Response
from pydantic import BaseModel, Field

from dashapp.api.reading import Page, listed
from dashapp.api.resource import call, needs, resource
from dashapp.core.actor import Role
from dashapp.services import delivering

api = resource("deliveries", "The delivery calendar: what is due and what is late, by the rhythm of former uploads")


class Rhythm(BaseModel):
    """Data of a period usually come `lag` days after its end, and at most `latest`; both in `days` of that kind."""

    grain: Literal["day", "week", "month", "quarter", "year"]
    lag: int
    latest: int
    days: Literal["working", "calendar"]
    weekdays: list[int] = Field(description="0 Monday ... 6 Sunday: days whose dates come")


class Slot(BaseModel):
    period: str
    due: date
    latest: date
    state: Literal["on time", "came late", "expected", "due", "late"]
    arrived: date | None
    upload: str | None
    file: str | None


class DeliveriesOut(BaseModel):
    """`state` is the worst of what has not come; `rhythm` is null and the state `unknown` before one was seen.

    `seen`: uploads that brought later dates than all before them; four are needed.
    """

    dataset: str
    name: str
    state: Literal["late", "due", "expected", "unknown"]
    seen: int
    rhythm: Rhythm | None
    last_arrived: date | None
    through: date | None
    next_due: date | None
    next_period: str | None
    slots: list[Slot]


class DeliveriesQuery(Page):
    dataset: str | None = Field(None, max_length=63, description="Only this dataset")


@api.get("/deliveries", responses={"200": {"description": "By dataset", "content": {"application/json": {
    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/DeliveriesOut"}}}}}})
@needs(Role.FINANCE)
def list_deliveries(query: DeliveriesQuery) -> Response:
    """The delivery calendar of each dataset that files are brought to."""
    here = call()
    found = delivering.calendar(here.actor, here.desk, query.dataset, now=here.now)
    return listed([d.to_json() for d in found], query)
