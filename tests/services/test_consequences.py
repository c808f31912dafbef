"""The registry of what follows of a commit: each file is one kind, and whatever is added is asked and shown."""
from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from dashapp.core.effect import Cell, Effect, effect_from
from dashapp.core.errors import Unavailable
from dashapp.core.kpi import Kpi
from dashapp.core.words import Words
from dashapp.services import consequences, defining
from dashapp.services.consequences import KINDS, Commit, Kind
from dashapp.services.desk import Desk
from dashapp.ui.imports import dry_run
from tests.cast import Cast
from tests.services.stage import csv_bytes
from tests.services.world import World
from tests.ui.tree import text

HEADER, MAPPING = ("Date", "Revenue"), {"mode": "append", "grain": "day"}


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    found = World(desk, cast)
    found.bring(csv_bytes(HEADER, [("2026-01-05", 10), ("2026-02-05", 20)]), "a.csv", "sales", MAPPING)
    defining.save(cast.analyst, desk, Kpi("turnover", "Turnover", "sum(sales.revenue)"), 0, now=found.now)
    return found


def editions(commit: Commit) -> Effect:
    """As a room of published reports would say it, by the same answers that the other kinds look at."""
    before, after = commit.answers(commit.keys, commit.grain_of("turnover"))
    assert before["turnover"].points[0].value != after["turnover"].points[0].value
    return Effect("editions", "Published reports", "1 report would be stale.", (("report", "Report"),),
                  ((Cell("board", "Board pack"),),), 1)


def test_every_file_is_one_kind_of_its_name() -> None:
    there = {p.stem for p in Path(consequences.__file__).parent.glob("[!_]*.py")}
    assert {k.name for k in KINDS} == there
    assert len({k.order for k in KINDS}) == len(there), "each has its place"


def test_a_kind_that_is_added_is_asked_kept_and_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consequences, "KINDS", [*KINDS, Kind("editions", 30, editions)])
    checked = world.check(csv_bytes(HEADER, [("2026-01-06", 5)]), "b.csv", "sales")
    kinds = [effect_from(e) for e in checked.consequences]
    assert [e.name for e in kinds] == ["plausibility", "alerts", "editions"]
    assert kinds[-1].rows == ((Cell("board", "Board pack"),),)
    told = text(dry_run(checked.to_json(), Words()))
    assert "Published reports" in told
    assert "Board pack" in told


def test_what_cannot_be_found_out_is_said_instead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_commit: Commit) -> Effect:
        raise Unavailable("This question took longer than 20 seconds.")

    monkeypatch.setattr(consequences, "KINDS", [Kind("slow", 1, slow)])
    (told,) = world.check(csv_bytes(HEADER, [("2026-01-06", 5)]), "b.csv", "sales").consequences
    assert told["summary"] == "It could not be found out: This question took longer than 20 seconds."


def test_a_dataset_on_which_nothing_stands_has_no_consequences(world: World) -> None:
    checked = world.check(csv_bytes(HEADER, [("2026-01-06", 5)]), "c.csv", "others", MAPPING)
    assert checked.consequences == ()
