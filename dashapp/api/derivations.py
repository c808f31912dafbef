"""`/kpis/{key}/explain`, `/rows` and `/evidence.xlsx`: from a figure back to its lines."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from dashapp.api.asking import Moment, moment
from dashapp.api.files import attachment
from dashapp.api.kpis import KpiPath
from dashapp.api.reading import Page
from dashapp.api.resource import call, needs, resource, token
from dashapp.core.actor import Actor, Role
from dashapp.core.bounds import period_of
from dashapp.core.organisation import Organisation
from dashapp.core.where import Where, parse_wheres
from dashapp.services import evidencing, exploring, strictly
from dashapp.services.exporting import MEDIA

api = resource("derivations", "Where a figure comes from: formula, statements, uploads and rows")
Number = float | int | None
_WORKBOOK: Any = {"200": {"description": "The workbook", "content": {
    MEDIA["xlsx"]: {"schema": {"type": "string", "format": "binary"}}}}}


class Behind(Moment):
    """One figure: a KPI's value in a period, or a part of it."""

    period: str = Field(min_length=1, max_length=20, json_schema_extra={"example": "2026-03"},
                        description="`2026-03-14`, `2026-W11`, `2026-03`, `2026-Q1`, `2026` or `FY2026-Q1`")
    split: list[str] = Field([], max_length=3, description="The part of a split, such as `region=EMEA`; may repeat")

    def within(self, organisation: Organisation) -> str:
        """The period asked. Raises Invalid for one that is none, or out of this world."""
        return period_of(self.period, organisation.calendar).label

    def conditions(self, actor: Actor, kpi: str, as_of: datetime | None) -> tuple[Where, ...]:
        """What the rows are filtered by. Raises Invalid for a column the KPI's data do not have."""
        where = parse_wheres(self.where)
        strictly.refuse_unknown(actor, (kpi,), (w.column for w in parse_wheres(self.split)), where, as_of)
        return where

    @property
    def part(self) -> str | None:
        return "&".join(str(w) for w in parse_wheres(self.split)) or None


class BehindPage(Behind, Page):
    dataset: str | None = Field(None, max_length=63, description="Which dataset, where the formula uses several")


class TermOut(BaseModel):
    """An aggregate within the time functions that apply to it, with the value that was used and the dates it covers."""

    formula: str
    value: Number
    reason: str | None
    start: date | None
    end: date | None


class StatementOut(BaseModel):
    scan: str
    sql: str


class OriginOut(BaseModel):
    upload: str
    dataset: str
    file: str
    rows: int
    committed_at: str


class DerivationOut(BaseModel):
    """One figure explained; `expanded` has other KPIs put in, but for those in `left`, which would make it too long."""

    kpi: str
    name: str
    unit: str
    formula: str
    definition_version: int
    expanded: str
    period: str
    start: date
    end: date
    split: dict[str, str | None]
    value: Number
    reason: str | None
    complete: bool
    partial: str | None = None
    terms: list[TermOut]
    sql: list[StatementOut]
    vintages: list[OriginOut]
    rows: int
    as_of: str | None
    left: list[str]


class RowOut(BaseModel):
    """A row as it came. `place`: the cells the figure looked at, or the line of a text file; `addresses`: all cells."""

    upload: str
    file: str
    sheet: str | None
    row: int | None
    place: str = Field(description="`Orders!H214`, or `line 214` for a text file")
    addresses: dict[str, str] = Field(description="Column -> cell of the sheet (`H214`); empty for a text file")
    cells: dict[str, Any]


class RowsOut(BaseModel):
    dataset: str
    datasets: list[str]
    total: int
    rows: list[RowOut]


@api.get("/kpis/<string:key>/explain", responses={"200": DerivationOut})
@needs(Role.EXECUTIVE)
def explain_kpi(path: KpiPath, query: Behind) -> dict[str, Any]:
    """The derivation of one figure.

    Within a data scope it names only uploads that hold rows of it, and the statements carry that scope.
    """
    here = call()
    as_of = moment(query.as_of, here.desk.organisation, here.now)
    return exploring.explain(
        here.actor, here.desk, path.key, query.within(here.desk.organisation),
        query.conditions(here.actor, path.key, as_of), query.part, as_of, now=here.now).to_json()


@api.get("/kpis/<string:key>/evidence.xlsx", responses=_WORKBOOK, security=token("export"))
@needs(Role.FINANCE)
def take_evidence(path: KpiPath, query: Behind) -> Response:
    """The evidence of one figure as a workbook: its rows with their cells, and live formulas that recompute it.

    More rows than a workbook recomputes in reasonable time are refused. Token scope `export`.
    """
    here = call()
    as_of = moment(query.as_of, here.desk.organisation, here.now)
    return attachment(evidencing.workbook(
        here.actor, here.desk, path.key, query.within(here.desk.organisation),
        query.conditions(here.actor, path.key, as_of), query.part, as_of, now=here.now))


@api.get("/kpis/<string:key>/rows", responses={"200": RowsOut})
@needs(Role.EXECUTIVE)
def list_rows(path: KpiPath, query: BehindPage) -> dict[str, Any]:
    """The source rows of one figure, each with file, sheet and cell, or the line of a text file."""
    here = call()
    as_of = moment(query.as_of, here.desk.organisation, here.now)
    return exploring.rows(
        here.actor, here.desk, path.key, query.within(here.desk.organisation),
        query.conditions(here.actor, path.key, as_of), query.part, as_of, now=here.now, dataset=query.dataset,
        limit=query.size, offset=query.offset).to_json()
