"""How far the work on an upload is: real counters, never back, and never the whole before it is done."""
from __future__ import annotations

import json
import time
from typing import Any

import pytest
from flask import Flask, current_app

from dashapp.core.mapping import mapping_from_json
from dashapp.ingest.limits import STANDARD
from dashapp.jobs.table import HANDLERS
from dashapp.jobs.worker import Worker
from dashapp.services import advancing, checking, queueing, uploads, working
from dashapp.services.desk import Desk
from models import db
from tests.cast import Cast
from tests.services.world import ORDERS_MAPPING, World, orders, orders_csv


@pytest.fixture
def lite(sqlite_database: Flask, desk: Desk, cast: Cast) -> World:
    return World(desk, cast)


def told(world: World, upload: str, act: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
    """What a person who looks after each step of the work is shown."""
    seen: list[tuple[float, str]] = []
    real = working.progress

    def noted(claim: Any, share: float, step: str = "") -> None:
        real(claim, share, step)
        seen.append(queueing.progress_of(world.cast.finance, world.desk, upload) or (1.0, "over"))

    monkeypatch.setattr(working, "progress", noted)
    monkeypatch.setattr("dashapp.jobs.run.PROGRESS_EVERY", 0.0)
    act()
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    worker = Worker(app, lambda: world.desk, HANDLERS, clock=lambda: world.now)
    while worker.step():
        db.session.remove()
    return seen


def test_a_check_tells_rows_read_then_comparing_and_only_ever_more(
        lite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = lite.receive(orders_csv(orders(400)), "o.csv", "orders")
    mapping = mapping_from_json(ORDERS_MAPPING)
    seen = told(lite, upload, lambda: queueing.queue_check(
        lite.cast.finance, lite.desk, upload, mapping, now=lite.now), monkeypatch)
    shares, steps = [s for s, _ in seen], [w for _, w in seen]
    assert shares == sorted(shares)
    assert shares[-1] < 1
    assert "reading: 401 rows read" in steps, "the header is a row of the file, too"
    assert steps.index("comparing") > max(i for i, w in enumerate(steps) if w.startswith("reading"))
    assert queueing.progress_of(lite.cast.finance, lite.desk, upload) is None
    job = queueing.job_of(lite.cast.finance, lite.desk, upload)
    assert job is not None
    assert (job.state, job.progress) == ("done", 1.0)


def test_check_and_commit_in_one_job_are_one_way_from_nothing_to_the_whole(
        lite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = lite.receive(orders_csv(orders(40)), "o.csv", "orders")
    mapping = mapping_from_json(ORDERS_MAPPING)
    seen = told(lite, upload, lambda: queueing.queue_ingest(
        lite.cast.finance, lite.desk, upload, mapping, now=lite.now), monkeypatch)
    seen = [(s, w) for s, w in seen if w != "over"]
    shares, steps = [s for s, _ in seen], [w for _, w in seen]
    assert shares == sorted(shares)
    assert shares[-1] < 1
    assert list(dict.fromkeys(w.partition(":")[0] for w in steps)) == ["reading", "comparing", "writing it down",
                                                                      "sealing", "committing"]
    assert uploads.status(lite.cast.finance, lite.desk, upload).state == "committed"


def test_a_job_that_is_tried_again_goes_on_from_where_it_was_seen(lite: World) -> None:
    from dashapp.services.unit import writing

    with writing() as session:
        job = working.enqueue(session, "test", {}, now=lite.now, user_id=lite.cast.finance.id)
    claim = working.claim("w", now=lite.now)
    assert claim is not None
    for share, want in ((0.4, 0.4), (0.2, 0.4), (1.0, 0.99), (7.0, 0.99), (-1.0, 0.99)):
        working.progress(claim, share, "x")
        assert working.status(lite.cast.finance, job).progress == want
    working.fail(claim, "the disk is away", now=lite.now, retry=True)
    assert working.status(lite.cast.finance, job).progress == 0.99
    working.finish(working.claim("w", now=lite.now + working.RETRY_AFTER), None, now=lite.now)  # type: ignore[arg-type]
    assert working.status(lite.cast.finance, job).progress == 1.0


def test_a_first_look_is_told_while_it_lasts_and_leaves_nothing(lite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = lite.receive(orders_csv(orders(40)), "o.csv", "orders")
    monkeypatch.setattr(advancing, "EVERY", 0.0)
    seen: list[tuple[float, str] | None] = []
    real = advancing.words

    def heard(rows: int | None) -> str:
        seen.append(advancing.look(lite.desk, upload))
        return real(rows)

    monkeypatch.setattr(advancing, "words", heard)
    checking.inspect(lite.cast.finance, lite.desk, upload, now=lite.now)
    shown = [s for s in seen if s]
    assert (0.55, "reading: 41 rows read") in shown
    assert [s for s, _ in shown] == sorted(s for s, _ in shown)
    assert advancing.look(lite.desk, upload) is None
    assert not list(lite.desk.scratch.glob("reading-*"))


def test_a_note_of_a_process_that_died_is_forgotten(lite: World) -> None:
    with advancing.kept(lite.desk, "u" * 32) as tell:
        tell(2.0, None)
        assert advancing.look(lite.desk, "u" * 32) == (0.99, "reading")
        path = advancing._path(lite.desk, "u" * 32)
        for left in (json.dumps([0.5, "reading", time.monotonic() - 201]), json.dumps([0.5, "reading", 1e15]), "{half",
                     "[1]", "{}", '[0.5, "reading", null]'):
            path.write_text(left)
            assert advancing.look(lite.desk, "u" * 32) is None, left


def test_reading_a_file_has_a_limit_that_the_note_outlives() -> None:
    assert STANDARD.wall < advancing.STALE
