"""`/export/...`: what a screen shows, as a typed file."""
from __future__ import annotations

from typing import Any, Literal

from flask import Response
from pydantic import BaseModel, Field

from dashapp.api.asking import kpi_list, moment, question_of
from dashapp.api.derivations import Behind
from dashapp.api.figures import SeveralAsked
from dashapp.api.files import attachment
from dashapp.api.resource import call, needs, resource, token
from dashapp.core.actor import Role
from dashapp.services import exporting, strictly

api = resource("export", "What a screen shows, typed, without live formulas")
KINDS = ("csv", "xlsx")
_FILES: Any = {"200": {"description": "The file", "content": {
    media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for media in exporting.MEDIA.values()}}}


class KindPath(BaseModel):
    kind: Literal["csv", "xlsx"] = Field(description="The kind of file")


class RowsBehind(Behind):
    kpi: str = Field(min_length=1, max_length=200, json_schema_extra={"example": "revenue"},
                     description="The KPI's key")
    dataset: str | None = Field(None, max_length=63, description="Which dataset, where the formula uses several")


@api.get("/export/kpis.<any(csv, xlsx):kind>", responses=_FILES, security=token("export"))
@needs(Role.EXECUTIVE)
def export_kpis(path: KindPath, query: SeveralAsked) -> Response:
    """The series of KPIs as a file. Token scope `export`.

    CSV: one row per point. Excel adds them side by side, totals and notes on sheets of their own.
    """
    here = call()
    question = question_of(query, kpi_list(query.kpis), here.desk.organisation, here.now)
    strictly.refuse_unknown(here.actor, question.kpis, question.by, question.where, question.as_of)
    return attachment(exporting.series(here.actor, here.desk, question, path.kind, now=here.now))


@api.get("/export/rows.<any(csv, xlsx):kind>", responses=_FILES, security=token("export"))
@needs(Role.FINANCE)
def export_rows(path: KindPath, query: RowsBehind) -> Response:
    """The source rows behind one figure as a file. Token scope `export`.

    More rows than a file holds are refused, never cut.
    """
    here = call()
    period, as_of = query.within(here.desk.organisation), moment(query.as_of, here.desk.organisation, here.now)
    where = query.conditions(here.actor, query.kpi, as_of)
    return attachment(exporting.rows(here.actor, here.desk, query.kpi, period, path.kind, where, query.part,
                                     as_of, now=here.now, dataset=query.dataset))
