"""B5, B6: a person with a data scope gets nothing from outside of it, also after others filled every cache."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashapp.core.actor import Actor
from dashapp.core.filters import Filters
from dashapp.core.kpi import Kpi
from dashapp.core.period import DateRange, Grain
from dashapp.services import (
    asking,
    choosing,
    datasets,
    defining,
    exploring,
    exporting,
    offering,
    overviewing,
    queueing,
    serving,
    targeting,
    uploads,
)
from tests.services.stage import csv_bytes
from tests.services.world import ORDERS_MAPPING, SPAN, World, added, opened, orders, orders_csv, scoped

ROWS = orders(120)
EMEA = [r for r in ROWS if r.region == "EMEA"]
OTHERS = {r.region for r in ROWS} - {"EMEA", ""}
FILTERS = Filters("custom", SPAN.start, SPAN.end, Grain.MONTH, "none")
MONTH = "2025-12"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """Orders of four regions and marketing without regions; an admin has looked at everything first."""
    with opened(tmp_path_factory.mktemp("scopes"), sqlite_template) as found:
        found.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
        marketing = [(date(2025, m, 1), 100 + m) for m in (11, 12)]
        found.bring(csv_bytes(("date", "marketing_spend"), marketing), "m.csv", "marketing", {"grain": "month"})
        defining.save(found.cast.analyst, found.desk, Kpi("skus", "SKUs", "distinct(orders.sku)"), now=found.now)
        _look(found, found.cast.admin)
        serving.build(found.desk, "orders")
        _look(found, found.cast.admin)
        yield found


def _look(world: World, actor: Actor) -> dict[str, Any]:
    """Everything one can be shown."""
    desk, now = world.desk, world.now
    return {
        "values": {(k, g): world.values(k, g, actor=actor) for k in ("revenue", "orders", "skus", "average_order_value")
                   for g in ("day", "month", "year")},
        "split": world.values("revenue", by=("region",), actor=actor),
        "totals": [t.value for t in world.series("revenue", by=("region",), actor=actor).totals],
        "cards": overviewing.overview(actor, desk, FILTERS, now=now).cards,
        "members": choosing.members(actor, desk, "region", now=now),
        "explain": exploring.explain(actor, desk, "revenue", MONTH, now=now),
        "rows": exploring.rows(actor, desk, "revenue", MONTH, now=now, limit=500),
        "datasets": datasets.listing(actor, desk, now=now),
    }


def test_b5_figures_are_those_of_the_scope_alone(world: World) -> None:
    seen = _look(world, world.cast.scoped)
    for grain in ("day", "month", "year"):
        assert seen["values"]["revenue", grain] == added(EMEA, grain)
    assert seen["split"] == added(EMEA, "month", "region")
    assert set(seen["totals"]) == {sum(r.revenue for r in EMEA)}
    assert world.total("orders", actor=world.cast.scoped) == len(EMEA)
    assert world.total("skus", actor=world.cast.scoped) == len({r.sku for r in EMEA})


def test_b5_cards_lists_derivations_and_rows_are_those_of_the_scope_alone(world: World) -> None:
    seen = _look(world, world.cast.scoped)
    cards = {c.kpi.key: c for c in seen["cards"]}
    months = added(EMEA, "month")
    assert (cards["revenue"].value,) == (months[(MONTH,)],)  # the last month that is finished
    assert {p.period.label: p.value for p in cards["revenue"].points if p.value is not None} == {
        k[0]: v for k, v in months.items()}
    assert seen["members"] == ("EMEA",)
    mine = [r for r in EMEA if f"{r.day:%Y-%m}" == MONTH]
    derived, found = seen["explain"], seen["rows"]
    assert (derived.point.value, derived.rows) == (sum(r.revenue for r in mine), len(mine))
    assert [o.rows for o in derived.origins] == [len(mine)]
    assert (found.total, len(found.rows)) == (len(mine), len(mine))
    told = [dict(zip(found.columns, r.cells, strict=True)) for r in found.rows]
    assert {t["region"] for t in told} == {"EMEA"}
    assert {t["order_id"] for t in told} == {r.order_id for r in mine}


def test_b5_data_without_the_scopes_column_are_not_shown_at_all(world: World) -> None:
    series = world.series("marketing_spend", actor=world.cast.scoped)
    assert all(p.value is None and p.reason for p in series.points)
    assert world.total("marketing_spend") == 211 + 12
    cards = {c.kpi.key: c for c in overviewing.overview(world.cast.scoped, world.desk, FILTERS, now=world.now).cards}
    assert cards["marketing_spend"].value is None
    found = exploring.rows(world.cast.scoped, world.desk, "marketing_spend", MONTH, now=world.now)
    assert (found.total, found.rows) == (0, ())
    assert exploring.explain(world.cast.scoped, world.desk, "marketing_spend", MONTH, now=world.now).rows == 0


def test_b5_a_list_of_datasets_tells_no_count_and_no_date_from_outside(world: World) -> None:
    for view in datasets.listing(world.cast.scoped, world.desk, now=world.now):
        assert (view.rows, view.first, view.last, view.uploads) == (0, None, None, 0)
    assert {v.dataset.key: v.rows for v in datasets.listing(world.cast.admin, world.desk, now=world.now)} == {
        "orders": len(ROWS), "marketing": 2}


@pytest.mark.parametrize("where", [("region=APAC",), ("region!=EMEA",), ("region~=A",), ("region=",),
                                   ("region=EMEA|APAC",)])
def test_b5_no_filter_leads_out_of_a_scope(world: World, where: tuple[str, ...]) -> None:
    found = world.values("revenue", where=where, by=("region",), actor=world.cast.scoped)
    assert {k[1] for k in found} <= {"EMEA"}
    part = exploring.part_of((("region", "APAC"),))
    derived = exploring.explain(world.cast.scoped, world.desk, "revenue", MONTH, (), part, now=world.now)
    assert (derived.rows, derived.point.value or 0) == (0, 0)


def test_b5_a_scope_in_the_question_is_replaced_by_the_actors_own(world: World) -> None:
    from dashapp.core.question import Question

    forged = Question(("revenue",), Grain.YEAR, SPAN, scope=())
    assert asking.within(world.cast.scoped, forged).scope == world.cast.scoped.scope
    (series,) = asking.ask(world.cast.scoped, world.desk, forged, now=world.now)
    assert series.total is not None
    assert series.total.value == sum(r.revenue for r in EMEA)


def test_b6_the_same_question_in_two_scopes_has_two_answers_whoever_asks_first(world: World) -> None:
    apac = scoped(world.cast.executive, "region=APAC")
    both = scoped(world.cast.executive, "region=APAC|EMEA")
    question = {"span": DateRange(date(2025, 11, 1), date(2025, 12, 31))}
    for actor, keep in ((apac, {"APAC"}), (world.cast.scoped, {"EMEA"}), (both, {"APAC", "EMEA"}),
                        (world.cast.admin, OTHERS | {"EMEA", ""})) * 2:
        wanted = sum((r.revenue for r in ROWS if r.region in keep and r.day <= date(2025, 12, 31)), Decimal(0))
        assert world.total("revenue", actor=actor, **question) == wanted


def test_b5_a_scope_that_names_nothing_sees_nothing(world: World) -> None:
    seen = _look(world, world.cast.stranger)
    assert all(not v for (k, _), v in seen["values"].items() if k != "orders")
    assert seen["members"] == ()
    assert (seen["rows"].total, seen["explain"].rows) == (0, 0)
    assert all(not c.value for c in seen["cards"])


def test_b5_targets_of_the_whole_company_are_not_compared_with_a_part(world: World) -> None:
    targeting.save(world.cast.finance, world.desk, "revenue", MONTH, 999.0, now=world.now)
    mine = world.series("revenue", actor=world.cast.scoped, compare="target")
    assert all(p.compare is None for p in mine.points)
    cards = overviewing.overview(world.cast.scoped, world.desk, FILTERS, now=world.now).cards
    assert all(c.target is None for c in cards)
    whole = {p.period.label: p.compare for p in world.series("revenue", compare="target").points if p.compare}
    assert whole[MONTH].value == 999.0


def test_b5_exports_hold_the_scope_alone(world: World) -> None:
    emea = scoped(world.cast.finance, "region=EMEA")
    _, _, content = exporting.rows(emea, world.desk, "revenue", MONTH, "csv", now=world.now)
    text = content.decode("utf-8-sig")
    assert "EMEA" in text
    assert not any(other in text for other in OTHERS)
    assert not any(r.order_id in text for r in ROWS if r.region != "EMEA")


def test_b4_scoped_people_see_neither_uploads_nor_previews_of_others(world: World) -> None:
    emea = scoped(world.cast.finance, "region=EMEA")
    emea = replace(emea, id=world.cast.analyst.id)
    assert uploads.listing(emea, world.desk) == ()
    (theirs, *_) = uploads.listing(world.cast.finance, world.desk)
    for verb in (uploads.status, uploads.original, uploads.quarantine, queueing.job_of, offering.offers):
        with pytest.raises(Exception, match="no such upload"):
            verb(emea, world.desk, theirs.id)
