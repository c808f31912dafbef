"""Longer lives of a dataset: emptied and refilled, corrected after the close, joined to what was known then."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, Invalid
from dashapp.services import checking, datasets, defining, importing, reverting, serving
from dashapp.services.desk import Desk
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, World, added, orders, orders_csv

ROWS = orders(24)


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def test_a_dataset_whose_only_upload_is_undone_is_empty_and_can_be_filled_again(world: World) -> None:
    first = world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING, build=True)
    kpis = len(defining.listing(world.cast.executive, world.desk))
    reverting.undo(world.cast.finance, world.desk, first.id, now=world.now)
    serving.build(world.desk, "orders")
    view = datasets.get(world.cast.admin, world.desk, "orders", now=world.now)
    assert (view.rows, view.first, view.data_through, view.uploads) == (0, None, None, 0)
    assert all(p.value is None and p.reason for p in world.series("revenue").points)
    again = world.bring(orders_csv(ROWS), "again.csv", "orders")
    assert world.values("revenue", "day") == added(ROWS, "day")
    assert len(defining.listing(world.cast.executive, world.desk)) == kpis
    with pytest.raises(Conflict) as refused:
        reverting.redo(world.cast.finance, world.desk, first.id, now=world.now)
    assert refused.value.extra["upload"] == again.id


def test_e24_a_correction_of_a_closed_month_leaves_the_old_value_to_be_seen(world: World) -> None:
    closed = world.now
    world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING, now=closed)
    world.now = closed + timedelta(days=30)
    fixed = replace(ROWS[0], price=ROWS[0].price + Decimal("0.01"))
    world.bring(orders_csv([fixed]), "fix.csv", "orders")
    month = f"{ROWS[0].day:%Y-%m}"
    old, new = added(ROWS, "month"), added([fixed, *ROWS[1:]], "month")
    assert world.values("revenue")[(month,)] == new[(month,)]
    assert world.values("revenue", as_of=closed)[(month,)] == old[(month,)]
    assert new[(month,)] - old[(month,)] == fixed.qty * Decimal("0.01")


def test_joined_values_are_those_known_at_the_same_moment(world: World) -> None:
    first = world.now
    header = ("sku_id", "category")
    world.bring(csv_bytes(header, [(f"S{n}", "Old") for n in range(5)]), "c.csv", "catalogue", now=first)
    mapping = {**ORDERS_MAPPING, "joins": {"sku": "catalogue.sku_id"}}
    world.bring(orders_csv(ROWS), "a.csv", "orders", mapping, now=first)
    world.now = first + timedelta(hours=2)
    world.bring(csv_bytes(header, [("S0", "New"), ("S1", "New")]), "c2.csv", "catalogue")
    total, moved = added(ROWS, "year"), [r for r in ROWS if r.sku in ("S0", "S1")]
    assert world.values("revenue", "year", by=("catalogue.category",), as_of=first) == {
        ("2025", "Old"): total[("2025",)]}
    now = world.values("revenue", "year", by=("catalogue.category",))
    assert now["2025", "New"] == sum(r.revenue for r in moved)
    assert sum(now.values()) == total[("2025",)]


def test_a_definition_is_the_one_in_force_then_and_the_first_before_that_with_a_warning(world: World) -> None:
    first = world.now
    world.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING, now=first)
    world.now = first + timedelta(hours=1)
    kpi = replace(defining.get(world.cast.executive, world.desk, "revenue").kpi, key="net", name="Net", version=0)
    saved = defining.save(world.cast.analyst, world.desk, kpi, now=world.now)
    world.now = first + timedelta(hours=2)
    defining.save(world.cast.analyst, world.desk, replace(saved, formula="2 * sum(orders.revenue)"), now=world.now)
    once = sum(r.revenue for r in ROWS)
    assert world.total("net") == 2 * once
    then = world.series("net", "year", as_of=first + timedelta(minutes=90))
    assert then.total is not None
    assert (then.total.value, [w for w in then.warnings if "later" in w]) == (once, [])
    before = world.series("net", "year", as_of=first)
    assert before.total is not None
    assert before.total.value == once
    assert any("later" in w for w in before.warnings)


def test_a_file_that_cannot_be_read_can_be_tried_again_with_another_mapping(world: World) -> None:
    data = b"Report\n\nsome text\n" + orders_csv(ROWS).replace(b",", b";")
    upload = world.receive(data, "odd.csv", "orders")
    with pytest.raises(Invalid):
        world.dry_run(upload, {"header_row": 900})
    found = checking.inspect(world.cast.finance, world.desk, upload, importing.mapping_from_json(
        {"header_row": 4, "delimiter": ";"}), now=world.now)
    assert found.mapping.header_row == 4
    checked = world.dry_run(upload, {"header_row": 4, "delimiter": ";", **ORDERS_MAPPING})
    world.commit(checked)
    assert world.values("revenue", "day") == added(ROWS, "day")
