"""The overview is there before anybody asks: for every data scope in use, as soon as a version is served."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import current_app

from dashapp.core.filters import Filters
from dashapp.core.where import parse_wheres
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import accounts, asking, overviewing, preparing, serving, working
from dashapp.services.caching import Answers
from dashapp.services.unit import reading, writing
from models import DatasetRow, Job
from tests.services.world import ORDERS_MAPPING, World, opened, orders, orders_csv

ROWS = orders(40)


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    with opened(tmp_path, sqlite_template) as found:
        found.bring(orders_csv(ROWS), "orders.csv", "orders", ORDERS_MAPPING)
        yield found


def jobs() -> list[tuple[str, str]]:
    with reading() as session:
        return [(j.kind, j.state) for j in session.query(Job).order_by(Job.kind.desc()).populate_existing()]


def work(world: World) -> None:
    """A worker does all there is to do."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    worker = Worker(app, lambda: world.desk, HANDLERS, clock=lambda: world.now)
    while worker.step():
        pass


def fresh(world: World) -> World:
    """Another process of the installation, in which nothing may be computed."""
    return replace(world, desk=replace(world.desk, answers=Answers(world.desk.folder / "cache", world.desk.secret)))


def test_after_a_publish_the_overview_of_everybody_is_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert jobs() == [("serving.build", "queued")]
    work(world)
    assert jobs() == [("serving.build", "done"), ("quality.measure", "done"), ("overview.warm", "done")]
    web = fresh(world)

    def computed(*_args: Any, **_more: Any) -> None:
        raise AssertionError("this should have been prepared")

    monkeypatch.setattr(asking, "answer_on", computed)
    for person in ("admin", "executive", "scoped", "stranger"):
        view = overviewing.overview(getattr(world.cast, person), web.desk, Filters(), now=world.now)
        assert view.cards
    whole, part = (overviewing.overview(actor, web.desk, Filters(), now=world.now).cards[0].total
                   for actor in (world.cast.admin, world.cast.scoped))
    assert whole is not None
    assert part is not None
    assert whole.value != part.value


def test_it_is_queued_with_the_served_version_or_not_at_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: Any, **_more: Any) -> str:
        raise RuntimeError("no job today")

    with monkeypatch.context() as patch:
        patch.setattr(preparing, "queue", refused)
        with pytest.raises(RuntimeError):
            serving.build(world.desk, "orders", now=world.now)
    with reading() as session:
        assert session.query(DatasetRow.served_version).scalar() == 0
    serving.build(world.desk, "orders", now=world.now)
    serving.build(world.desk, "orders", now=world.now)
    assert [k for k, _ in jobs()].count("overview.warm") == 1, "a build that changed nothing asks for nothing"


def test_many_causes_wait_as_one_job(world: World) -> None:
    with writing() as session:
        ids = {preparing.queue(session, now=world.now) for _ in range(3)}
    assert len(ids) == 1


def test_admins_see_the_job_and_its_result_and_others_do_not(world: World) -> None:
    work(world)
    (mine,) = [j for j in working.listing(world.cast.admin) if j.kind == "overview.warm"]
    assert (mine.state, mine.result) == ("done", {"scopes": 3, "left": 0})
    assert working.listing(world.cast.analyst) == ()


def test_scopes_in_use_are_those_of_people_who_may_sign_in(world: World) -> None:
    emea, nowhere = parse_wheres(["region=EMEA"]), parse_wheres(["region=Nowhere"])
    assert preparing.scopes_in_use() == ((), emea, nowhere)
    assert world.cast.stranger.id
    accounts.disable_user(world.cast.admin, world.cast.stranger.id, now=world.now)
    accounts.set_scope(world.cast.admin, world.cast.finance.id or "", ["region=EMEA"], now=world.now)
    assert preparing.scopes_in_use() == ((), emea)


def test_progress_is_told_and_scopes_beyond_the_limit_are_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "MOST", 2)
    told: list[tuple[float, str]] = []
    done = preparing.warm(world.desk, now=world.now, progress=lambda share, step: told.append((share, step)))
    assert done == {"scopes": 3, "left": 1}
    assert told == [(0.0, "overview 1 of 2"), (1 / 3, "overview 2 of 2")]
