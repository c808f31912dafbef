"""The demo company in the product: loaded through the ways of every upload, marked, and gone without a trace."""
from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from dashapp.core.errors import Conflict, Forbidden
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.services import asking, auditing, datasets, defining, demonstrating, receiving, verifying
from dashapp.services.desk import Desk
from dashapp.services.unit import reading
from models import DatasetRow, KpiRow, Upload
from tests.cast import Cast

SMALL = {"days": 100, "orders": 1500}


def test_the_demo_company_is_served_marked_and_adds_up(desk: Desk, cast: Cast, now: datetime) -> None:
    """One company for all of this: making one takes seconds."""
    loaded = demonstrating.load(cast.admin, desk, now=now, **SMALL)
    views = {v.dataset.key: v for v in datasets.listing(cast.admin, desk, now=now)}
    assert {"orders", "catalogue", "finance", "marketing", "survey"} <= set(views) == set(loaded)
    assert all(v.dataset.is_demo and v.is_served and v.rows == loaded[k] for k, v in views.items())
    assert demonstrating.was_loaded()
    assert _revenue(desk, cast, now) == _lines_added(desk)
    ready = {v.kpi.key for v in defining.listing(cast.admin, desk) if not v.needs}
    assert {"revenue", "orders", "average_order_value", "cogs", "gross_profit", "profit_margin", "marketing_spend",
            "new_customers", "retention", "churn", "satisfaction", "market_share"} <= ready


def test_it_is_loaded_once_replaced_when_asked_and_gone_without_a_trace(
        desk: Desk, cast: Cast, now: datetime) -> None:
    loaded = demonstrating.load(cast.admin, desk, now=now, **SMALL)
    with pytest.raises(Conflict, match="--reset"):
        demonstrating.load(cast.admin, desk, now=now, **SMALL)
    again = demonstrating.load(cast.admin, desk, now=now, reset=True, seed=5, **SMALL)
    assert set(again) == set(loaded)
    assert set(demonstrating.remove(cast.admin, desk, now=now)) == set(loaded)
    with reading() as session:
        for table in (DatasetRow, KpiRow, Upload):
            assert session.scalars(select(table)).all() == []
    assert [p for p in desk.folder.rglob("*") if p.is_file() and not p.name.startswith("slot-")] == []
    assert demonstrating.was_loaded(), "once removed it does not come back by itself"
    assert auditing.verify_chain(cast.admin).is_whole


def _revenue(desk: Desk, cast: Cast, now: datetime) -> Decimal:
    today = desk.organisation.today(now)
    span = DateRange(today.replace(year=today.year - 1), today)
    [series] = asking.ask(cast.admin, desk, Question(("revenue",), Grain.MONTH, span), now=now)
    assert series.total is not None
    return Decimal(str(series.total.value))


def _lines_added(desk: Desk) -> Decimal:
    from dashapp.demo.files import read_parquet

    return sum((Decimal(v) for t in read_parquet(desk.folder / "demo" / "orders.parquet")
                for v in t["revenue"].to_pylist()), Decimal(0))


def test_it_never_mixes_with_real_data(desk: Desk, cast: Cast, now: datetime, tmp_path: Path) -> None:
    from dashapp.services import importing

    file = tmp_path / "orders.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([["Date", "Revenue"], ["2026-01-05", "10.00"], ["2026-01-06", "20.00"]])
    with file.open("rb") as stream:
        upload = receiving.receive(cast.admin, desk, stream, file.name, "orders", now=now)
    from dashapp.core.mapping import Mapping

    importing.ingest(cast.admin, desk, upload.id, Mapping(mode="append"), now=now)
    with pytest.raises(Conflict, match="orders"):
        demonstrating.load(cast.admin, desk, now=now, **SMALL)


@pytest.mark.parametrize("name", ["analyst", "finance", "executive", "scoped", "stranger"])
def test_only_an_admin_loads_or_removes_it(desk: Desk, cast: Cast, now: datetime, name: str) -> None:
    actor = getattr(cast, name)
    with pytest.raises(Forbidden):
        demonstrating.load(actor, desk, now=now, **SMALL)
    with pytest.raises(Forbidden):
        demonstrating.remove(actor, desk, now=now)


def test_a_big_order_book_goes_straight_to_the_ledger(
        desk: Desk, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashapp.demo import sheet

    monkeypatch.setattr(sheet, "WORKBOOK_ROWS", 100)
    rows = demonstrating.load(cast.admin, desk, now=now, **SMALL)
    view = datasets.get(cast.admin, desk, "orders", now=now)
    assert (view.rows, view.dataset.is_demo, view.is_served) == (rows["orders"], True, True)
    assert verifying.verify_facts(cast.admin, desk) == (len(rows), ())
    assert {"revenue", "orders"} <= {v.kpi.key for v in defining.listing(cast.admin, desk) if not v.needs}
