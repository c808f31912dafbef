"""The delivery calendar from real uploads: what counts, what is late today, and who sees which file."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from dashapp.core.errors import NotFound
from dashapp.core.period import Grain
from dashapp.services import delivering, reverting
from dashapp.services.desk import Desk
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, Order, World, orders_csv, scoped

MONTHS = [date(2025, m, 1) for m in range(9, 13)] + [date(2026, 1, 1), date(2026, 2, 1)]


@pytest.fixture
def lite(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def month(world: World, first: date, *, day: int = 4, by: str = "finance") -> str:
    """The month's file, brought on a day of the month after."""
    last = (first.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
    rows = [Order(f"N{d:%y%m%d}", d, "S1", "EMEA", 1, Decimal("1.00")) for d in (first, last)]
    at = datetime(last.year, last.month, last.day, 9, tzinfo=UTC) + timedelta(day)
    return world.bring(orders_csv(rows), f"{first:%Y-%m}.csv", "orders", ORDERS_MAPPING,
                       by=getattr(world.cast, by), now=at).id


def told(world: World, now: datetime, **more: object) -> object:
    (found,) = delivering.calendar(world.cast.finance, world.desk, now=now)
    return found.state, found.next.period.label if found.next else None


def test_a_month_that_does_not_come_is_expected_due_and_late(lite: World) -> None:
    for first in MONTHS[:5]:
        month(lite, first)
    (found,) = delivering.calendar(lite.cast.finance, lite.desk, now=datetime(2026, 2, 5, 9, tzinfo=UTC))
    assert found.rhythm is not None
    assert (found.rhythm.grain, found.rhythm.lag, found.seen) == (Grain.MONTH, 4, 5)
    assert [s.arrival.file for s in found.slots if s.arrival] == [f"{m:%Y-%m}.csv" for m in MONTHS[:5]]
    for day, state in ((3, "expected"), (4, "due"), (5, "late"), (20, "late")):
        assert told(lite, datetime(2026, 3, day, 9, tzinfo=UTC)) == (state, "2026-02"), day
    month(lite, MONTHS[5])
    assert told(lite, datetime(2026, 3, 20, 9, tzinfo=UTC)) == ("expected", "2026-03")


def test_an_upload_that_was_undone_did_not_come(lite: World) -> None:
    ids = [month(lite, first) for first in MONTHS]
    now = datetime(2026, 3, 20, 9, tzinfo=UTC)
    assert told(lite, now) == ("expected", "2026-03")
    reverting.undo(lite.cast.finance, lite.desk, ids[-1], now=now)
    assert told(lite, now) == ("late", "2026-02")


def test_a_declared_reach_counts_for_data_that_end_earlier(lite: World) -> None:
    for first in MONTHS[:4]:
        month(lite, first)
    rows = [Order("Z1", date(2026, 1, 20), "S1", "EMEA", 1, Decimal("1.00"))]
    lite.bring(orders_csv(rows), "january.csv", "orders", {**ORDERS_MAPPING, "data_through": "2026-01-31"},
               now=datetime(2026, 2, 4, 9, tzinfo=UTC))
    (found,) = delivering.calendar(lite.cast.finance, lite.desk, now=datetime(2026, 2, 5, 9, tzinfo=UTC))
    assert found.last is not None
    assert found.last.through == date(2026, 1, 31)


def test_a_list_without_dates_comes_on_the_days_it_comes(lite: World) -> None:
    for week in range(6):
        data = csv_bytes(("sku_id", "category"), [("S1", f"Toys {week}")])
        lite.bring(data, f"{week}.csv", "catalogue", {"kind": "reference", "key": ["sku_id"], "mode": "upsert"},
                   now=datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(7 * week))
    (found,) = delivering.calendar(lite.cast.finance, lite.desk, now=datetime(2026, 2, 10, 9, tzinfo=UTC))
    assert found.rhythm is not None
    assert (found.rhythm.grain, found.state) == (Grain.WEEK, "expected")
    assert found.next is not None
    assert found.next.due == date(2026, 2, 16), "the Monday after the last"
    late = delivering.calendar(lite.cast.finance, lite.desk, now=datetime(2026, 2, 17, 9, tzinfo=UTC))
    assert late[0].state == "late"


def test_within_a_data_scope_files_of_others_have_no_name(lite: World) -> None:
    for first in MONTHS:
        month(lite, first, by="admin" if first.month == 1 else "finance")
    actor = scoped(lite.cast.admin, "region=EMEA")
    (found,) = delivering.calendar(actor, lite.desk, now=datetime(2026, 3, 5, 9, tzinfo=UTC))
    assert {s.arrival.file for s in found.slots if s.arrival} == {"", "2026-01.csv"}
    assert found.last is not None
    assert (found.last.through, found.last.by) == (date(2026, 2, 28), "")


def test_one_dataset_is_asked_by_its_key(lite: World) -> None:
    month(lite, MONTHS[0])
    (found,) = delivering.calendar(lite.cast.finance, lite.desk, "orders", now=lite.now)
    assert (found.state, found.seen) == ("unknown", 1)
    with pytest.raises(NotFound):
        delivering.calendar(lite.cast.finance, lite.desk, "nothing", now=lite.now)
