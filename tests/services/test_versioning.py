"""Versions of a definition: what each changed, and an old one in force again - as a new version, never by rewriting."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from dashapp.core.kpi import Kpi
from dashapp.services import auditing, defining, versioning
from dashapp.services.desk import Desk
from tests.cast import Cast
from tests.services.world import World, orders, orders_csv


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def _three(world: World) -> Kpi:
    """Three versions: 1, then 2 with another name, then 3."""
    first = defining.save(world.cast.analyst, world.desk, Kpi("fixed", "Fixed", "1"), "because", now=world.now)
    world.now += timedelta(hours=1)
    second = defining.save(world.cast.admin, world.desk, replace(first, formula="2", name="Better"), "better",
                           now=world.now)
    world.now += timedelta(hours=1)
    return defining.save(world.cast.analyst, world.desk, replace(second, formula="3"), now=world.now)


def test_each_version_says_who_when_why_and_what_it_changed(world: World) -> None:
    _three(world)
    found = versioning.versions(world.cast.executive, world.desk, "fixed")
    assert [(v.change.kpi.version, v.change.saved_by, v.change.why, v.is_current) for v in found] == [
        (3, "analyst@example.org", "", True), (2, "admin@example.org", "better", False),
        (1, "analyst@example.org", "because", False)]
    assert [[(d.name, d.before, d.after) for d in v.differences] for v in found] == [
        [("formula", "2", "3")], [("name", "Fixed", "Better"), ("formula", "1", "2")],
        [("name", None, "Fixed"), ("formula", None, "1")]]
    assert found[0].change.saved_at == world.now
    told = found[1].to_json()
    assert (told["version"], told["why"], told["current"]) == (2, "better", False)
    assert told["definition"]["formula"] == "2"  # type: ignore[index]


def test_an_old_version_is_restored_as_a_new_one_and_every_version_stays(world: World) -> None:
    _three(world)
    saved = versioning.restore(world.cast.analyst, world.desk, "fixed", 1, "the old was right", now=world.now)
    assert (saved.version, saved.name, saved.formula) == (4, "Fixed", "1")
    assert world.total("fixed") == 1
    found = versioning.versions(world.cast.executive, world.desk, "fixed")
    assert [v.change.kpi.formula for v in found] == ["1", "3", "2", "1"]
    assert found[0].change.why == "Restores version 1: the old was right"
    assert auditing.listing(world.cast.admin, limit=1)[0].action == "kpi.save"


def test_a_deleted_kpi_comes_back_by_a_version_of_it(world: World) -> None:
    _three(world)
    defining.delete(world.cast.analyst, world.desk, "fixed", now=world.now)
    gone = versioning.versions(world.cast.executive, world.desk, "fixed")
    assert (gone[0].change.deleted, gone[0].is_current, gone[0].differences) == (True, False, ())
    assert versioning.restore(world.cast.analyst, world.desk, "fixed", 2, now=world.now).version == 5
    assert world.total("fixed") == 2
    with pytest.raises(NotFound):
        versioning.restore(world.cast.analyst, world.desk, "fixed", 4, now=world.now)


def test_what_is_not_there_cannot_be_restored(world: World) -> None:
    _three(world)
    for key, number in (("fixed", 9), ("fixed", 0), ("nothing", 1)):
        with pytest.raises(NotFound):
            versioning.restore(world.cast.analyst, world.desk, key, number, now=world.now)
    with pytest.raises(NotFound):
        versioning.versions(world.cast.executive, world.desk, "nothing")


def test_a_version_whose_names_are_gone_is_refused_and_nothing_changes(world: World) -> None:
    world.bring(orders_csv(orders(20)), "o.csv", "orders", {"key": ["order_id"], "mode": "upsert"})
    first = defining.save(world.cast.analyst, world.desk, Kpi("base", "Base", "1"), now=world.now)
    top = defining.save(world.cast.analyst, world.desk, Kpi("top", "Top", "base + 1"), now=world.now)
    defining.save(world.cast.analyst, world.desk, replace(top, formula="5"), now=world.now)
    defining.delete(world.cast.analyst, world.desk, first.key, now=world.now)
    with pytest.raises(Invalid, match="base"):
        versioning.restore(world.cast.analyst, world.desk, "top", 1, now=world.now)
    assert defining.get(world.cast.analyst, world.desk, "top").kpi.formula == "5"


def test_a_restored_version_that_would_form_a_cycle_is_refused_with_its_path(world: World) -> None:
    one = defining.save(world.cast.analyst, world.desk, Kpi("one", "One", "1"), now=world.now)
    two = defining.save(world.cast.analyst, world.desk, Kpi("two", "Two", "one + 1"), now=world.now)
    defining.save(world.cast.analyst, world.desk, replace(two, formula="2"), now=world.now)
    defining.save(world.cast.analyst, world.desk, replace(one, formula="two"), now=world.now)
    with pytest.raises(Invalid, match="two -> one -> two"):
        versioning.restore(world.cast.analyst, world.desk, "two", 1, now=world.now)


def test_h5_a_restored_draft_is_refused_when_somebody_saved_in_between(world: World) -> None:
    current = _three(world)
    draft = versioning.draft_of(world.cast.analyst, world.desk, "fixed", 1)
    assert draft.version == current.version
    defining.save(world.cast.admin, world.desk, replace(current, formula="4"), now=world.now)
    with pytest.raises(Conflict):
        defining.save(world.cast.analyst, world.desk, draft, now=world.now)


def test_b1_everybody_reads_versions_and_analysts_restore_them(world: World) -> None:
    _three(world)
    with pytest.raises(Forbidden):
        versioning.restore(world.cast.finance, world.desk, "fixed", 1, now=world.now)
    with pytest.raises(Forbidden):
        versioning.draft_of(world.cast.executive, world.desk, "fixed", 1)
    assert len(versioning.versions(world.cast.executive, world.desk, "fixed")) == 3
