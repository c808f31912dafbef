"""Questions to the service: moments that have not come, targets of periods that are not over, KPIs nobody defined."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dashapp.core.errors import Forbidden, Invalid, NotFound, NotSignedIn
from dashapp.core.filters import Filters
from dashapp.core.organisation import Organisation
from dashapp.core.period import DateRange, Grain
from dashapp.core.question import Question
from dashapp.services import asking, exploring, exporting, overviewing, strictly, targeting
from tests.conftest import NOW
from tests.services.world import ORDERS_MAPPING, SPAN, World, added, opened, orders, orders_csv, scoped

ROWS = [r for r in orders(400, start=date(2025, 9, 1)) if r.day <= date(2026, 3, 14)]
LATER = NOW + timedelta(minutes=1)
MONTHS = DateRange(date(2026, 1, 1), date(2026, 3, 31))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """Orders since September up to the fourteenth of March; targets of three months. Tests only read it."""
    with opened(tmp_path_factory.mktemp("asking"), sqlite_template) as found:
        found.bring(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING)
        for month, value in {"2026-01": 100.0, "2026-03": 1e6}.items():
            targeting.save(found.cast.finance, found.desk, "revenue", month, value, now=NOW)
        yield found


def question(*kpis: str, **more: object) -> Question:
    return replace(Question(kpis or ("revenue",), Grain.MONTH, MONTHS), **more)  # type: ignore[arg-type]


DOORS: dict[str, Callable[[World], object]] = {
    "ask": lambda w: asking.ask(w.cast.executive, w.desk, question(as_of=LATER), now=NOW),
    "strictly": lambda w: strictly.ask(w.cast.executive, w.desk, question(as_of=LATER), now=NOW),
    "overview": lambda w: overviewing.overview(w.cast.executive, w.desk, Filters(as_of=LATER), now=NOW),
    "explain": lambda w: exploring.explain(w.cast.executive, w.desk, "revenue", "2026-02", as_of=LATER, now=NOW),
    "rows": lambda w: exploring.rows(w.cast.executive, w.desk, "revenue", "2026-02", as_of=LATER, now=NOW),
    "export": lambda w: exporting.series(w.cast.executive, w.desk, question(as_of=LATER), "csv", now=NOW),
    "export rows": lambda w: exporting.rows(w.cast.finance, w.desk, "revenue", "2026-02", "csv", as_of=LATER, now=NOW),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_will_be_known_is_asked_through_no_door(world: World, door: str) -> None:
    with pytest.raises(Invalid, match=r"16 Mar 2026, 09:01 \(UTC\) has not come yet"):
        DOORS[door](world)


def test_the_refusal_names_the_moment_in_the_zone_of_the_organisation(world: World) -> None:
    desk = replace(world.desk, organisation=Organisation(timezone="Asia/Tokyo"))
    with pytest.raises(Invalid, match=r"18:01 \(Asia/Tokyo\)"):
        asking.ask(world.cast.executive, desk, question(as_of=LATER), now=NOW)


def test_what_is_known_at_this_very_moment_is_what_is_known_now(world: World) -> None:
    now = {p.period.label: p.value for p in world.series("revenue").points if p.value is not None}
    (then,) = asking.ask(world.cast.executive, world.desk, replace(question(), span=SPAN, as_of=NOW), now=NOW)
    assert {p.period.label: p.value for p in then.points if p.value is not None} == now
    assert now["2026-02"] == added(ROWS, "month")[("2026-02",)]


def test_before_the_first_upload_nothing_was_known_and_that_is_the_reason(world: World) -> None:
    early, late = (asking.ask(world.cast.executive, world.desk, question(as_of=moment), now=NOW)[0]
                   for moment in (NOW - timedelta(days=30), NOW))
    assert {(p.value, p.reason) for p in early.points} == {(None, "No rows were known at that moment.")}
    assert all(p.value is not None for p in late.points)


def test_an_unfinished_month_is_not_held_against_its_whole_target(world: World) -> None:
    (series,) = asking.ask(world.cast.executive, world.desk, question(compare="target"), now=NOW)
    january, february, march = series.points
    whole = added(ROWS, "month")[("2026-01",)]
    assert january.compare is not None
    assert (january.compare.value, january.compare.change) == (100.0, pytest.approx(float(whole) - 100))
    assert (february.compare, february.complete) == (None, True)
    assert (march.complete, march.value) == (False, added(ROWS, "month")[("2026-03",)])
    assert march.compare is not None
    assert (march.compare.value, march.compare.change, march.compare.change_ratio) == (1e6, None, None)
    assert march.compare.reason == "the period is not whole"
    assert [t.compare for t in series.totals] == [None], "nor is the range against targets that cover a part of it"


def test_a_target_is_no_measure_of_a_part(world: World) -> None:
    everything = question(compare="target")
    for actor, asked in ((world.cast.executive, replace(everything, by=("region",))),
                         (scoped(world.cast.executive, "region=EMEA"), everything)):
        (series,) = asking.ask(actor, world.desk, asked, now=NOW)
        assert {p.compare for p in series.points} == {None}


def test_a_kpi_that_nobody_defined_is_named_with_the_nearest_one(world: World) -> None:
    with pytest.raises(NotFound, match=r"There is no KPI .revenu.\. Did you mean .revenue.\?"):
        asking.ask(world.cast.executive, world.desk, question("revenu"), now=NOW)
    with pytest.raises(NotFound, match=r"There is no KPI .zzz.\.$"):
        asking.ask(world.cast.executive, world.desk, question("revenue", "zzz"), now=NOW)


def test_whatever_scope_a_question_carries_the_one_of_the_actor_holds(world: World) -> None:
    emea = scoped(world.cast.executive, "region=EMEA")
    forged = replace(question(), scope=())
    (series,) = asking.ask(emea, world.desk, forged, now=NOW)
    wanted: dict[str, Decimal] = {k[0]: v for k, v in added([r for r in ROWS if r.region == "EMEA"], "month").items()}
    assert {p.period.label: p.value for p in series.points} == {m: wanted[m] for m in ("2026-01", "2026-02", "2026-03")}
    (whole,) = asking.ask(world.cast.executive, world.desk, forged, now=NOW)
    assert whole.points[0].value == added(ROWS, "month")[("2026-01",)], "kept answers are kept apart by scope"


def test_the_version_of_the_data_is_told_to_people_only(world: World) -> None:
    from dashapp.core.actor import ANONYMOUS

    before = asking.data_version(world.cast.stranger, world.desk)
    assert before == asking.data_version(world.cast.admin, world.desk)
    with pytest.raises((Forbidden, NotSignedIn)):
        asking.data_version(ANONYMOUS, world.desk)
