"""The demo company's limits and targets: worked out from its own months, on the cards, and gone with it."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from flask import Flask

from dashapp.core.filters import Filters
from dashapp.core.kpi import Kpi
from dashapp.core.rule import Limits
from dashapp.services import auditing, defining, demo_goals, demonstrating, keeping, limiting, overviewing, targeting
from dashapp.services.desk import Desk
from models import db
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import World, opened

LONG: dict[str, Any] = {"days": 430, "orders": 1500}
SMALL: dict[str, Any] = {"days": 140, "orders": 600}


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("goals"), sqlite_template) as found:
        demonstrating.load(found.cast.admin, found.desk, now=found.now, **LONG)
        yield found


def test_limits_are_shares_of_the_mean_of_twelve_finished_months_on_the_bad_side(company: World) -> None:
    found = {x.kpi: x for x in limiting.listing(company.cast.executive)}
    assert set(found) == set(demo_goals.WATCHED)
    for key, (warning, critical) in demo_goals.WATCHED.items():
        months = [v for (label,), v in company.values(key).items() if "2025-03" <= label <= "2026-02"]
        mean = fmean(float(v) for v in months)
        limits = found[key]
        assert limits.warning == pytest.approx(warning * mean, rel=0.06), key  # rounded as people write them
        assert limits.critical == pytest.approx(critical * mean, rel=0.06), key
        assert (limits.grain, limits.side) == ("month", "above" if key in ("churn", "defect_rate") else "below")


def test_the_first_overview_shows_a_status_on_every_watched_card(company: World) -> None:
    view = overviewing.overview(company.cast.executive, company.desk, Filters(), now=company.now)
    told = {c.kpi.key: c.status for c in view.cards if c.status != "none"}
    assert set(told) == set(demo_goals.WATCHED)
    assert list(told.values()).count("ok") > len(told) / 2
    limits = {x.kpi: x for x in limiting.listing(company.cast.executive)}
    for key, status in told.items():
        february, sign = float(company.values(key)["2026-02",]), 1 if limits[key].side == "above" else -1
        beyond = sum(sign * february >= sign * float(x or 0) for x in (limits[key].warning, limits[key].critical))
        assert status == ("ok", "warning", "critical")[beyond], key


def test_revenue_has_a_target_five_percent_above_the_same_month_a_year_earlier(company: World) -> None:
    found = {t.period: t.value for t in targeting.listing(company.cast.executive, company.desk)}
    months = company.values("revenue")
    assert set(found) == {"2026-02", "2026-03"}
    for label, before in (("2026-02", "2025-02"), ("2026-03", "2025-03")):
        assert found[label] == pytest.approx(1.05 * float(months[before,]), rel=0.06)
    view = overviewing.overview(company.cast.executive, company.desk, Filters(), now=company.now)
    card = next(c for c in view.cards if c.kpi.key == "revenue")
    assert (card.target, card.target_period and card.target_period.label) == (found["2026-03"], "2026-03")


def test_each_is_a_line_in_the_audit_trail_of_whoever_loaded_the_company(company: World) -> None:
    lines = auditing.listing(company.cast.admin, limit=200, who=company.cast.admin.email)
    mine = [line.action for line in lines]
    assert mine.count("limits.save") == len(demo_goals.WATCHED)
    assert mine.count("target.save") == 2


def test_a_load_killed_after_the_goals_starts_anew_and_they_go_with_the_company(
        world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    admin = world.cast.admin
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "put_mark", stop)
        with pytest.raises(KeyboardInterrupt):
            demonstrating.load(admin, world.desk, now=world.now, **SMALL)
    db.session.rollback()
    left = limiting.listing(admin)
    assert left
    assert not demonstrating.was_loaded()
    demonstrating.load(admin, world.desk, now=world.now, **SMALL)
    assert limiting.listing(admin) == left
    limiting.save(admin, Limits("revenue", "month", "below", 1.0, None, 1), now=world.now)
    demonstrating.load(admin, world.desk, now=world.now, reset=True, **SMALL)
    assert limiting.listing(admin) == left, "a reset company has its own limits again"
    demonstrating.remove(admin, world.desk, now=world.now)
    assert (limiting.listing(admin), targeting.listing(admin, world.desk)) == ((), ())


def test_kpis_of_somebodys_own_data_are_never_judged_by_the_demo(world: World) -> None:
    data = csv_bytes(("date", "revenue"), [(f"2026-{m:02d}-01", 10) for m in (1, 2, 3)])
    world.bring(data, "s.csv", "own_sales", {"mode": "append", "key": []})
    demonstrating.load(world.cast.admin, world.desk, now=world.now, **SMALL)
    assert world.total("revenue") == 30
    assert "revenue" not in {x.kpi for x in limiting.listing(world.cast.admin)}
    assert targeting.listing(world.cast.admin, world.desk, "revenue") == ()
    assert defining.get(world.cast.admin, world.desk, "churn").kpi.key in {
        x.kpi for x in limiting.listing(world.cast.admin)}


def test_two_months_say_nothing_about_what_is_usual(world: World) -> None:
    demonstrating.load(world.cast.admin, world.desk, now=world.now, days=70, orders=600)
    assert (limiting.listing(world.cast.admin), targeting.listing(world.cast.admin, world.desk)) == ((), ())
    assert demo_goals.limits_of(Kpi("revenue", "Revenue", "sum(revenue)"), ()) is None
