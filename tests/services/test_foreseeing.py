"""What an undo or redo would do is told before it is done, and is what it then does."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from dashapp.core.effect import effect_from
from dashapp.core.errors import Conflict, Forbidden, NotFound
from dashapp.core.kpi import Kpi
from dashapp.core.rule import Limits
from dashapp.services import closing, defining, foreseeing, limiting, reverting
from dashapp.services.desk import Desk
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import World, scoped

HEADER = ("Date", "Region", "Revenue")
MAPPING = {"mode": "append", "grain": "day"}
FIRST = [(date(2026, 1, 5), "EMEA", 100), (date(2026, 2, 5), "EMEA", 200)]
SECOND = [(date(2026, 1, 6), "EMEA", 40), (date(2026, 1, 7), "APAC", 5)]


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    found = World(desk, cast)
    found.bring(csv_bytes(HEADER, FIRST), "first.csv", "sales", MAPPING, build=True)
    defining.save(cast.analyst, desk, Kpi("turnover", "Turnover", "sum(sales.revenue)", "currency"), 0, now=found.now)
    limiting.save(cast.analyst, Limits("turnover", "month", "above", warning=130.0, critical=10_000.0), now=found.now)
    return found


@pytest.fixture
def second(world: World) -> str:
    return world.bring(csv_bytes(HEADER, SECOND), "second.csv", "sales", MAPPING).id


def moved(found: foreseeing.Foreseen, kpi: str = "turnover") -> dict[str, tuple[Any, Any]]:
    return {m["period"]: (m["before"], m["after"]) for m in found.moves if m["kpi"] == kpi}


def flips(found: foreseeing.Foreseen) -> list[tuple[str, str, str]]:
    alerts = effect_from(next(e for e in found.consequences if e["kind"] == "alerts"))
    return [(row[2].value, row[3].value, row[4].value) for row in alerts.rows]


def test_an_undo_and_a_redo_tell_figures_and_alerts_that_come_true(world: World, second: str) -> None:
    actor, desk = world.cast.finance, world.desk
    ahead = foreseeing.foresee(actor, desk, second, now=world.now)
    assert (ahead.upload, ahead.live) == (second, False)
    assert moved(ahead) == {"2026-01": (145, 100)}
    assert flips(ahead) == [("2026-01", "warning", "ok")]
    assert world.values("turnover")["2026-01",] == 145, "nothing is changed by looking ahead"
    reverting.undo(actor, desk, second, now=world.now)
    assert world.values("turnover")["2026-01",] == 100
    back = foreseeing.foresee(actor, desk, second, now=world.now)
    assert (back.live, moved(back)) == (True, {"2026-01": (100, 145)})
    assert flips(back) == [("2026-01", "ok", "warning")]


def test_closed_periods_are_told_as_the_undo_itself_finds_them(world: World, second: str) -> None:
    closing.close(world.cast.finance, world.desk, "2026-01", None, now=world.now)
    ahead = foreseeing.foresee(world.cast.finance, world.desk, second, now=world.now)
    assert (ahead.closed.came, ahead.closed.went) == (0, 2)
    assert ahead.closed == reverting.rehearse(world.cast.finance, world.desk, second, now=world.now)
    assert ahead.to_json()["closed"]["went"] == 2


def test_the_periods_that_a_file_replaced_are_looked_at_as_well(world: World) -> None:
    """A short file for January replaced all of it: taking it back brings rows of days that it has none of."""
    monthly = {"mode": "replace-period", "grain": "month"}
    world.bring(csv_bytes(HEADER, FIRST), "first.csv", "ledger", monthly)
    defining.save(world.cast.analyst, world.desk, Kpi("booked", "Booked", "sum(ledger.revenue)"), 0, now=world.now)
    done = world.bring(csv_bytes(HEADER, [(date(2026, 1, 20), "EMEA", 1)]), "short.csv", "ledger", monthly)
    ahead = foreseeing.foresee(world.cast.finance, world.desk, done.id, now=world.now)
    assert moved(ahead, "booked") == {"2026-01": (1, 100)}


def test_a_list_without_dates_has_its_closed_periods_alone(world: World) -> None:
    listed = world.bring(csv_bytes(("sku_id", "category"), [("S1", "a")]), "c.csv", "catalogue",
                         {"kind": "reference", "key": ["sku_id"], "mode": "upsert"})
    ahead = foreseeing.foresee(world.cast.finance, world.desk, listed.id, now=world.now)
    assert (ahead.moves, ahead.consequences, ahead.closed.any) == ((), (), False)


def test_b4_nobody_learns_of_uploads_beyond_their_reach(world: World, second: str) -> None:
    emea = replace(scoped(world.cast.finance, "region=EMEA"), id=world.cast.analyst.id)
    with pytest.raises(NotFound):
        foreseeing.foresee(emea, world.desk, second, now=world.now)
    with pytest.raises(Forbidden):
        foreseeing.foresee(world.cast.executive, world.desk, second, now=world.now)


def test_what_was_never_committed_cannot_be_taken_back(world: World) -> None:
    waiting = world.check(csv_bytes(HEADER, SECOND[:1]), "w.csv", "sales").upload
    with pytest.raises(Conflict, match="nothing to undo"):
        foreseeing.foresee(world.cast.finance, world.desk, waiting, now=world.now)
