"""Units of work on both databases: no lost update, nothing half-written, waiting instead of failing."""
from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from dashapp.services import keeping
from dashapp.services.unit import reading, writing
from models import Mark, OrganisationVersion, db
from tests.conftest import NOW

COUNTERS, ROUNDS = 8, 25


def test_h6_eight_writers_lose_no_update(database: Flask) -> None:
    keeping.put_mark("counter", {"n": 0}, now=NOW)
    faults: list[BaseException] = []

    def count() -> None:
        with database.app_context():
            try:
                for _ in range(ROUNDS):
                    with writing() as session:
                        row = session.scalar(select(Mark).where(Mark.name == "counter").with_for_update()
                                             .execution_options(populate_existing=True))
                        assert row is not None
                        row.content = {"n": row.content["n"] + 1}
            except BaseException as error:  # noqa: BLE001 - told by the assertion below
                faults.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=count) for _ in range(COUNTERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    found = keeping.get_mark("counter")
    assert found is not None
    assert found[0] == {"n": COUNTERS * ROUNDS}


def test_a_failed_unit_leaves_nothing(database: Flask) -> None:
    def fail() -> None:
        with writing() as session:
            session.add(OrganisationVersion(number=1, content={}, saved_at=NOW, saved_by="x"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with reading() as session:
        assert session.scalars(select(OrganisationVersion)).all() == []


def test_an_inner_unit_joins_the_outer_one(database: Flask) -> None:
    def outer() -> None:
        with writing():
            keeping.put_mark("inner", {}, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()
    assert keeping.get_mark("inner") is None


def test_a_reader_is_not_held_up_by_a_writer(database: Flask) -> None:
    keeping.put_mark("seen", {"n": 1}, now=NOW)
    seen = []

    def look() -> None:
        with database.app_context():
            seen.append(keeping.get_mark("seen"))
            db.session.remove()

    with writing() as session:
        session.get_one(Mark, "seen").content = {"n": 2}
        session.flush()
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
    assert seen[0] is not None
    assert seen[0][0] == {"n": 1}


def test_a_mark_is_replaced_and_keeps_its_moment_in_utc(database: Flask) -> None:
    keeping.put_mark("worker-heartbeat", {"worker": "a"}, now=NOW)
    keeping.put_mark("worker-heartbeat", {"worker": "b"}, now=NOW + timedelta(seconds=1))
    assert keeping.get_mark("worker-heartbeat") == ({"worker": "b"}, NOW + timedelta(seconds=1))
