"""The filters of a call: the same words as in the URL of a page, but strictly read."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from dashapp.api.reading import Strict
from dashapp.core.bounds import countable, known_at, range_of
from dashapp.core.errors import Invalid
from dashapp.core.filters import COMPARE_ALIASES, Filters
from dashapp.core.organisation import Organisation
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import MAX_DIMENSIONS, MAX_TOP, Question, Top
from dashapp.core.where import parse_wheres

GrainName = Literal["day", "week", "month", "quarter", "year"]


def _own_name(value: Any) -> Any:
    """`previous_period` is `previous`."""
    return COMPARE_ALIASES.get(value, value) if isinstance(value, str) else value


CompareName = Annotated[Literal["none", "previous", "previous_year", "same_weekday", "target"],
                        BeforeValidator(_own_name)]


class Moment(Strict):
    """What is left out and known when."""

    where: list[str] = Field([], max_length=50, json_schema_extra={"example": ["region=EMEA|APAC"]},
                             description="A condition; may repeat, and all hold. Unknown columns are refused")
    as_of: str | None = Field(None, max_length=40, json_schema_extra={"example": "2026-03-01T18:00Z"},
                              description="As known at this moment, such as `2026-03-01T18:00Z`; a "
                              "date means its end, today's means now; without a zone it is in the organisation's")


class Asked(Moment):
    """grain, range, split, conditions, comparison and moment of a question."""

    grain: GrainName = Field("month", description="By which periods; not finer than the rows of the data")
    first: date | None = Field(None, alias="from", json_schema_extra={"example": "2026-01-01"},
                               description="First date; 12 months back when left out. 1900 to 2199, 4,000 periods")
    last: date | None = Field(None, alias="to", json_schema_extra={"example": "2026-03-31"},
                              description="Last date; today when left out")
    range: Literal["L7D", "L30D", "L90D", "MTD", "QTD", "YTD", "12M", "LM", "LQ", "LY"] | None = Field(
        None, description="Instead of from and to")
    by: list[str] = Field([], max_length=20, json_schema_extra={"example": ["region"]},
                          description="A dimension to split by; may repeat or hold commas. Unknown ones are refused")
    compare: CompareName = Field(
        "none", description="With what each figure is compared; an unfinished period like for like")
    top: int | None = Field(None, ge=1, le=MAX_TOP, json_schema_extra={"example": 10}, description="Of a split only as "
                            "many segments by name, those whose first KPI is farthest from zero over the whole range")
    others: bool = Field(True, description="With `top`: all other segments as one more, recomputed from their rows")
    subtotals: bool = Field(False, description="Of a split also the first dimensions alone in `totals`, and by period "
                            "in `sums`, recomputed from their rows")


def filters_of(asked: Asked, organisation: Organisation, now: datetime) -> Filters:
    """The filters a call means; ranges that end now end on the business date of `as_of` or of now. Raises Invalid."""
    by = tuple(dict.fromkeys(name for text in asked.by for part in text.split(",") if (name := part.strip())))
    if len(by) > MAX_DIMENSIONS:
        raise Invalid(f"A question is split by at most {MAX_DIMENSIONS} dimensions.")
    filters = Filters(asked.range or "12M", None, None, Grain(asked.grain), asked.compare, by,
                      parse_wheres(asked.where), moment(asked.as_of, organisation, now))
    span = countable(_span(asked, filters, organisation, organisation.today(filters.as_of or now)), filters.grain)
    if asked.top is not None and not by:
        raise Invalid("top= says how many segments of a split to name: add by=.")
    top = Top(asked.top, asked.others) if asked.top is not None else None
    return replace(filters, range="custom", start=span.start, end=span.end, top=top)


def question_of(asked: Asked, kpis: tuple[str, ...], organisation: Organisation, now: datetime) -> Question:
    """The question of a call; the service puts the actor's scope on it."""
    filters = filters_of(asked, organisation, now)
    return replace(filters.question(kpis, organisation.today(now), organisation.calendar), subtotals=asked.subtotals)


def moment(text: str | None, organisation: Organisation, now: datetime) -> datetime | None:
    """An `as_of` in UTC. Raises Invalid for what is none, and for one that has not come yet."""
    return None if text is None else known_at(text, organisation.timezone, now)


def kpi_list(text: str) -> tuple[str, ...]:
    """Keys out of `a,b`. Raises Invalid for none and for more than 50."""
    keys = tuple(dict.fromkeys(key for part in text.split(",") if (key := part.strip())))
    if not 1 <= len(keys) <= 50:
        raise Invalid("Name 1 to 50 KPIs, separated by commas.")
    return keys


def _span(asked: Asked, filters: Filters, organisation: Organisation, today: date) -> DateRange:
    if asked.first is None and asked.last is None:
        return filters.span(today, organisation.calendar)
    if asked.range is not None:
        raise Invalid("Give either range or from and to.")
    return range_of(asked.first, asked.last, today, organisation.calendar)
