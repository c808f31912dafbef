"""Figures over small random tables with their evidence workbooks, for the tests that recompute them."""
from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain, Period
from dashapp.core.question import Question
from dashapp.core.series import Point
from dashapp.core.where import parse_wheres
from dashapp.query.answer import answer
from dashapp.query.compile import plan
from dashapp.query.evidence import evidence
from dashapp.reports.evidence import Book, RowsOf
from tests.query.shop import CATALOGUE_ROWS, DATASETS, SKUS, TODAY, connect, states
from tests.query.test_against_plain_python import KPIS

AT = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
START = date(2024, 11, 20)
FILTERS: tuple[tuple[str, ...], ...] = ((), (), ("region=EMEA",), ("region!=EMEA|APAC",), ("channel=web|",))
SCOPES: tuple[tuple[str, ...], ...] = ((), (), (), ("region=EMEA|APAC",))
GRAINS = (Grain.WEEK, Grain.MONTH, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def orders(dice: random.Random, count: int) -> list[dict[str, Any]]:
    """Orders of a year and some weeks, with gaps in every column that may have one."""
    def money() -> Decimal | None:
        return dice.choice([None, *(Decimal(dice.randrange(-50, 400)) / 20 for _ in range(5))])

    return [{"date": START + timedelta(dice.randrange(420)), "sku": dice.choice([*SKUS, "s9", None]),
             "region": dice.choice(["EMEA", "emea", "APAC", "LATAM", None]),
             "channel": dice.choice(["web", "shop", None]),
             "customer_id": dice.choice(["a", "A", "b", "c*", "c?", "1", None]),
             "qty": dice.choice([None, 0.0, *(dice.randrange(1, 16) / 4 for _ in range(6))]),
             "price": money(), "revenue": money()} for _ in range(count)]


def sheets(dice: random.Random) -> list[dict[str, Any]]:
    return [{"date": date(2024 + (n + 10) // 12, (n + 10) % 12 + 1, 1), "region": dice.choice(["EMEA", "APAC", None]),
             "cogs": Decimal(dice.randrange(1, 900)) / 20, "cash": Decimal(dice.randrange(-9, 900)) / 20}
            for n in range(15) if dice.random() < 0.9]


def case(seed: int, key: str) -> tuple[Book, Point]:
    """One figure of the KPI in a random period under random filters, scope and calendar, and its evidence."""
    dice = random.Random(f"{seed} {key}")
    calendar = Calendar(dice.choice([1, 4, 10]), dice.choice([0, 6]), dice.choice(["gregorian", "gregorian", "4-4-5"]))
    when = calendar.period(START + timedelta(dice.randrange(60, 430)), dice.choice(GRAINS))
    tables = {"orders": orders(dice, dice.choice([0, 25, 80, 160])), "catalogue": CATALOGUE_ROWS,
              "finance": sheets(dice)}
    return book(key, when, tables, calendar, dice.choice(FILTERS), dice.choice(SCOPES))


def book(key: str, when: Period, tables: dict[str, list[dict[str, Any]]], calendar: Calendar | None = None,
         where: tuple[str, ...] = (), scope: tuple[str, ...] = (), kpis: Any = None) -> tuple[Book, Point]:
    """The evidence of a KPI in a period over plain rows, and the figure as every screen shows it."""
    calendar, kpis = calendar or Calendar(), kpis or KPIS
    question = Question((key,), when.grain, DateRange(when.start, when.end), (), parse_wheres(where), "none", None,
                        parse_wheres(scope))
    compiled = plan(question, kpis, DATASETS, calendar, states(tables, calendar=calendar), {}, TODAY)
    connection = connect(tables)
    results = {s.name: connection.cursor().sql(s.sql).to_arrow_table() for s in compiled.scans}
    point = answer(compiled, results)[0].points[0]
    found = evidence(compiled, results, key, when, limit=10_000)
    fetched = [(s, connection.cursor().sql(s.sql).to_arrow_table()) for s in found.sheets]
    rows = tuple(RowsOf(s, DATASETS[s.dataset], t, {"v1": "=cmd|' /C calc'!A0.xlsx"}, [f"Sheet1!A{r}" for r in
                        t.column("_row").to_pylist()]) for s, t in fetched)
    about = f"{key}, {when.label} {where} {scope}"
    return Book(kpis[key], about, point.value, point.reason, found, rows, (("KPI", key),), AT), point
