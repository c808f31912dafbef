"""Who is new, returning or lost, and how many there are: ten visits a reader can follow, asked in every way."""
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashapp.core.calendar import Calendar
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.core.rollup import rollup_of
from dashapp.core.where import parse_wheres
from dashapp.query.compile import plan
from tests.query.shop import DATASETS, ORDERS, TODAY, ask, kpis, states

KPIS = kpis(
    people="distinct(orders.customer_id)", fresh="new(orders.customer_id)", back="returning(orders.customer_id)",
    gone="lost(orders.customer_id)", web='distinct(orders.customer_id, orders.channel == "web")',
    fresh_web='new(orders.customer_id, orders.channel == "web")',
    back_web='returning(orders.customer_id, orders.channel == "web")',
    gone_web='lost(orders.customer_id, orders.channel == "web")', rows="count(orders)",
    named="count(orders.customer_id)",
    regions="distinct(orders.region)", recent="rolling(people, 31)", year='to_date(people, "year")',
    earlier="previous(people)", retention="1 - gone / previous(people)",
)


def visit(day: str, who: str | None, region: str | None = "N", channel: str = "web") -> dict[str, Any]:
    return {"date": date.fromisoformat(day), "customer_id": who, "region": region, "channel": channel,
            "revenue": Decimal(1)}


VISITS = [
    visit("2025-01-01", "ann"), visit("2025-01-20", "bob", "S", "shop"), visit("2025-01-20", "ann", "S"),
    visit("2025-01-31", None), visit("2025-02-01", "bob"), visit("2025-02-28", "cat", "S", "shop"),
    visit("2025-02-28", "cat", "N"), visit("2025-03-01", "ann", None), visit("2025-03-15", "dan", "S"),
    visit("2025-04-01", "dan", "S"),
]


def asked(*keys: str, by: tuple[str, ...] = (), where: str = "", scope: str = "", span: str = "2025-01-01 2025-03-31",
          grain: Grain = Grain.MONTH) -> Question:
    first, last = map(date.fromisoformat, span.split())
    return Question(keys, grain, DateRange(first, last), by, parse_wheres([where]), scope=parse_wheres([scope]))


def course(key: str, **more: Any) -> list[Any]:
    [series] = ask(asked(key, **more), KPIS, {"orders": VISITS})
    return [p.value for p in series.points] + [series.total.value]  # type: ignore[union-attr]


@pytest.mark.parametrize(("key", "january", "february", "march", "total"), [
    ("people", 2, 2, 2, 4), ("fresh", 2, 1, 1, 4), ("back", 0, 1, 1, 0), ("gone", None, 1, 2, None),
    ("rows", 4, 3, 2, 9),
    ("named", 3, 3, 2, 8), ("regions", 2, 2, 1, 2), ("web", 1, 2, 2, 4), ("fresh_web", 1, 0, 1, 2),
    ("back_web", 0, 1, 1, 0),
    ("gone_web", None, 1, 2, None), ("earlier", None, 2, 2, None), ("retention", None, 0.5, 0, None),
    ("year", 2, 3, 4, 4),
    ("recent", 2, 2, 2, 2),
])
def test_each_month_and_the_quarter(key: str, january, february, march, total) -> None:
    assert course(key) == [january, february, march, total]


@pytest.mark.parametrize(("key", "where", "want"), [
    ("people", "region=N", [1, 2, None, 3]), ("fresh", "region=N", [1, 0, None, 1]),
    ("people", "region=S", [2, 1, 1, 4]),
    ("fresh", "region=S", [1, 1, 1, 3]), ("back", "region=N", [0, 1, None, 0]),
    ("people", "channel=shop", [1, 1, None, 2]),
    ("gone", "channel=shop", [None, 0, 1, None]), ("people", "region=", [None, None, 1, 1]),
    ("fresh", "region=", [None, None, 0, 0]),
])
def test_filters_choose_visits_but_histories_stay_whole(key: str, where: str, want: list[Any]) -> None:
    """The first visit of cat is that of the row that comes first on the day: in the south."""
    assert course(key, where=where) == want


@pytest.mark.parametrize(("key", "scope", "want"), [
    ("people", "region=N", [1, 2, None, 3]), ("fresh", "region=N", [1, 2, None, 3]),
    ("people", "channel=shop", [1, 1, None, 2]),
    ("fresh", "channel=shop", [1, 1, None, 2]),
])
def test_a_data_scope_cuts_the_histories_too(key: str, scope: str, want: list[Any]) -> None:
    assert course(key, scope=scope) == want


@pytest.mark.parametrize(("key", "want"), [
    ("people", {"N": [1, 2, None, 3], "S": [2, 1, 1, 4], None: [None, None, 1, 1]}),
    ("fresh", {"N": [1, 0, None, 1], "S": [1, 1, 1, 3], None: [None, None, 0, 0]}),
    ("gone", {"N": [None, 1, 2, None], "S": [None, 1, 1, None]}),
    ("rows", {"N": [2, 2, None, 4], "S": [2, 1, 1, 4], None: [None, None, 1, 1]}),
])
def test_a_split_counts_people_in_each_part(key: str, want: dict[str | None, list[Any]]) -> None:
    [series] = ask(asked(key, by=("region",)), KPIS, {"orders": VISITS})
    found = {part: [p.value for p in series.points if p.split == (("region", part),)]
             + [t.value for t in series.totals if t.split == (("region", part),)] for part in want}
    assert found == want
    assert series.total
    assert series.total.value == course(key)[-1]


@pytest.mark.parametrize(("grain", "span", "want"), [
    (Grain.DAY, "2025-01-20 2025-01-21", [1, None, 1]), (Grain.WEEK, "2025-01-20 2025-02-02", [1, 0, 1]),
    (Grain.QUARTER, "2025-01-01 2025-04-02", [4, 0, 4]), (Grain.YEAR, "2025-01-01 2025-04-02", [4, 4]),
])
def test_who_is_new_adds_up_over_any_periods(grain: Grain, span: str, want: list[Any]) -> None:
    assert course("fresh", grain=grain, span=span) == want


@pytest.mark.parametrize("key", ["people", "fresh", "back", "gone", "recent", "retention"])
@pytest.mark.parametrize("where", ["", "region=N"])
def test_the_month_rollup_is_asked_only_where_it_can_answer(key: str, where: str) -> None:
    spec = {"orders": rollup_of(ORDERS)}
    state = states({"orders": VISITS})
    whole = plan(asked(key, where=where), KPIS, DATASETS, Calendar(), state, spec, TODAY)
    tables = {t for s in whole.scans for t in s.tables}
    assert "orders" in tables or "orders__month" in tables
    scoped = plan(asked(key, scope="region=N"), KPIS, DATASETS, Calendar(), state, spec, TODAY)
    assert "orders__month" not in {t for s in scoped.scans for t in s.tables}
