"""Sales in several currencies and a list of rates, and what figures of them are by plain Python, row by row.

A test of a formula is written twice: as text for the product, and as a `Meaning` that is worked out here with
fractions. Nothing of the room under test is used but the calendar.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

from dashapp.core.calendar import Calendar
from dashapp.core.dataset import Dataset
from dashapp.core.period import Period
from dashapp.core.question import Question
from dashapp.core.rollup import RollupSpec
from dashapp.core.series import Series
from dashapp.query.compile import plan
from dashapp.query.planned import Kept, Plan
from tests.query.shop import TODAY, answered, columns, connect, kpis, results, states

Row = dict[str, Any]
SALES = Dataset("sales", "Sales", columns=columns(
    date="date date", region="dimension text", channel="dimension text", customer="entity text",
    currency="currency text", qty="measure number", price="measure money", revenue="measure money"))
FX = Dataset("fx", "Fx", kind="reference", key_columns=("date", "currency"), columns=columns(
    date="date date", currency="currency text", rate="measure number"))
FX_TO = Dataset("fx", "Fx", kind="reference", key_columns=("date", "currency", "to"), columns=columns(
    date="date date", currency="currency text", rate="measure number", to="dimension text"))
DATASETS = {d.key: d for d in (SALES, FX)}
OWN, DAYS = "EUR", 7
_WIDE = Context(prec=60)


@dataclass(frozen=True)
class Meaning:
    """func over arg (`qty*price` is a product), for rows that pass every test: (column, operator, value)."""

    func: str
    arg: str | None
    tests: tuple[tuple[str, str, Any], ...] = ()


MEANINGS = {
    "total": ("sum(sales.revenue)", Meaning("sum", "revenue")),
    "web": ('sum(sales.revenue, sales.channel == "web")', Meaning("sum", "revenue", (("channel", "==", "web"),))),
    "mean": ("avg(sales.price)", Meaning("avg", "price")),
    "low": ("min(sales.revenue)", Meaning("min", "revenue")),
    "high": ("max(sales.price, sales.qty > 1)", Meaning("max", "price", (("qty", ">", 1),))),
    "middle": ("median(sales.revenue)", Meaning("median", "revenue")),
    "opening": ("first(sales.price)", Meaning("first", "price")),
    "closing": ("last(sales.revenue)", Meaning("last", "revenue")),
    "gross": ("sum(sales.qty * sales.price)", Meaning("sum", "qty*price")),
    "dear": ("sum(sales.qty, sales.revenue > 10)", Meaning("sum", "qty", (("revenue", ">", 10),))),
    "dear_web": ('count(sales, sales.channel == "web" and sales.price > 5)',
                 Meaning("count", None, (("channel", "==", "web"), ("price", ">", 5)))),
    "rows": ("count(sales)", Meaning("count", None)),
    "priced": ("count(sales.price)", Meaning("count", "price")),
    "units": ("sum(sales.qty)", Meaning("sum", "qty")),
    "people": ("distinct(sales.customer)", Meaning("distinct", "customer")),
    "buyers": ("distinct(sales.customer, sales.revenue > 10)", Meaning("distinct", "customer",
                                                                       (("revenue", ">", 10),))),
}
KPIS = kpis(**{key: text for key, (text, _) in MEANINGS.items()})


# the product's way -------------------------------------------------------------------------------------------------
def ask(question: Question, tables: Mapping[str, list[Row]], *, datasets: Mapping[str, Dataset] = DATASETS,
        rollups: Mapping[str, RollupSpec] | None = None, connection: Any = None, definitions: Any = None,
        currency: str = OWN) -> tuple[Series, ...]:
    connection = connection or connect(tables, datasets)
    return fetched(question, states(tables, datasets), lambda p: results(p, connection), datasets=datasets,
                   rollups=rollups, definitions=definitions, currency=currency)


def fetched(question: Question, state: Any, fetch: Callable[[Plan], dict[str, Any]], *,
            datasets: Mapping[str, Dataset] = DATASETS, rollups: Mapping[str, RollupSpec] | None = None,
            definitions: Any = None, currency: str = OWN) -> tuple[Series, ...]:
    def compiled(asked: Question, kept: Kept | None, *, only_ranked: bool) -> Plan:
        return plan(asked, definitions or KPIS, datasets, Calendar(), state, rollups or {}, TODAY, kept,
                    only_ranked=only_ranked, currency=currency)

    return answered(question, compiled, fetch)


# plain Python ------------------------------------------------------------------------------------------------------
def rate_of(fx: Sequence[Row], code: str | None, day: date, own: str = OWN) -> Fraction | None:
    """The rate of a code on a day; None where the list says none, or two."""
    code = (code or "").strip().upper()
    if code in ("", own):
        return Fraction(1)
    said = [r for r in fx if r["date"] and r["currency"] and r["currency"].strip().upper() == code
            and r["rate"] is not None and r["rate"] > 0 and r.get("to", own) == own and r["date"] <= day
            and (day - r["date"]).days <= DAYS]
    latest = max((r["date"] for r in said), default=None)
    found = {Decimal(repr(r["rate"])).quantize(Decimal("1e-12"), ROUND_HALF_UP, _WIDE) for r in said
             if r["date"] == latest}
    return Fraction(found.pop()) if len(found) == 1 else None


class NoRate(Exception):
    """A figure rests on an amount without a rate: its day and code."""


def figure(meaning: Meaning, rows: Sequence[Row], fx: Sequence[Row]) -> Any:
    """A Fraction or int, None for no value; raises NoRate with (day, code) of the first amount that has no rate."""
    if not rows:
        return None
    unknown = sorted((r["date"], r["currency"].strip().upper()) for r in rows if _is_unknown(meaning, r, fx))
    if unknown:
        raise NoRate(*unknown[0])
    met = [r for r in rows if _may(meaning, r, fx)]
    if meaning.func == "count" and meaning.arg is None:
        return len(met)
    if meaning.func in ("count", "distinct"):
        found = [r[meaning.arg or ""] for r in met if r[meaning.arg or ""] is not None]
        return len(found) if meaning.func == "count" else len(set(found))
    valued = [(r["date"], v) for r in met if (v := _value(meaning.arg or "", r, fx)) is not None]
    if not valued:
        return 0 if meaning.func == "sum" and meaning.tests and not met else None
    return _AGGREGATES[meaning.func](valued)


_AGGREGATES: dict[str, Callable[[list[tuple[date, Any]]], Any]] = {
    "sum": lambda v: sum(x for _, x in v), "avg": lambda v: sum(x for _, x in v) / Fraction(len(v)),
    "min": lambda v: min(x for _, x in v), "max": lambda v: max(x for _, x in v),
    "median": lambda v: statistics.median(x for _, x in v),
    "first": lambda v: sum(x for d, x in v if d == min(v)[0]),
    "last": lambda v: sum(x for d, x in v if d == max(v)[0]),
}


def _amount(column: str, row: Row, fx: Sequence[Row]) -> Fraction | None:
    """An amount in the reporting currency; None where there is none. Raises NoRate."""
    if row[column] is None:
        return None
    rate = rate_of(fx, row["currency"], row["date"])
    if rate is None:
        raise NoRate
    return Fraction(row[column]) * rate


def _value(arg: str, row: Row, fx: Sequence[Row]) -> Fraction | None:
    out = Fraction(1)
    for name in arg.split("*"):
        plain = row[name] if name == "qty" else _amount(name, row, fx)
        if plain is None:
            return None
        out *= Fraction(plain)
    return out


def _test(test: tuple[str, str, Any], row: Row, fx: Sequence[Row]) -> bool | None:
    """Does the row pass? None where nobody knows."""
    column, op, wanted = test
    try:
        value = _amount(column, row, fx) if column in ("price", "revenue") else row[column]
    except NoRate:
        return None
    return value is not None and (value == wanted if op == "==" else value > wanted)


def _may(meaning: Meaning, row: Row, fx: Sequence[Row]) -> bool:
    return all(_test(t, row, fx) is not False for t in meaning.tests)


def _is_unknown(meaning: Meaning, row: Row, fx: Sequence[Row]) -> bool:
    """Would the figure be another one, if the row had this rate or that?"""
    if not _may(meaning, row, fx):
        return False
    if any(_test(t, row, fx) is None for t in meaning.tests):
        return True
    try:
        if meaning.func not in ("count", "distinct"):
            for name in (meaning.arg or "").split("*"):
                if name != "qty":
                    _amount(name, row, fx)
    except NoRate:
        return True
    return False


def periods(question: Question) -> list[Period]:
    return list(Calendar().periods(question.span, question.grain))


def days(first: date, *steps: int) -> list[date]:
    return [first + timedelta(s) for s in steps]
