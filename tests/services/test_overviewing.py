"""The overview: what its cards speak of, and that everybody sees only what is theirs."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashapp.core.actor import ANONYMOUS
from dashapp.core.calendar import Calendar
from dashapp.core.card import Card, headline
from dashapp.core.errors import NotSignedIn
from dashapp.core.filters import Filters
from dashapp.core.period import Grain
from dashapp.core.rule import Limits
from dashapp.core.series import Point
from dashapp.core.where import parse_where
from dashapp.services import defining, limiting, overviewing, targeting
from tests.conftest import NOW
from tests.services.stage import csv_bytes
from tests.services.world import World, opened, scoped

CALENDAR = Calendar()
FIRST, LAST = date(2025, 1, 17), date(2026, 3, 9)
DAYS = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]


def _revenue(day: date) -> int:
    return 100 + 10 * day.month + (day.year - 2025) * 7


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """Daily revenue from 17 January 2025 to 9 March 2026, half of it in EMEA, and a monthly sheet until January."""
    with opened(tmp_path_factory.mktemp("overview"), sqlite_template) as world:
        rows = [(d.isoformat(), region, _revenue(d)) for d in DAYS for region in ("EMEA", "APAC")]
        world.bring(csv_bytes(("Date", "Region", "Revenue"), rows), "daily.csv", "daily",
                    {"key": ["date", "region"], "mode": "upsert", "grain": "day"})
        months = [CALENDAR.parse(f"{2025 + n // 12}-{n % 12 + 1:02d}").start for n in range(13)]
        world.bring(csv_bytes(("Date", "Cash Flow"), [(d.isoformat(), 500 + d.month) for d in months]), "cash.csv",
                    "cash", {"key": ["date"], "mode": "upsert", "grain": "month"})
        known = {v.kpi.key for v in defining.listing(world.cast.admin, world.desk)}
        for view in defining.offers(world.cast.admin, world.desk):
            if view.kpi.key in ("revenue", "operating_cash_flow", "revenue_growth") and view.kpi.key not in known:
                defining.save(world.cast.admin, world.desk, view.kpi, "", now=NOW)
        yield world


def _cards(shop: World, actor=None, **filters) -> dict[str, Card]:
    found = overviewing.overview(actor or shop.cast.executive, shop.desk, Filters(**filters), now=NOW)
    return {c.kpi.key: c for c in found.cards}


def _sum(first: date, last: date) -> Decimal:
    return Decimal(sum(2 * _revenue(d) for d in DAYS if first <= d <= last))


def test_a_card_speaks_of_the_last_complete_month(shop):
    card = _cards(shop)["revenue"]
    assert (card.period.label, card.complete) == ("2026-02", True)
    assert card.value == _sum(date(2026, 2, 1), date(2026, 2, 28))
    assert card.compare.value == _sum(date(2025, 2, 1), date(2025, 2, 28))
    assert (card.compare.kind, card.compare.label, card.compare.part_until) == ("previous_year", "2025-02", None)


def test_the_unfinished_month_is_told_like_for_like(shop):
    so_far = _cards(shop)["revenue"].so_far
    assert so_far.period.label == "2026-03"
    assert so_far.value == _sum(date(2026, 3, 1), LAST)
    assert so_far.compare.value == _sum(date(2025, 3, 1), date(2025, 3, 9))
    assert so_far.compare.part_until == date(2025, 3, 9)


def test_the_whole_range_stays_available_but_is_no_comparison_with_half_a_year(shop):
    card = _cards(shop)["revenue"]
    assert card.total.value == _sum(date(2025, 4, 1), LAST)
    assert card.total.compare.value is None
    assert card.total.compare.reason == "Data begin on 17 Jan 2025."


def test_growth_is_that_of_a_month_and_not_of_a_year(shop):
    card = _cards(shop)["revenue_growth"]
    now, before = _sum(date(2026, 2, 1), date(2026, 2, 28)), _sum(date(2026, 1, 1), date(2026, 1, 31))
    assert float(card.value) == pytest.approx(float((now - before) / before))


def test_without_a_complete_period_the_unfinished_one_is_the_headline(shop):
    card = _cards(shop, range="MTD")["revenue"]
    assert (card.period.label, card.complete, card.so_far) == ("2026-03", False, None)
    assert card.value == _sum(date(2026, 3, 1), LAST)
    assert card.compare.part_until == date(2025, 3, 9)


def test_every_grain_has_its_own_last_complete_period(shop):
    labels = {g: _cards(shop, range="YTD", grain=Grain(g))["revenue"].period.label for g in ("day", "week", "quarter")}
    assert labels == {"day": "2026-03-09", "week": "2026-W10", "quarter": "2026-Q1"}
    assert not _cards(shop, range="YTD", grain=Grain.QUARTER)["revenue"].complete


def test_monthly_data_asked_by_week_are_told_by_month_and_say_so(shop):
    card = _cards(shop, grain=Grain.WEEK)["operating_cash_flow"]
    assert (card.period.label, card.value) == ("2026-01", Decimal(501))
    assert "Its data are by month." in card.warnings
    assert _cards(shop)["operating_cash_flow"].warnings == ()


def test_a_target_is_compared_with_its_own_period(shop):
    targeting.save(shop.cast.finance, shop.desk, "revenue", "2026-02", 6000.0, now=NOW)
    targeting.save(shop.cast.finance, shop.desk, "revenue", "2026-03", 9000.0, now=NOW)
    card = _cards(shop, compare="target")["revenue"]
    assert (card.compare.value, card.compare.kind) == (6000.0, "target")
    assert card.compare.change == float(card.value) - 6000.0
    assert card.so_far.compare.value == 9000.0
    assert (card.target, card.target_period.label) == (9000.0, "2026-03")
    assert card.target_actual == _sum(date(2026, 3, 1), LAST)
    filtered = _cards(shop, compare="target", where=(parse_where("region=EMEA"),))["revenue"]
    assert (filtered.compare, filtered.target) == (None, None), "a target of the whole company says nothing of a part"


def test_the_status_follows_the_limits_of_the_last_complete_period(shop):
    value = float(_cards(shop)["revenue"].value)
    saved = limiting.save(shop.cast.analyst, Limits("revenue", "month", "below", value + 2, value + 1), now=NOW)
    card = _cards(shop)["revenue"]
    assert (card.status, card.status_period.label) == ("critical", "2026-02")
    saved = limiting.save(shop.cast.analyst, replace(saved, warning=value + 1, critical=value - 1), now=NOW)
    assert _cards(shop)["revenue"].status == "warning"
    limiting.save(shop.cast.analyst, replace(saved, warning=value - 1, critical=value - 2), now=NOW)
    assert _cards(shop)["revenue"].status == "ok"


def test_a_scope_cuts_every_figure_of_the_cards(shop):
    mine = _cards(shop, scoped(shop.cast.executive, "region=EMEA"))["revenue"]
    everything = _cards(shop)["revenue"]
    assert mine.value * 2 == everything.value
    assert mine.so_far.value * 2 == everything.so_far.value
    assert mine.total.value * 2 == everything.total.value


def test_nobody_who_is_not_signed_in_sees_an_overview(shop):
    with pytest.raises(NotSignedIn):
        overviewing.overview(ANONYMOUS, shop.desk, Filters(), now=NOW)


def test_the_json_names_the_period_the_unfinished_one_and_the_total(shop):
    told = overviewing.card_json(_cards(shop)["revenue"])
    assert (told["period"], told["grain"], told["complete"]) == ("2026-02", "month", True)
    assert told["value"] == float(_sum(date(2026, 2, 1), date(2026, 2, 28)))
    assert told["so_far"]["period"] == "2026-03"
    assert told["so_far"]["comparison"]["part_until"] == "2025-03-09"
    assert told["total"]["value"] == float(_sum(date(2025, 4, 1), LAST))
    assert told["comparison"]["kind"] == "previous_year"
    assert len(told["trend"]) == 12


def _point(label: str, value: float | None, complete: bool = True) -> Point:
    return Point(CALENDAR.parse(label), (), value, complete, None if value is not None else "no rows")


@pytest.mark.parametrize(("points", "told", "so_far"), [
    ([], None, None),
    ([_point("2026-01", 1), _point("2026-02", 2), _point("2026-03", 3, False)], "2026-02", "2026-03"),
    ([_point("2026-01", 1), _point("2026-02", None)], "2026-01", None),
    ([_point("2026-02", 1, False), _point("2026-03", None, False)], "2026-02", None),
    ([_point("2026-01", None), _point("2026-02", None, False)], "2026-02", None),
    ([_point("2026-02", 2), _point("2026-03", None, False)], "2026-02", None),
])
def test_the_headline_is_the_last_finished_period_with_a_value(points, told, so_far):
    found = headline(points)
    assert [p and p.period.label for p in found] == [told, so_far]


def test_a_finished_period_without_a_value_is_named(shop):
    card = _cards(shop, range="custom", start=date(2026, 1, 1), end=date(2026, 3, 31))["operating_cash_flow"]
    assert card.period.label == "2026-01"
    points = tuple(replace(p, complete=True) for p in card.points)
    assert overviewing._skipped(headline(points)[0], points) == ("No value for 2026-03: No rows in this period.",)


def test_b5_limits_of_the_whole_company_never_judge_a_part_of_it(shop):
    version = next((x.version for x in limiting.listing(shop.cast.admin) if x.kpi == "revenue"), 0)
    limiting.save(shop.cast.analyst, Limits("revenue", "month", "below", 1e9, 1e8, version), now=NOW)
    emea = scoped(shop.cast.executive, "region=EMEA")
    assert _cards(shop)["revenue"].status == "critical"
    assert _cards(shop, where=(parse_where("region=EMEA"),))["revenue"].status == "none"
    assert _cards(shop, emea)["revenue"].status == "none"
    assert overviewing.judged(emea, shop.desk, "revenue", now=NOW) == ()


def test_all_cards_of_one_answer_stand_on_one_picture(shop: World, monkeypatch) -> None:
    """A commit between two of its questions must not give cards of two states."""
    from dashapp.services import asking

    limiting.save(shop.cast.admin, Limits("revenue", "quarter", "below", 1.0, 0.5, 0), now=NOW)
    targeting.save(shop.cast.admin, shop.desk, "revenue", "2026-02", 1000.0, now=NOW)
    read = []
    real = overviewing.load_scene
    monkeypatch.setattr(overviewing, "load_scene", lambda: read.append(1) or real())
    monkeypatch.setattr(asking, "load_scene", lambda: pytest.fail("a question read a picture of its own"))
    assert len(_cards(shop, grain=Grain.MONTH)) >= 3
    assert read == [1]


def test_the_grains_of_the_past_are_those_of_its_definitions(shop: World) -> None:
    scene = overviewing.load_scene()
    now, then = (overviewing._grains(scene, scene.kpis_at(moment)[0]) for moment in (None, NOW + timedelta(days=1)))
    assert now == then
    assert now["operating_cash_flow"] is Grain.MONTH
