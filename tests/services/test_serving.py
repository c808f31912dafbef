"""Serving files: made once for many commits, never the reason of a figure, and what moves the version of the data."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from dashapp.core.actor import ANONYMOUS
from dashapp.core.errors import Forbidden
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange
from dashapp.core.rule import Limits
from dashapp.services import asking, datasets, defining, limiting, reverting, serving, targeting, uploads
from dashapp.services.caching import Answers
from dashapp.services.desk import Desk
from models import Job, db
from tests.cast import Cast
from tests.services.world import ORDERS_MAPPING, World, added, orders, orders_csv

ROWS = orders(60)
AROUND = DateRange(date(2025, 10, 20), date(2026, 1, 15))  # the orders with empty weeks before and after them


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def _everything(world: World) -> list[object]:
    keys = ("revenue", "orders", "average_order_value", "units")
    return [world.series(k, g, by=b, span=AROUND).to_json()["points"] for k in keys
            for g in ("day", "week", "month", "quarter", "year") for b in ((), ("region",), ("sku", "region"))]


def _files(world: World) -> list[str]:
    return sorted(p.name for p in (world.desk.ledger.root / "orders").glob("v*.duckdb"))


def test_commits_share_one_build_that_waits(world: World) -> None:
    for n in range(3):
        world.bring(orders_csv(ROWS[n * 20:n * 20 + 20]), f"{n}.csv", "orders", ORDERS_MAPPING)
    jobs = db.session.query(Job).filter(Job.kind == serving.BUILD_JOB).all()
    assert [(j.state, j.args) for j in jobs] == [("queued", {"dataset": "orders"})]
    assert serving.build(world.desk, "orders") == 3
    assert serving.build(world.desk, "orders") == 3
    assert len(_files(world)) == 1
    assert world.values("revenue", "day") == added(ROWS, "day")


def test_answers_are_equal_without_with_and_after_a_serving_file(world: World) -> None:
    world.bring(orders_csv(ROWS[:40]), "a.csv", "orders", ORDERS_MAPPING)
    plain = _everything(world)
    version = asking.data_version(world.cast.executive, world.desk)
    serving.build(world.desk, "orders")
    world.desk.answers.clear()
    assert _everything(world) == plain
    assert asking.data_version(world.cast.executive, world.desk) == version
    for path in (world.desk.ledger.root / "orders").glob("*.duckdb"):
        path.unlink()
    fresh = World(replace(world.desk, ledger=type(world.desk.ledger)(world.desk.ledger.root), answers=Answers()),
                  world.cast)
    assert _everything(fresh) == plain


def test_a_commit_after_the_build_is_answered_at_once(world: World) -> None:
    world.bring(orders_csv(ROWS[:40]), "a.csv", "orders", ORDERS_MAPPING, build=True)
    fixed = [replace(r, qty=r.qty + 2) for r in ROWS[:3]]
    world.bring(orders_csv([*fixed, *ROWS[40:]]), "b.csv", "orders")
    expected = added([*fixed, *ROWS[3:]], "day", "region")
    assert world.values("revenue", "day", by=("region",)) == expected
    view = datasets.get(world.cast.admin, world.desk, "orders", now=world.now)
    assert (view.is_served, view.rows) == (False, len(ROWS))
    serving.build(world.desk, "orders")
    assert world.values("revenue", "day", by=("region",)) == expected
    assert datasets.get(world.cast.admin, world.desk, "orders", now=world.now).is_served


def test_the_version_of_the_data_moves_exactly_when_figures_may_move(world: World) -> None:
    seen = [asking.data_version(world.cast.executive, world.desk)]

    def moved() -> bool:
        seen.append(asking.data_version(world.cast.executive, world.desk))
        return seen[-1] != seen[-2]

    checked = world.check(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    assert not moved()
    done = world.commit(checked)
    assert moved()
    serving.build(world.desk, "orders")
    assert not moved()
    reverting.undo(world.cast.finance, world.desk, done.id, now=world.now)
    assert moved()
    reverting.redo(world.cast.finance, world.desk, done.id, now=world.now)
    assert moved()
    kpi = Kpi("double", "Double", "2 * sum(orders.revenue)")
    saved = defining.save(world.cast.analyst, world.desk, kpi, now=world.now)
    assert moved()
    with pytest.raises(Exception, match="else"):
        defining.save(world.cast.analyst, world.desk, kpi, now=world.now)
    assert not moved()
    targeting.save(world.cast.finance, world.desk, "double", "2026-03", 5.0, now=world.now)
    assert moved()
    limiting.save(world.cast.analyst, Limits("double", "month", "below", 1.0), now=world.now)
    assert moved()
    defining.delete(world.cast.analyst, world.desk, saved.key, now=world.now)
    assert moved()
    uploads.listing(world.cast.finance, world.desk)
    world.values("revenue")
    assert not moved()
    with pytest.raises(Forbidden):
        asking.data_version(ANONYMOUS, world.desk)


def test_a_dataset_deleted_and_brought_anew_at_the_same_moment_is_another_one(world: World) -> None:
    world.bring(orders_csv(ROWS[:40]), "a.csv", "orders", ORDERS_MAPPING, build=True)
    before = asking.data_version(world.cast.executive, world.desk)
    assert world.total("revenue") == sum(r.revenue for r in ROWS[:40])
    datasets.delete(world.cast.admin, world.desk, "orders", now=world.now)
    world.bring(orders_csv(ROWS[40:]), "b.csv", "orders", ORDERS_MAPPING, build=True)
    assert asking.data_version(world.cast.executive, world.desk) != before
    assert world.total("revenue") == sum((r.revenue for r in ROWS[40:]), Decimal(0))


def test_a_build_of_a_dataset_that_is_gone_does_nothing(world: World) -> None:
    assert serving.build(world.desk, "orders") == 0
    assert not (world.desk.ledger.root / "orders").exists()


def test_a_kpi_saved_later_is_answered_by_a_file_built_before(world: World) -> None:
    world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING, build=True)
    kpi = Kpi("net", "Net", "sum(qty * price)", unit="currency")
    defining.save(world.cast.analyst, world.desk, kpi, now=world.now + timedelta(minutes=1))
    assert world.values("net", "day", by=("region",)) == added(ROWS, "day", "region")
    serving.build(world.desk, "orders")
    assert world.values("net", "day", by=("region",)) == added(ROWS, "day", "region")
