"""A deleted dataset takes along the KPIs that nobody made their own; the others wait for their data, without a card."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from dashapp.core.errors import Forbidden
from dashapp.core.filters import Filters
from dashapp.core.kpi import Kpi
from dashapp.services import auditing, datasets, defining, overviewing, retiring
from dashapp.services.desk import Desk
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import World

WEEKS = [date(2026, 1, 5) + timedelta(7 * n) for n in range(3)]
PROPOSED = {"revenue", "orders", "average_order_value", "revenue_growth"}


def _sheet(add: int) -> bytes:
    return csv_bytes(("Date", "Revenue", "Orders"), [(d, 100 + n + add, 7 + n + add) for n, d in enumerate(WEEKS)])


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    found = World(desk, cast)
    found.bring(_sheet(0), "bad.csv", "bad_week")
    return found


def _keys(world: World) -> set[str]:
    return {v.kpi.key for v in defining.listing(world.cast.executive, world.desk)}


def _delete(world: World) -> list[str]:
    """Delete the dataset; what became of KPIs by the trail, in the order of its lines."""
    before = len(auditing.listing(world.cast.admin, limit=500))
    datasets.delete(world.cast.admin, world.desk, "bad_week", now=world.now)
    lines = auditing.listing(world.cast.admin, limit=500)
    new = list(lines[:len(lines) - before])[::-1]
    return [line.subject for line in new if line.action == "kpi.delete"]


def _leaving(world: World) -> tuple[set[str], set[str]]:
    found = retiring.leaving(world.cast.admin, world.desk, "bad_week")
    return {k.key for k in found.goes}, {k.key for k in found.stays}


def test_proposals_that_nobody_changed_go_with_their_dataset_dependants_first(world: World) -> None:
    assert _keys(world) == PROPOSED
    assert _leaving(world) == (PROPOSED, set())
    gone = _delete(world)
    assert (set(gone), len(gone)) == (PROPOSED, len(PROPOSED))
    assert gone.index("average_order_value") < min(gone.index("revenue"), gone.index("orders"))
    assert gone.index("revenue_growth") < gone.index("revenue")
    assert _keys(world) == set()
    change = defining.history(world.cast.executive, world.desk, "revenue")[0]
    assert (change.deleted, change.why) == (True, "deleted with Bad week")
    assert auditing.verify_chain(world.cast.admin).is_whole


def test_what_people_wrote_or_changed_stays_with_what_it_is_built_on(world: World) -> None:
    orders = defining.get(world.cast.analyst, world.desk, "orders").kpi
    defining.save(world.cast.analyst, world.desk, replace(orders, decimals=1), now=world.now)
    defining.save(world.cast.analyst, world.desk, Kpi("double", "Double", "revenue * 2"), now=world.now)
    assert _leaving(world) == (PROPOSED - {"revenue", "orders"}, {"revenue", "orders", "double"})
    assert set(_delete(world)) == PROPOSED - {"revenue", "orders"}
    needs = {v.kpi.key: v.needs for v in defining.listing(world.cast.executive, world.desk)}
    assert needs == {"revenue": ("bad_week.revenue",), "orders": ("bad_week.orders",), "double": ("bad_week.revenue",)}


def test_a_kpi_without_its_data_has_no_card_and_names_no_strangers_column(world: World) -> None:
    defining.save(world.cast.analyst, world.desk, Kpi("own", "Own", "sum(bad_week.revenue)"), now=world.now)
    world.bring(_sheet(5), "w.csv", "weekly")
    before = world.now
    world.now += timedelta(hours=1)
    _delete(world)
    weekly = {k for k in _keys(world) if k.startswith("weekly_")}
    assert _keys(world) == weekly | {"own"}
    for moment in (None, before):
        filters = Filters(as_of=moment)
        view = overviewing.overview(world.cast.executive, world.desk, filters, now=world.now)
        assert {c.kpi.key for c in view.cards} == weekly, moment
    (reason,) = {p.reason for p in world.series("own").points}
    assert reason == "Needs bad_week.revenue, which is not here any more."


def test_a_dataset_that_came_again_takes_its_proposals_along_again(world: World) -> None:
    _delete(world)
    world.bring(_sheet(1), "bad2.csv", "bad_week")
    assert _leaving(world) == (PROPOSED, set())
    mine = defining.get(world.cast.analyst, world.desk, "average_order_value").kpi
    defining.delete(world.cast.analyst, world.desk, mine.key, now=world.now)
    defining.save(world.cast.analyst, world.desk, replace(mine, version=0), "proposed by hand", now=world.now)
    assert _leaving(world) == ({"revenue_growth"}, {"average_order_value", "revenue", "orders"})


def test_counting_rows_stands_on_the_dataset_and_other_datasets_are_not_touched(world: World) -> None:
    defining.save(world.cast.analyst, world.desk, Kpi("rows", "Rows", "count(bad_week)"), now=world.now)
    world.bring(_sheet(5), "w.csv", "weekly")
    assert _leaving(world) == (PROPOSED, {"rows"})
    values = world.values("weekly_revenue", "week")
    _delete(world)
    assert world.values("weekly_revenue", "week") == values
    assert next(v.needs for v in defining.listing(world.cast.executive, world.desk)
                if v.kpi.key == "rows") == ("bad_week",)


def test_dependants_are_named_and_only_admins_ask_what_a_deletion_takes(world: World) -> None:
    assert set(defining.dependants(world.cast.executive, world.desk, "revenue")) == {
        "Average order value", "Revenue growth"}
    assert defining.dependants(world.cast.executive, world.desk, "revenue_growth") == ()
    with pytest.raises(Forbidden):
        retiring.leaving(world.cast.analyst, world.desk, "bad_week")
