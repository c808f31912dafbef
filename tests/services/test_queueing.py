"""Checks and commits as jobs: what was asked for last is what is done, for whoever asked, and nothing twice."""
from __future__ import annotations

import pytest
from flask import Flask

from dashapp.core.errors import Conflict, Forbidden, NotFound
from dashapp.core.mapping import Mapping, mapping_from_json
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import accounts, queueing, uploads, working
from dashapp.services.desk import Desk
from models import Job, db
from tests.cast import Cast
from tests.services.world import ORDERS_MAPPING, World, orders, orders_csv, scoped

ROWS = orders(30)
APPEND = mapping_from_json({"mode": "append", "key": []})
KEYED = mapping_from_json(ORDERS_MAPPING)


@pytest.fixture
def world(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def work(world: World, app: Flask) -> None:
    worker = Worker(app, lambda: world.desk, HANDLERS, clock=lambda: world.now)
    while worker.step():
        pass


def check(world: World, upload: str, mapping: Mapping, *, by: str = "finance") -> str:
    return queueing.queue_check(getattr(world.cast, by), world.desk, upload, mapping, now=world.now)


def test_a_check_that_is_asked_for_again_while_it_waits_is_done_as_it_was_asked_last(
        world: World, sqlite_database: Flask) -> None:
    upload = world.receive(orders_csv(ROWS), "o.csv", "orders")
    first, second = check(world, upload, APPEND), check(world, upload, KEYED, by="admin")
    assert first == second, "one job"
    work(world, sqlite_database)
    found = uploads.status(world.cast.finance, world.desk, upload)
    assert found.result is not None
    assert (found.result["mode"], found.result["key"]) == ("upsert", ["order_id"])
    job = db.session.get(Job, first)
    assert job is not None
    assert (job.user_id, job.state) == (world.cast.admin.id, "done")


def test_a_check_asked_for_while_another_runs_is_done_after_it(world: World, sqlite_database: Flask) -> None:
    upload = world.receive(orders_csv(ROWS), "o.csv", "orders")
    first = check(world, upload, APPEND)
    claim = working.claim("w", now=world.now)
    assert claim is not None
    assert claim.id == first
    second = check(world, upload, KEYED)
    assert second != first
    assert working.claim("other", now=world.now) is None, "never two of one upload at a time"
    working.finish(claim, None, now=world.now)
    work(world, sqlite_database)
    assert (uploads.status(world.cast.finance, world.desk, upload).result or {})["mode"] == "upsert"


def test_a_job_that_was_asked_for_is_found_by_its_upload_and_by_nobody_who_may_not_see_that(world: World) -> None:
    upload = world.receive(orders_csv(ROWS), "o.csv", "orders")
    assert queueing.job_of(world.cast.finance, world.desk, upload) is None
    job = check(world, upload, APPEND)
    found = queueing.job_of(world.cast.admin, world.desk, upload)
    assert found is not None
    assert (found.id, found.state) == (job, "queued")
    with pytest.raises(Forbidden):
        queueing.job_of(world.cast.executive, world.desk, upload)
    for actor in (scoped(world.cast.analyst, "region=EMEA"),):
        with pytest.raises(NotFound):
            queueing.job_of(actor, world.desk, upload)


def test_a_commit_is_queued_for_the_newest_preview_only_and_once(world: World, sqlite_database: Flask) -> None:
    checked = world.check(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING)
    with pytest.raises(Conflict, match="not the newest one"):
        queueing.queue(world.cast.finance, world.desk, checked.upload, "0" * 64, now=world.now)
    one, two = (queueing.queue(world.cast.finance, world.desk, checked.upload, checked.digest, now=world.now)
                for _ in range(2))
    assert one == two
    work(world, sqlite_database)
    assert uploads.status(world.cast.finance, world.desk, checked.upload).commit == 1
    assert world.total("revenue") == sum(r.revenue for r in ROWS)
    with pytest.raises(Conflict, match="This upload is committed"):
        queueing.queue(world.cast.finance, world.desk, checked.upload, checked.digest, now=world.now)
    with pytest.raises(Conflict, match="This upload is committed"):
        queueing.queue_ingest(world.cast.finance, world.desk, checked.upload, KEYED, now=world.now)


def test_what_a_file_cannot_say_stands_on_the_upload_when_its_job_fails(world: World, sqlite_database: Flask) -> None:
    upload = world.receive(orders_csv(ROWS), "o.csv", "orders")
    queueing.queue_ingest(world.cast.finance, world.desk, upload, mapping_from_json({"key": ["zebra"]}), now=world.now)
    assert uploads.status(world.cast.finance, world.desk, upload).state == "queued"
    work(world, sqlite_database)
    found = uploads.status(world.cast.finance, world.desk, upload)
    assert (found.state, "zebra" in (found.error or "")) == ("failed", True)
    job = queueing.job_of(world.cast.finance, world.desk, upload)
    assert job is not None
    assert (job.state, job.error) == ("failed", found.error)


@pytest.mark.parametrize("kind", ["check", "ingest", "commit"])
def test_b6_a_job_of_somebody_who_was_disabled_meanwhile_does_nothing(
        world: World, sqlite_database: Flask, kind: str) -> None:
    checked = world.check(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING)
    actor, desk = world.cast.finance, world.desk
    if kind == "check":
        check(world, checked.upload, APPEND)
    elif kind == "ingest":
        queueing.queue_ingest(actor, desk, checked.upload, KEYED, now=world.now)
    else:
        queueing.queue(actor, desk, checked.upload, checked.digest, now=world.now)
    accounts.disable_user(world.cast.admin, str(actor.id), now=world.now)
    work(world, sqlite_database)
    found = uploads.status(world.cast.admin, desk, checked.upload)
    assert (found.commit, found.digest) == (None, checked.digest)
    job = queueing.job_of(world.cast.admin, desk, checked.upload)
    assert job is not None
    assert (job.state, "may not sign in" in (job.error or "")) == ("failed", True)


def test_only_admins_commit_without_the_demo_company(world: World) -> None:
    checked = world.check(orders_csv(ROWS), "o.csv", "orders", ORDERS_MAPPING)
    for who in ("finance", "analyst"):
        with pytest.raises(Forbidden, match="admin"):
            queueing.queue(getattr(world.cast, who), world.desk, checked.upload, checked.digest, now=world.now,
                           without_demo=True)
    assert queueing.job_of(world.cast.admin, world.desk, checked.upload) is None
