"""What moved a figure: new, changed and removed rows and definitions, in parts that add up to the last digit."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashapp.core.bridge import Bridge, total
from dashapp.core.errors import Invalid, NotFound
from dashapp.services import bridging, defining, importing
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
    importing.undo(world.cast.finance, world.desk, fix.id, now=world.now)
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
