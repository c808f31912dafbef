"""The demo company in the product: loaded whole, marked, and gone again without a trace."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sql
from flask import Flask

from dashapp.core.dataset import Column, Dataset, RoleOf
from dashapp.core.errors import Conflict, Invalid
from dashapp.core.kpi import Kpi
from dashapp.core.rule import Limits
from dashapp.services import (
    auditing,
    datasets,
    defining,
    demonstrating,
    importing,
    limiting,
    offering,
    queueing,
    targeting,
    verifying,
)
from dashapp.services.desk import Desk
from models import DatasetRow, Upload, db
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import World

SMALL: dict[str, Any] = {"days": 70, "orders": 600}


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def test_a_load_that_was_killed_half_way_starts_anew_and_everything_goes_again(world: World) -> None:
    def stop(_share: float, step: str) -> None:
        if step.startswith("bringing in") and offering.has_demo():
            raise KeyboardInterrupt

    admin = world.cast.admin
    with pytest.raises(KeyboardInterrupt):
        demonstrating.load(admin, world.desk, now=world.now, progress=stop, **SMALL)
    db.session.rollback()
    assert offering.has_demo()
    assert not demonstrating.was_loaded()
    rows = demonstrating.load(admin, world.desk, now=world.now, **SMALL)
    assert demonstrating.was_loaded()
    views = {v.dataset.key: v for v in datasets.listing(admin, world.desk, now=world.now)}
    assert {k: v.rows for k, v in views.items()} == rows
    assert all(v.is_served and v.dataset.is_demo for v in views.values())
    assert max(v.last for v in views.values() if v.last and v.dataset.key == "orders") == date(2026, 3, 15)
    assert verifying.verify_facts(admin, world.desk) == (len(rows), ())
    assert all(not v.needs for v in defining.listing(admin, world.desk))
    with pytest.raises(Conflict, match="--reset"):
        demonstrating.load(admin, world.desk, now=world.now, **SMALL)
    assert set(demonstrating.remove(admin, world.desk, now=world.now)) == set(rows)
    assert (datasets.listing(admin, world.desk, now=world.now), defining.listing(admin, world.desk)) == ((), ())
    assert list(world.desk.folder.glob("demo/*")) == []
    assert list(world.desk.originals.iterdir()) == []
    assert demonstrating.was_loaded()


def test_real_data_under_a_key_of_the_demo_are_never_touched(world: World) -> None:
    data = csv_bytes(("date", "revenue"), [("2026-01-01", 1)])
    world.bring(data, "o.csv", "orders", {"mode": "append", "key": []})
    for more in ({}, {"reset": True}):
        with pytest.raises(Conflict, match="orders"):
            demonstrating.load(world.cast.admin, world.desk, now=world.now, **SMALL, **more)
    assert world.total("revenue") == 1


def test_a_demo_too_small_to_mean_anything_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        demonstrating.load(world.cast.admin, world.desk, now=world.now, days=2)
    assert datasets.listing(world.cast.admin, world.desk, now=world.now) == ()


OWN = csv_bytes(("order_id", "date", "revenue"), [("X1", "2026-01-01", 7), ("X2", "2026-01-02", 5)])
SOLD = csv_bytes(("order_id", "date", "sku", "region", "channel", "customer_id", "qty", "price", "discount", "revenue",
                  "returned"), [(f"X{n}", "2026-01-02", "S1", "EMEA", "web", "C1", 1, 5, 0, 5, 0) for n in range(20)])
APPEND: dict[str, Any] = {"mode": "append", "key": []}
HELD = "^orders belongs to the demo company. Remove the demo company, or choose another name.$"


def test_a_key_of_the_demo_company_takes_no_file_of_anybody(world: World) -> None:
    demonstrating.load(world.cast.admin, world.desk, now=world.now, **SMALL)
    before, kept = world.total("revenue"), sorted(world.desk.originals.iterdir())
    for actor in (world.cast.finance, world.cast.admin):
        with pytest.raises(Conflict, match=HELD):
            world.receive(OWN, "own.csv", "orders", by=actor)
    assert (world.total("revenue"), sorted(world.desk.originals.iterdir())) == (before, kept)
    assert world.bring(OWN, "own.csv", "my_orders", APPEND).state == "committed"
    demonstrating.remove(world.cast.admin, world.desk, now=world.now)
    assert world.bring(OWN, "own.csv", "orders", APPEND).state == "committed"


def test_a_file_that_waited_while_the_demo_company_came_is_not_committed_into_it_and_outlives_it(world: World) -> None:
    waiting = world.check(OWN, "own.csv", "orders", APPEND)
    admin, finance = world.cast.admin, world.cast.finance
    demonstrating.load(admin, world.desk, now=world.now, **SMALL)
    before = world.total("revenue")
    for verb in (importing.commit, queueing.queue):
        with pytest.raises(Conflict, match=HELD):
            verb(finance, world.desk, waiting.upload, waiting.digest, now=world.now)
    assert world.total("revenue") == before
    assert "orders" in demonstrating.remove(admin, world.desk, now=world.now)
    assert world.commit(waiting).rows == 2
    assert [v.dataset.key for v in datasets.listing(admin, world.desk, now=world.now)] == ["orders"]


@pytest.mark.parametrize("marked", [True, False], ids=["marked as the demo's", "loaded by an older version"])
def test_removal_never_takes_rows_that_somebody_brought_among_the_demos(world: World, marked: bool) -> None:
    admin = world.cast.admin
    demonstrating.load(admin, world.desk, now=world.now, **SMALL)
    if not marked:
        db.session.execute(sql.update(Upload).values(via="cli"))
    db.session.execute(sql.update(DatasetRow).where(DatasetRow.key == "orders").values(is_demo=False))
    db.session.commit()
    mine = world.bring(SOLD, "own.csv", "orders")  # as it could happen before the key was refused
    db.session.execute(sql.update(DatasetRow).where(DatasetRow.key == "orders").values(is_demo=True))
    db.session.commit()
    gone = demonstrating.remove(admin, world.desk, now=world.now)
    assert gone
    assert "orders" not in gone
    (left,) = datasets.listing(admin, world.desk, now=world.now)
    assert (left.dataset.key, left.dataset.is_demo, left.rows, left.uploads) == ("orders", False, 20, 1)
    assert (world.desk.originals / mine.id).read_bytes() == SOLD
    assert not offering.has_demo()
    assert demonstrating.remove(admin, world.desk, now=world.now) == ()


def _mixed(world: World, data: bytes, dataset: str, *, by: str = "own.csv") -> None:
    """A file among the demo's rows, as it could happen before the demo's keys were refused."""
    for is_demo in (False, True):
        db.session.execute(sql.update(DatasetRow).where(DatasetRow.key == dataset).values(is_demo=is_demo))
        db.session.commit()
        if not is_demo:
            world.bring(data, by, dataset)


def test_kpis_whose_dataset_stays_stay_with_what_people_set_and_without_the_goals_of_the_demo(world: World) -> None:
    cast, desk, now = world.cast, world.desk, world.now
    demonstrating.load(cast.admin, desk, now=now, days=150, orders=600)
    _mixed(world, SOLD, "orders")
    before = {v.kpi.key for v in defining.listing(cast.admin, desk)}
    later = now + timedelta(hours=1)
    targeting.save(cast.finance, desk, "revenue", "2026-05", 77.0, now=later)
    watched = next(x for x in limiting.listing(cast.admin) if x.kpi == "average_order_value")
    limiting.save(cast.analyst, replace(watched, warning=4.0, critical=3.0), now=later)
    assert {x.kpi for x in limiting.listing(cast.admin)} > {"revenue", "average_order_value"}
    assert len(targeting.listing(cast.admin, desk, "revenue")) == 3
    demonstrating.remove(cast.admin, desk, now=later)
    left = {v.kpi.key: v for v in defining.listing(cast.admin, desk)}
    assert {"revenue", "orders", "units", "average_order_value", "revenue_growth"} <= set(left)
    assert not {"marketing_spend", "nps", "conversion_rate"} & set(left)
    assert [k for k, v in left.items() if v.needs] == []
    assert world.total("revenue") == 100
    assert world.total("average_order_value") == 5
    assert [(t.kpi, t.period, t.value) for t in targeting.listing(cast.admin, desk)] == [("revenue", "2026-05", 77.0)]
    assert limiting.listing(cast.admin) == (Limits("average_order_value", watched.grain, watched.side, 4.0, 3.0, 2),)
    assert defining.history(cast.admin, desk, "revenue")[0].kpi.formula == left["revenue"].kpi.formula
    line = next(x for x in auditing.listing(cast.admin) if x.action == "demo.remove")
    assert line.before is not None
    assert set(line.before["kpis"]) == before - set(left)
    assert demonstrating.remove(cast.admin, desk, now=later) == ()
    assert {v.kpi.key for v in defining.listing(cast.admin, desk)} == set(left), "they are nobody's demo any more"


def test_a_kpi_of_the_demo_that_somebody_put_on_own_data_stays(world: World) -> None:
    cast, desk = world.cast, world.desk
    demonstrating.load(cast.admin, desk, now=world.now, **SMALL)
    world.bring(OWN, "own.csv", "my_orders", APPEND)
    revenue = defining.get(cast.analyst, desk, "revenue").kpi
    defining.save(cast.analyst, desk, replace(revenue, formula="sum(my_orders.revenue)"), now=world.now)
    demonstrating.remove(cast.admin, desk, now=world.now)
    assert world.total("revenue") == 12
    left = {v.kpi.key: v.needs for v in defining.listing(cast.admin, desk)}
    assert "revenue" in left
    assert "average_order_value" not in left, "half of it is gone"
    assert not any(left.values())


@pytest.mark.parametrize(("formula", "stands"), [
    ("sum(own.x)", True), ("sum(own.x) / sum(gone.x)", False), ("a * 2", True), ("b * 2", False), ("1 + 1", False),
    ("sum(own.nothing)", False), ("unknown * 2 + sum(own.x)", False), ("sum(", False),
])
def test_what_a_kpi_can_stand_on(formula: str, stands: bool) -> None:
    own = Dataset("own", "Own", columns=(Column("x", "X", RoleOf.MEASURE, "number"),))
    kpis = {k.key: k for k in (Kpi("a", "A", "sum(own.x)"), Kpi("b", "B", "a + sum(gone.x)"), Kpi("k", "K", formula))}
    assert defining.can_stand_on({"own": own}, "k", kpis) is stands
