"""The demo company in the product: loaded whole, marked, and gone again without a trace."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, Invalid
from dashapp.services import datasets, defining, demonstrating, offering, verifying
from dashapp.services.desk import Desk
from models import db
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
