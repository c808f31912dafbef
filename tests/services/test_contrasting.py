"""Two uploads side by side, and the list of uploads by dataset, state and text."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, Invalid, NotFound
from dashapp.services import contrasting, reverting, uploads
from dashapp.services.desk import Desk
from tests.cast import Cast
from tests.services.world import ORDERS_MAPPING, Order, World, orders_csv, scoped

ROWS = [Order(f"A{n}", date(2026, 1, 5) + timedelta(n), "S1", "EMEA", 2, Decimal("1.25")) for n in range(6)]
FIXED = [replace(ROWS[0], qty=5), *ROWS[1:5], Order("B1", date(2026, 1, 20), "S2", "EMEA", 1, Decimal("9.99"))]


@pytest.fixture
def lite(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def test_a_corrected_file_is_told_against_the_one_before_also_when_that_is_undone(lite: World) -> None:
    first = lite.bring(orders_csv(ROWS), "january.csv", "orders", ORDERS_MAPPING)
    second = lite.bring(orders_csv(FIXED), "january v2.csv", "orders")
    reverting.undo(lite.cast.finance, lite.desk, first.id, now=lite.now)
    found = contrasting.contrast(lite.cast.finance, lite.desk, second.id, first.id)
    assert (found.first, found.second, found.key) == (first.id, second.id, ("order_id",))
    assert (found.same, found.changed, found.only_first, found.only_second) == (4, 1, 1, 1)
    sums = {header: (one, other) for header, one, other in found.sums}
    assert sums["revenue"] == (sum(r.revenue for r in ROWS), sum(r.revenue for r in FIXED))
    changed = next(p for p in found.pairs if p.fate == "changed")
    assert (changed.key, changed.cells[0]) == ((("order_id", "A0"),), ("qty", "2.0", "5.0"))


def test_what_cannot_be_compared_is_refused_with_the_reason(lite: World) -> None:
    first = lite.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    other = lite.bring(orders_csv(ROWS), "a.csv", "sales", ORDERS_MAPPING)
    fresh = lite.receive(orders_csv(FIXED), "b.csv", "orders")
    actor, desk = lite.cast.finance, lite.desk
    with pytest.raises(Invalid, match="one and the same"):
        contrasting.contrast(actor, desk, first.id, first.id)
    with pytest.raises(Invalid, match="same dataset"):
        contrasting.contrast(actor, desk, first.id, other.id)
    with pytest.raises(Conflict, match="never committed"):
        contrasting.contrast(actor, desk, first.id, fresh)
    with pytest.raises(NotFound):
        contrasting.contrast(actor, desk, first.id, "nothing")
    with pytest.raises(NotFound):
        contrasting.contrast(scoped(lite.cast.analyst, "region=EMEA"), desk, first.id, fresh)


def test_uploads_are_listed_by_dataset_state_and_text(lite: World) -> None:
    done = lite.bring(orders_csv(ROWS), "January_50%.csv", "orders", ORDERS_MAPPING)
    late = lite.now + timedelta(minutes=1)
    lite.bring(orders_csv(ROWS), "sales.csv", "sales", ORDERS_MAPPING, by=lite.cast.admin, now=late)
    reverting.undo(lite.cast.finance, lite.desk, done.id, now=lite.now)
    actor, desk = lite.cast.finance, lite.desk

    def names(dataset: str | None = None, **more: str) -> list[str]:
        found = [u.source_name for u in uploads.listing(actor, desk, dataset, **more)]  # type: ignore[arg-type]
        assert uploads.count(actor, dataset, **more) == len(found)  # type: ignore[arg-type]
        return found

    assert names() == ["sales.csv", "January_50%.csv"]
    assert names("orders") == names(state="undone") == names(text="january") == names(text="50%") == ["January_50%.csv"]
    assert names(text="ADMIN@") == ["sales.csv"]
    assert names(text="_5") == ["January_50%.csv"], "a sign of the database's own patterns is a sign like others"
    assert names("orders", state="committed") == []


def test_undo_and_redo_of_an_upload_are_told_with_who_when_and_why(lite: World) -> None:
    done = lite.bring(orders_csv(ROWS), "a.csv", "orders", ORDERS_MAPPING)
    assert uploads.events(lite.cast.finance, lite.desk, done.id) == ()
    reverting.undo(lite.cast.finance, lite.desk, done.id, now=lite.now, reason=" the wrong \n file ")
    reverting.redo(lite.cast.admin, lite.desk, done.id, now=lite.now + timedelta(hours=1))
    assert uploads.events(lite.cast.finance, lite.desk, done.id) == (
        (lite.now, False, "finance@example.org", "the wrong file"),
        (lite.now + timedelta(hours=1), True, "admin@example.org", ""))
