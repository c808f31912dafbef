"""What a dry run says against history and of what follows: the same checks whatever way a file takes."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from dashapp.core.actor import Actor
from dashapp.core.effect import effect_from
from dashapp.core.kpi import Kpi
from dashapp.core.mapping import Mapping
from dashapp.core.rule import Limits
from dashapp.services import defining, knowing, limiting, uploads
from dashapp.services.desk import Desk
from dashapp.services.scene import load_scene
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, World, orders, orders_csv, scoped

HEADER = ("Date", "Region", "Revenue")
MAPPING = {"mode": "append", "grain": "day"}
Row = tuple[date, str, Decimal]


def days(start: date, count: int, *, times: int = 1) -> list[Row]:
    """Three rows on every weekday, between 100 and 160."""
    out = []
    for day in (start + timedelta(n) for n in range(count)):
        if day.weekday() < 5:
            out += [(day, r, Decimal(100 + (day.day * 7 + k * 13) % 60) * times)
                    for k, r in enumerate(("EMEA", "APAC", "AMER"))]
    return out


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    found = World(desk, cast)
    found.bring(csv_bytes(HEADER, days(date(2025, 9, 1), 122)), "autumn.csv", "sales", MAPPING, build=True)
    return found


def codes(checked: object) -> set[str]:
    return {i["code"] for i in checked.issues}  # type: ignore[attr-defined]


@pytest.mark.parametrize("served", [True, False])
def test_a_file_in_thousands_is_told_before_it_is_committed(world: World, served: bool) -> None:
    if not served:
        for path in (world.desk.ledger.root / "sales").glob("*.duckdb"):
            path.unlink()
    checked = world.check(csv_bytes(HEADER, days(date(2026, 1, 1), 31, times=1000)), "january.csv", "sales")
    told = next(i for i in checked.issues if i["code"] == "scale-shift")
    assert "about 1,000 times larger" in told["message"]


def test_a_usual_file_is_told_nothing_of_the_kind(world: World) -> None:
    checked = world.check(csv_bytes(HEADER, days(date(2026, 1, 1), 31)), "january.csv", "sales")
    assert codes(checked) == set()


def test_the_history_is_what_plain_python_counts(world: World, cast: Cast) -> None:
    rows, scene = days(date(2025, 9, 1), 122), load_scene()
    found = knowing.past(cast.finance, world.desk, scene, "sales")
    assert (found.rows, found.first, found.last) == (len(rows), rows[0][0], rows[-1][0])
    assert found.dates == tuple(sorted({r[0] for r in rows}))
    assert found.sums("revenue") == {d: float(sum(r[2] for r in rows if r[0] == d)) for d in found.dates}
    mixed = {(m.month, m.value): m.rows for m in found.mixes if m.column == "region"}
    assert mixed[date(2025, 10, 1), "EMEA"] == sum(r[0].month == 10 and r[1] == "EMEA" for r in rows)


def test_a_scoped_person_is_compared_with_their_own_rows(world: World, cast: Cast) -> None:
    """Nothing of other regions may show in what a check says."""
    found = knowing.past(scoped(cast.finance, "region=EMEA"), world.desk, load_scene(), "sales")
    mine = [r for r in days(date(2025, 9, 1), 122) if r[1] == "EMEA"]
    assert found.rows == len(mine)
    assert {m.value for m in found.mixes} <= {"EMEA"}


def test_rows_that_are_known_name_the_upload_that_brought_them(world: World) -> None:
    overlap = [*days(date(2025, 12, 22), 9), *days(date(2026, 1, 1), 20)]
    checked = world.check(csv_bytes(HEADER, overlap), "again.csv", "sales")
    told = next(i for i in checked.issues if i["code"] == "rows-known")
    known = [r for r in overlap if r[0].year == 2025]
    assert told["count"] == len(known) == checked.effect["identical"]
    assert f"from autumn.csv, {known[0][0]} to {known[-1][0]}; append counts them twice" in told["message"]


def test_days_with_other_rows_are_told_where_every_row_is_new(world: World) -> None:
    more = [(d, r, v + 1) for d, r, v in days(date(2025, 12, 29), 3)]
    told = next(i for i in world.check(csv_bytes(HEADER, more), "more.csv", "sales").issues
                if i["code"] == "days-overlap")
    assert told["count"] == 3


def test_unknown_skus_are_told_with_their_cells(world: World) -> None:
    listed = csv_bytes(("sku_id", "category"), [("S0", "a"), ("S1", "b"), ("S2", "a")])
    world.bring(listed, "catalogue.csv", "catalogue", {"kind": "reference", "key": ["sku_id"], "mode": "upsert"})
    rows = orders(40)
    checked = world.check(orders_csv(rows), "orders.csv", "orders",
                          {**ORDERS_MAPPING, "joins": {"sku": "catalogue.sku_id"}})
    told = next(i for i in checked.issues if i["code"] == "reference-unknown")
    missing = [n for n, r in enumerate(rows) if r.sku in ("S3", "S4")]
    assert (told["count"], told["cell"]) == (len(missing), f"C{missing[0] + 2}")
    assert not list(world.desk.scratch.glob("known-*")), "what the child read is gone"


def test_the_registrys_range_of_a_plain_reading_holds_for_rows(world: World, cast: Cast) -> None:
    defining.save(cast.analyst, world.desk, Kpi("typical", "Typical sale", "median(sales.revenue)", max_value=150.0), 0,
                  now=world.now)
    checked = world.check(csv_bytes(HEADER, days(date(2026, 1, 1), 12)), "january.csv", "sales")
    told = next(i for i in checked.issues if i["code"] == "value-implausible")
    assert told["count"] == sum(r[2] > 150 for r in days(date(2026, 1, 1), 12)) > 0
    assert "plausible range of Typical sale (at most 150)" in told["message"]


def test_alerts_that_would_fire_and_clear_are_told(world: World, cast: Cast) -> None:
    defining.save(cast.analyst, world.desk, Kpi("turnover", "Turnover", "sum(sales.revenue)", "currency"), 0,
                  now=world.now)
    before = world.values("turnover")
    least = min(float(v) for v in before.values())
    limiting.save(cast.analyst, Limits("turnover", "month", "above", warning=least * 1.5), now=world.now)
    more = [(d, r, v) for d, r, v in days(date(2025, 10, 1), 31)]
    checked = world.check(csv_bytes(HEADER, [(d, f"{r}2", v) for d, r, v in more]), "double.csv", "sales")
    alerts = effect_from(next(e for e in checked.consequences if e["kind"] == "alerts"))
    assert alerts.summary == "1 would fire, 0 would clear."
    assert [(c.value, c.text) for c in alerts.rows[0]][2:] == [("2025-10", "Oct 2025"), ("ok", "On track"),
                                                               ("warning", "Warning")]
    world.commit(checked)
    assert float(world.values("turnover")["2025-10",]) >= least * 1.5
    undone = world.check(csv_bytes(HEADER, days(date(2025, 10, 1), 31)), "once.csv", "sales",
                         {"mode": "replace-period", "grain": "day"})
    assert effect_from(next(e for e in undone.consequences if e["kind"] == "alerts")).summary == \
        "0 would fire, 1 would clear."


def test_figures_that_leave_their_plausible_range_are_told(world: World, cast: Cast) -> None:
    defining.save(cast.analyst, world.desk, Kpi("turnover", "Turnover", "sum(sales.revenue)", "currency",
                                                min_value=0.0, max_value=100_000.0), 0, now=world.now)
    checked = world.check(csv_bytes(HEADER, days(date(2026, 1, 1), 31, times=1000)), "january.csv", "sales")
    found = effect_from(next(e for e in checked.consequences if e["kind"] == "plausibility"))
    assert found.summary == "1 figure would leave its plausible range."
    assert found.rows[0][3].value == float(sum(r[2] for r in days(date(2026, 1, 1), 31, times=1000)))


def test_a_token_that_only_brings_rows_learns_nothing_of_those_that_are_there(world: World, cast: Cast) -> None:
    pushing: Actor = replace(cast.finance, token_scopes=frozenset({"ingest"}))
    issues = world.check(csv_bytes(HEADER, days(date(2026, 1, 1), 31, times=1000)), "j.csv", "sales").issues
    assert {i["code"] for i in issues} >= {"scale-shift"}
    assert uploads.issues_for(pushing, issues) == ()
    assert uploads.issues_for(cast.finance, issues) == issues


def test_a_lag_is_counted_from_the_last_row_to_its_arrival(world: World, cast: Cast) -> None:
    with knowing.known_to(cast.finance, world.desk, load_scene(), "sales", Mapping()) as found:
        assert found.lags == ((world.now.date() - date(2025, 12, 31)).days,)

