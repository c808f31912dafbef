"""What moved a figure: new, changed and removed rows and definitions, in parts that add up to the last digit."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashapp.core.bridge import Bridge, total
from dashapp.core.errors import Invalid, NotFound, Unavailable
from dashapp.core.kpi import Kpi
from dashapp.services import bridging, defining, reverting
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, World, opened, orders, orders_csv, scoped

ROWS = orders(90)
FIXED = [replace(r, qty=r.qty + 1) for r in ROWS[60:66]]
LATE = orders(12, prefix="L", seed=9, start=ROWS[50].day)
MONTH = "2025-12"


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    with opened(tmp_path, sqlite_template) as found:
        yield found


def later(world: World, hours: int = 1) -> datetime:
    """The moment just before the next thing happens."""
    before = world.now + timedelta(minutes=30)
    world.now += timedelta(hours=hours)
    return before


def bridged(world: World, kpi: str, before: datetime, after: datetime | None = None, **more: object) -> Bridge:
    """The bridge, which is checked to add up and to lead to the figures that are asked as of its moments."""
    period = str(more.pop("period", MONTH))
    found = bridging.bridge(world.cast.executive, world.desk, kpi, period, before, after, now=world.now, **more)  # type: ignore[arg-type]
    if found.difference is not None:
        assert total(p.delta for p in found.parts if p.delta is not None) == found.difference
    return found


def added(rows: list[object]) -> Decimal:
    return sum((r.revenue for r in rows if f"{r.day:%Y-%m}" == MONTH), Decimal(0))  # type: ignore[attr-defined]


def test_new_and_changed_rows_add_up_to_the_difference(world: World) -> None:
    world.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
    before = later(world)
    world.bring(orders_csv([*FIXED, *LATE]), "fix.csv", "orders", build=True)
    found = bridged(world, "revenue", before)
    assert (found.before.value, found.of("new"), found.of("definition")) == (added(ROWS), added(LATE), 0)  # type: ignore[arg-type]
    assert found.of("changed") == added(FIXED) - added(ROWS[60:66])  # type: ignore[arg-type]
    assert [(p.step.kind, p.step.came, p.step.went) for p in found.parts] == [
        ("new", len([r for r in LATE if f"{r.day:%Y-%m}" == MONTH]), 0), ("changed", 6, 6)]
    (cause,) = found.causes
    assert (cause.file, cause.deed, cause.by) == ("fix.csv", "uploaded", world.cast.finance.email)


def test_an_undone_upload_takes_its_rows_away_and_brings_the_former_ones_back(world: World) -> None:
    world.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
    world.now += timedelta(hours=1)
    fix = world.bring(orders_csv([*FIXED, *LATE]), "fix.csv", "orders", build=True)
    before = later(world)
    reverting.undo(world.cast.finance, world.desk, fix.id, now=world.now)
    found = bridged(world, "revenue", before)
    assert found.of("removed") == -added(LATE)  # type: ignore[arg-type]
    assert found.of("changed") == added(ROWS[60:66]) - added(FIXED)  # type: ignore[arg-type]
    (cause,) = found.causes
    assert (cause.upload, cause.deed) == (fix.id, "undone")


def test_a_changed_definition_is_a_part_of_its_own(world: World) -> None:
    world.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
    before = later(world)
    kpi = defining.get(world.cast.analyst, world.desk, "revenue").kpi
    defining.save(world.cast.analyst, world.desk, replace(kpi, formula="sum(orders.revenue) * 1.1"), "with tax",
                  now=world.now)
    world.now += timedelta(hours=1)
    world.bring(orders_csv(LATE), "late.csv", "orders")
    found = bridged(world, "average_order_value", before)
    assert [p.step.kind for p in found.parts] == ["new", "definition"]
    assert [(d.kpi.key, d.why, d.by) for d in found.redefinitions] == [
        ("revenue", "with tax", world.cast.analyst.email)]
    assert found.of("definition") != 0


def test_moments_in_the_wrong_order_and_unknown_kpis_are_refused(world: World) -> None:
    world.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
    with pytest.raises(Invalid):
        bridged(world, "revenue", world.now, world.now)
    with pytest.raises(NotFound):
        bridged(world, "revenu", world.now - timedelta(hours=1))


def test_a_scope_sees_only_its_own_rows_move_and_names_only_uploads_it_has_rows_in(world: World) -> None:
    world.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
    before = later(world)
    other = [r for r in LATE if r.region != "EMEA"]
    world.bring(orders_csv(other), "others.csv", "orders")
    person = scoped(world.cast.executive, "region=EMEA")
    found = bridging.bridge(person, world.desk, "revenue", MONTH, before, now=world.now)
    assert (found.difference, found.parts, found.causes) == (0, (), ())
    assert [m.what for m in bridging.moments(person, world.desk, "revenue", now=world.now)] == ["orders.csv"]
    assert bridging.moved_since(person, world.desk, "revenue", MONTH, now=world.now) is not None


def test_a_table_joined_to_the_rows_restates_them_too(world: World) -> None:
    articles = [(f"S{n}", "Tea" if n < 3 else "Cake") for n in range(5)]
    mapping = {"kind": "reference", "key": ["sku_id"], "mode": "upsert"}
    world.bring(csv_bytes(("sku_id", "category"), articles), "articles.csv", "articles", mapping)
    world.bring(orders_csv(ROWS), "orders.csv", "orders", {**ORDERS_MAPPING, "joins": {"sku": "articles.sku_id"}})
    tea = Kpi("tea", "Tea", 'sum(orders.revenue, orders.articles.category == "Tea")', unit="currency")
    defining.save(world.cast.analyst, world.desk, tea, now=world.now)
    before = later(world)
    world.bring(csv_bytes(("sku_id", "category"), [("S0", "Cake")]), "moved.csv", "articles")
    found = bridged(world, "tea", before)
    assert found.of("changed") == -added([r for r in ROWS if r.sku == "S0"])  # type: ignore[arg-type]
    assert [(p.step.kind, p.step.dataset) for p in found.parts] == [("changed", "articles")]
    assert [c.file for c in found.causes] == ["moved.csv"]
    assert bridged(world, "revenue", before).parts == ()


def test_a_replaced_period_without_keys_tells_only_what_really_differs(world: World) -> None:
    mapping = {"mode": "replace-period", "grain": "event", "key": []}
    world.bring(orders_csv(ROWS), "orders.csv", "orders", mapping)
    before = later(world)
    again = [*ROWS[:70], *FIXED[:1], *ROWS[71:]]
    world.bring(orders_csv(again), "again.csv", "orders", mapping)
    found = bridged(world, "revenue", before)
    assert (found.of("new"), found.of("removed")) == (FIXED[0].revenue, -ROWS[70].revenue)
    assert [(p.step.came, p.step.went) for p in found.parts] == [(1, 0), (0, 1)]
    assert {c.file for c in found.causes} == {"again.csv"}


def test_a_figure_that_was_not_there_before_leaves_the_bridge_open_and_says_why(world: World) -> None:
    world.bring(orders_csv([r for r in ROWS if r.day.month == 11]), "november.csv", "orders", ORDERS_MAPPING)
    before = later(world)
    world.bring(orders_csv(ROWS), "all.csv", "orders")
    found = bridged(world, "revenue", before)
    assert (found.difference, found.after.value) == (None, added(ROWS))  # type: ignore[arg-type]
    assert found.open_because == "Before, there was no value: No rows in this period."


def test_both_sides_are_the_figures_asked_as_of_their_moments(world: World) -> None:
    world.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING, build=True)
    before = later(world)
    world.bring(orders_csv([*FIXED, *LATE]), "fix.csv", "orders")
    middle = later(world)
    world.bring(orders_csv(ROWS[:40]), "again.csv", "orders")
    for kpi in ("revenue", "average_order_value", "orders", "units"):
        for since, until in ((before, None), (before, middle), (middle, None)):
            found = bridged(world, kpi, since, until)
            for point, moment in ((found.before, since), (found.after, until)):
                assert point.value == world.values(kpi, as_of=moment)[MONTH,]


def test_the_default_is_the_last_thing_that_moved_the_figure(world: World) -> None:
    world.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
    later(world)
    world.bring(orders_csv(FIXED), "fix.csv", "orders")
    later(world)
    world.bring(orders_csv([r for r in orders(4, prefix="X") if r.day.month == 11]), "november.csv", "orders")
    found = bridging.moved_since(world.cast.executive, world.desk, "revenue", MONTH, now=world.now)
    assert found is not None
    assert (found.what, found.deed) == ("fix.csv", "uploaded")
    assert [m.what for m in bridging.moments(world.cast.executive, world.desk, "revenue", now=world.now)] == [
        "november.csv", "fix.csv", "orders.csv"]
    assert not bridging.is_heavy(world.cast.executive, "revenue")


def test_a_comparison_that_takes_too_long_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
    before = later(world)
    world.bring(orders_csv(FIXED), "fix.csv", "orders")
    monkeypatch.setattr(bridging, "SECONDS", 0.0)
    with pytest.raises(Unavailable, match="longer than 0 seconds"):
        bridged(world, "revenue", before)
