"""Questions in which every pair of grain, split, filter, comparison, scope, calendar, group of KPIs and top meets.

All combinations would take an hour; most of what can go wrong between two of them does so whatever the others are.
"""
from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from dashapp.core.calendar import Calendar
from dashapp.core.period import QUESTION_GRAINS, DateRange, Grain
from dashapp.core.question import Question, Top
from dashapp.core.where import parse_wheres
from tests.query.shop import CATALOGUE_ROWS, SKUS
from tests.query.test_against_plain_python import KPIS

SPLITS = ((), ("region",), ("region", "channel"), ("catalogue.category",), ("region", "channel", "sku"),
          ("catalogue.category", "customer_id"))
FILTERS = ((), ("region=EMEA",), ("region!=EMEA|APAC",), ("channel=web|",), ("region~=A", "channel!=shop"),
           ("catalogue.category=Tea|",), ("catalogue.category!=Tea", "qty!=1"))
COMPARISONS = ("none", "previous", "previous_year", "same_weekday")
SCOPES = ((), ("region=EMEA|APAC",), ("channel!=web",), ("catalogue.category~=a",))
CALENDARS = (Calendar(), Calendar(4, 6, "gregorian"), Calendar(1, 0, "4-4-5"), Calendar(10, 3, "5-4-4"))
GROUPS = tuple(tuple(sorted(KPIS))[n::5] for n in range(5))  # all of them at once would be slow to compile
TOPS = (None, Top(2), Top(3, others=False))
SUBTOTALS = (False, True)
AXES: tuple[tuple[Any, ...], ...] = (QUESTION_GRAINS, SPLITS, FILTERS, COMPARISONS, SCOPES, CALENDARS, GROUPS, TOPS,
                                     SUBTOTALS)
LENGTH = {Grain.DAY: 3, Grain.WEEK: 30, Grain.MONTH: 100}
FIRST, LAST = date(2024, 2, 20), date(2026, 3, 20)
Case = tuple[Any, ...]


def pairs(case: Case) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    """Which values of two axes meet in a case; cases are numbers of values, one per axis."""
    return set(combinations(enumerate(case), 2))


def cases(seed: int = 7, tried: int = 60) -> list[Case]:
    """So many cases that every pair of values meets; each the best of some tries."""
    dice = random.Random(seed)
    open_ = {p for a, b in combinations(range(len(AXES)), 2)
             for p in product(((a, i) for i in range(len(AXES[a]))), ((b, j) for j in range(len(AXES[b]))))}
    found = []
    while open_:
        must = min(open_)  # a try that holds it helps in any case
        tries = [[dice.randrange(len(axis)) for axis in AXES] for _ in range(tried)]
        for one in tries:
            for axis, value in must:
                one[axis] = value
        best = max((tuple(t) for t in tries), key=lambda t: len(pairs(t) & open_))
        open_ -= pairs(best)
        found.append(best)
    return found


def question(case: Case, seed: int) -> tuple[Question, Calendar]:
    """The case as a question, somewhere in the time of the rows."""
    grain, by, where, compare, scope, calendar, kpis, top, subtotals = (
        axis[i] for axis, i in zip(AXES, case, strict=True))
    dice = random.Random(seed)
    first = FIRST + timedelta(dice.randrange((LAST - FIRST).days))
    span = DateRange(first, min(first + timedelta(LENGTH.get(grain, 380)), date(2026, 3, 31)))
    return Question(kpis, grain, span, by, parse_wheres(where), compare, None, parse_wheres(scope), top,
                    subtotals), calendar


def rows(seed: int = 3, count: int = 600) -> dict[str, Any]:
    """Two years of orders with cells missing everywhere, a monthly sheet, and the catalogue."""
    dice = random.Random(seed)

    def one_of(*values: Any) -> Any:
        return dice.choice(values)

    days = (LAST - FIRST).days
    orders = [{"date": FIRST + timedelta(dice.randint(0, days)), "sku": one_of(*SKUS, "s9", None),
               "region": one_of("EMEA", "APAC", "LATAM", None), "channel": one_of("web", "shop", None),
               "customer_id": one_of(*"abcdefghij", None), "qty": one_of(None, *(n / 8 for n in range(-2, 30))),
               "price": one_of(None, Decimal(dice.randint(-50, 4000)) / 20),
               "revenue": one_of(None, Decimal(dice.randint(-500000, 9000000)) / 10000)} for _ in range(count)]
    finance = [{"date": date(2024 + n // 12, n % 12 + 1, 1), "region": r, "cogs": one_of(None, Decimal(n * 17) / 4),
                "cash": one_of(None, Decimal(n) / 3)} for n in range(1, 26) for r in ("EMEA", "APAC", None)]
    for row in finance:
        row["cash"] = row["cash"] and row["cash"].quantize(Decimal("0.0001"))
    return {"orders": once_a_day(orders), "catalogue": CATALOGUE_ROWS, "finance": finance}


def once_a_day(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The orders with nobody in them twice on one day: which row is somebody's first then, a file says by the order of
    its rows, and a warehouse, whose rows have none, by their key.
    """
    seen, out = set(), []
    for row in orders:
        who = (row["customer_id"], row["date"])
        out.append({**row, "customer_id": None} if who in seen else row)
        seen.add(who)
    return out
